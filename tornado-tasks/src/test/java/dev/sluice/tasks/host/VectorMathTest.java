package dev.sluice.tasks.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.junit.jupiter.api.Test;

class VectorMathTest {
  private static final int L = Lanes.COUNT;

  /// A prime step through the bit patterns.
  private static final int STEP = 30_011;

  @FunctionalInterface
  private interface FloatFunction {
    float of(float x);
  }

  private static void same(String name, FloatFunction scalar, UnaryOperator<FloatVector> vector) {
    float[] x = new float[L];
    float[] y = new float[L];
    long bits = Integer.MIN_VALUE;
    while (bits <= Integer.MAX_VALUE) {
      for (int i = 0; i < L; i++) {
        x[i] = Float.intBitsToFloat((int) bits);
        bits += STEP;
      }
      vector.apply(FloatVector.fromArray(Lanes.FLOATS, x, 0)).intoArray(y, 0);
      for (int i = 0; i < L; i++) {
        int expected = Float.floatToIntBits(scalar.of(x[i]));
        if (expected != Float.floatToIntBits(y[i])) {
          assertEquals(Float.intBitsToFloat(expected), y[i], name + " at " + x[i]);
        }
      }
    }
  }

  @Test
  void lanesHaveTheBitsOfTheScalarTwin() {
    same("exp", ScalarMath::exp, VectorMath::exp);
    same("expBelow", x -> ScalarMath.exp(x > 89 ? 0 : x), x -> VectorMath.expBelow(below(x)));
    same(
        "expOfNumber",
        x -> ScalarMath.exp(x <= 89 ? x : 0),
        x -> VectorMath.expOfNumber(x.blend(0f, x.compare(VectorOperators.LE, 89f).not())));
    same("log", ScalarMath::log, VectorMath::log);
    same("log1pUnit", ScalarMath::log1pUnit, VectorMath::log1pUnit);
    same("sigmoid", ScalarMath::sigmoid, VectorMath::sigmoid);
    same("silu", ScalarMath::silu, VectorMath::silu);
    same("siluGradient", ScalarMath::siluGradient, VectorMath::siluGradient);
    same("softplus", ScalarMath::softplus, VectorMath::softplus);
    same("logSigmoid", ScalarMath::logSigmoid, VectorMath::logSigmoid);
    same("tanh", ScalarMath::tanh, VectorMath::tanh);
    same("erfcPositive", ScalarMath::erfcPositive, VectorMath::erfcPositive);
    same("erf", ScalarMath::erf, VectorMath::erf);
    same("normalCdf", ScalarMath::normalCdf, VectorMath::normalCdf);
    same("gelu", ScalarMath::gelu, VectorMath::gelu);
    same("geluGradient", ScalarMath::geluGradient, VectorMath::geluGradient);
  }

  private static FloatVector below(FloatVector x) {
    return x.blend(0f, x.compare(VectorOperators.GT, 89f));
  }

  @Test
  void sumAddsHalves() {
    Random random = new Random(5);
    float[] x = new float[L];
    for (int repeat = 0; repeat < 100; repeat++) {
      for (int i = 0; i < L; i++) {
        x[i] = (float) random.nextGaussian();
      }
      float[] s = x.clone();
      for (int half = L / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
          s[i] += s[i + half];
        }
      }
      assertEquals(s[0], VectorMath.sum(FloatVector.fromArray(Lanes.FLOATS, x, 0)));
    }
  }
}
