package dev.sluice.tasks.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class ScalarMathTest {
  /// Units in the last place of the exact result.
  private static final double TWO_ULP = 2;

  /// Where a result is a difference of rounded values near 1, or a product of several functions.
  private static final double FEW_ULP = 4;

  /// A polynomial of degree 11 with terms of both signs, and the rounding of e^(−t²).
  private static final double ERFC_ULP = 8;

  /// e^(−x²/2) takes the rounding of x/√2 twice x² times over, up to x² = 170.
  private static final double TAIL_ULP = 200;

  private static final double ULP_OF_1 = Math.pow(2, -23);

  /// Results below this may be 0: e⁻ˣ ends at 2⁻¹²⁵, and silu is |x| ≈ 90 times that.
  private static final double SMALLEST = Math.pow(2, -118);

  /// A prime step through the bit patterns: 400,000 floats of all magnitudes and both signs.
  private static final int STEP = 10_007;

  @FunctionalInterface
  private interface FloatFunction {
    float of(float x);
  }

  private static void check(
      String name,
      FloatFunction f,
      DoubleUnaryOperator exact,
      float low,
      float high,
      double limit) {
    double worst = 0;
    float at = 0;
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STEP) {
      float x = Float.intBitsToFloat((int) bits);
      if (!(x >= low && x <= high)) {
        continue;
      }
      double error = error(f.of(x), exact.applyAsDouble(x));
      if (error > worst) {
        worst = error;
        at = x;
      }
    }
    assertTrue(worst <= limit, name + ": " + worst + " units in the last place at " + at);
  }

  private static double error(float got, double exact) {
    if ((double) got == exact || Float.isInfinite((float) exact) && got == (float) exact) {
      return 0;
    }
    if (got == 0 && Math.abs(exact) <= SMALLEST) {
      return 0;
    }
    double error = Math.abs(got - exact) / Math.ulp((float) exact);
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }

  private static void checkAbsolute(
      String name, FloatFunction f, DoubleUnaryOperator exact, double limit) {
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STEP) {
      float x = Float.intBitsToFloat((int) bits);
      if (!Float.isNaN(x)) {
        assertEquals(exact.applyAsDouble(x), f.of(x), limit * ULP_OF_1, name + " at " + x);
      }
    }
  }

  private static final float ALL = Float.POSITIVE_INFINITY;

  @Test
  void exponentials() {
    check("exp", ScalarMath::exp, Math::exp, -ALL, ALL, TWO_ULP);
    check("sigmoid", ScalarMath::sigmoid, x -> 1 / (1 + Math.exp(-x)), -ALL, ALL, FEW_ULP);
    check("silu", ScalarMath::silu, x -> x / (1 + Math.exp(-x)), -1e30f, ALL, FEW_ULP);
    check("tanh", ScalarMath::tanh, Math::tanh, -ALL, ALL, TWO_ULP);
    check(
        "softplus",
        ScalarMath::softplus,
        x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
        -ALL,
        ALL,
        FEW_ULP);
    check(
        "logSigmoid",
        ScalarMath::logSigmoid,
        x -> Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
        -ALL,
        ALL,
        FEW_ULP);
    checkAbsolute("siluGradient", ScalarMath::siluGradient, ScalarMathTest::siluGradient, FEW_ULP);
  }

  private static double siluGradient(double x) {
    double c = Math.clamp(x, -200, 200);
    double s = 1 / (1 + Math.exp(-c));
    return s * (1 + c * (1 - s));
  }

  @Test
  void logarithms() {
    check("log", ScalarMath::log, Math::log, 0, ALL, TWO_ULP);
    check("log1pUnit", ScalarMath::log1pUnit, Math::log1p, 0, 1, TWO_ULP);
  }

  @Test
  void errorFunctions() {
    check("erf", ScalarMath::erf, ScalarMathTest::erf, -ALL, ALL, TWO_ULP);
    check("erfcPositive", ScalarMath::erfcPositive, ScalarMathTest::erfc, 0, ALL, ERFC_ULP);
    check("gelu", ScalarMath::gelu, x -> x * cdf(x), -9f, ALL, TAIL_ULP);
    checkAbsolute("normalCdf", ScalarMath::normalCdf, ScalarMathTest::cdf, FEW_ULP);
    checkAbsolute("geluGradient", ScalarMath::geluGradient, ScalarMathTest::geluGradient, FEW_ULP);
  }

  private static double geluGradient(double x) {
    double c = Math.clamp(x, -40, 40);
    return cdf(c) + c * Math.exp(-c * c / 2) / Math.sqrt(2 * Math.PI);
  }

  private static double cdf(double x) {
    return 0.5 * erfc(-x / Math.sqrt(2));
  }

  private static double erf(double x) {
    if (Math.abs(x) > 2) {
      return Math.signum(x) * (1 - erfc(Math.abs(x)));
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < 60; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  /// Beyond 2 the continued fraction of Laplace, from its 200th level up.
  private static double erfc(double x) {
    if (x < 2) {
      return x < -2 ? 2 - erfc(-x) : 1 - erf(x);
    }
    double f = x;
    for (int n = 200; n > 0; n--) {
      f = x + n / 2.0 / f;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / f;
  }

  @Test
  void limits() {
    float inf = Float.POSITIVE_INFINITY;
    assertEquals(0f, ScalarMath.exp(-inf));
    assertEquals(0f, ScalarMath.exp(-1e30f));
    assertEquals(inf, ScalarMath.exp(inf));
    assertEquals(inf, ScalarMath.exp(88.73f));
    assertEquals(1f, ScalarMath.exp(Float.MIN_VALUE));
    assertEquals(-inf, ScalarMath.log(0f));
    assertEquals(-inf, ScalarMath.log(-0f));
    assertEquals(inf, ScalarMath.log(inf));
    assertEquals(-0f, ScalarMath.silu(-inf));
    assertEquals(inf, ScalarMath.silu(inf));
    assertEquals(0f, ScalarMath.siluGradient(-inf), (float) ULP_OF_1);
    assertEquals(1f, ScalarMath.siluGradient(inf));
    assertEquals(-0f, ScalarMath.gelu(-inf));
    assertEquals(inf, ScalarMath.gelu(inf));
    assertEquals(0f, ScalarMath.geluGradient(-inf), (float) ULP_OF_1);
    assertEquals(1f, ScalarMath.geluGradient(inf));
    assertEquals(-0f, ScalarMath.tanh(-0f));
    assertEquals(Float.MIN_VALUE, ScalarMath.tanh(Float.MIN_VALUE));
    assertTrue(Float.isNaN(ScalarMath.log(-1f)));
    for (FloatFunction f :
        new FloatFunction[] {
          ScalarMath::exp, ScalarMath::log, ScalarMath::log1pUnit, ScalarMath::sigmoid,
              ScalarMath::silu,
          ScalarMath::siluGradient, ScalarMath::softplus, ScalarMath::logSigmoid, ScalarMath::tanh,
              ScalarMath::erf,
          ScalarMath::erfcPositive, ScalarMath::normalCdf, ScalarMath::gelu,
              ScalarMath::geluGradient
        }) {
      assertTrue(Float.isNaN(f.of(Float.NaN)));
    }
  }
}
