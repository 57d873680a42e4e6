package dev.sluice.tasks.ops.rmsnorm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RmsNormOpTest {
  private static final float EPS = 1e-5f;

  static List<Trial> trials() {
    return OpCheck.trials(RmsNormOp.NAME, RmsNormImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, 1, 1);
    check(trial, 5, 60);
    check(trial, 203, 37);
  }

  private static void check(Trial trial, int rows, int columns) {
    float[] x = OpCheck.normal(1, rows * columns);
    float[] w = OpCheck.normal(2, columns);
    float[] dY = OpCheck.normal(3, rows * columns);
    OpProbe probe = trial.probe();
    Tensor y =
        RmsNormOp.apply(
            probe.graph(),
            probe.input("x", Shape.of(rows, columns), x),
            probe.input("w", Shape.of(columns), w),
            EPS);
    var results = probe.run(Map.of("y", y), Map.of("y", dY));

    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    double[] wide = OpCheck.doubles(x);
    RmsNormReference.backward(
        wide, OpCheck.doubles(w), OpCheck.doubles(dY), EPS, dX, dW, rows, columns);
    double[] expected = RmsNormReference.forward(wide, OpCheck.doubles(w), EPS, rows, columns);
    OpCheck.assertClose("y", expected, results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", dW, results.get("grad/w"), OpCheck.GRADIENT);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void ofASumAgreesWithReference(Trial trial) {
    checkSum(trial, 1, 1);
    checkSum(trial, 5, 60);
    checkSum(trial, 63, 37);
  }

  private static void checkSum(Trial trial, int rows, int columns) {
    int size = rows * columns;
    float[] a = OpCheck.normal(1, size);
    float[] b = OpCheck.normal(2, size);
    float[] w = OpCheck.normal(3, columns);
    float[] dX = OpCheck.normal(4, size);
    float[] dY = OpCheck.normal(5, size);
    OpProbe probe = trial.probe();
    RmsNormOp.Sum sum =
        RmsNormOp.applyToSum(
            probe.graph(),
            probe.input("a", Shape.of(rows, columns), a),
            probe.input("b", Shape.of(rows, columns), b),
            probe.input("w", Shape.of(columns), w),
            EPS);
    var results =
        probe.run(Map.of("x", sum.sum(), "y", sum.normalized()), Map.of("x", dX, "y", dY));

    double[] x = new double[size];
    for (int i = 0; i < size; i++) {
      x[i] = (double) a[i] + b[i];
    }
    double[] expectedDX = new double[size];
    double[] expectedDW = new double[columns];
    RmsNormReference.backward(
        x, OpCheck.doubles(w), OpCheck.doubles(dY), EPS, expectedDX, expectedDW, rows, columns);
    for (int i = 0; i < size; i++) {
      expectedDX[i] += dX[i];
    }
    double[] y = RmsNormReference.forward(x, OpCheck.doubles(w), EPS, rows, columns);
    OpCheck.assertClose("x", x, results.get("x"), OpCheck.OUTPUT);
    OpCheck.assertClose("y", y, results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("dA", expectedDX, results.get("grad/a"), OpCheck.GRADIENT);
    OpCheck.assertClose("dB", expectedDX, results.get("grad/b"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", expectedDW, results.get("grad/w"), OpCheck.GRADIENT);
  }

  /// Two norms of the same tensor with the same weight.
  @ParameterizedTest
  @MethodSource("trials")
  void accumulatesGradients(Trial trial) {
    int rows = 11;
    int columns = 24;
    float[] x = OpCheck.normal(1, rows * columns);
    float[] w = OpCheck.normal(2, columns);
    float[] dY = OpCheck.normal(3, rows * columns);
    OpProbe probe = trial.probe();
    Tensor input = probe.input("x", Shape.of(rows, columns), x);
    Tensor weight = probe.input("w", Shape.of(columns), w);
    Tensor y = RmsNormOp.apply(probe.graph(), input, weight, EPS);
    Tensor z = RmsNormOp.apply(probe.graph(), input, weight, EPS);
    var results = probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dY));

    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    double[] doubled = OpCheck.doubles(dY);
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] *= 2.0;
    }
    RmsNormReference.backward(
        OpCheck.doubles(x), OpCheck.doubles(w), doubled, EPS, dX, dW, rows, columns);
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", dW, results.get("grad/w"), OpCheck.GRADIENT);
  }

  @Test
  void referenceGradientsAreDerivatives() {
    int rows = 3;
    int columns = 5;
    double[] x = OpCheck.doubles(OpCheck.normal(1, rows * columns));
    double[] w = OpCheck.doubles(OpCheck.normal(2, columns));
    double[] dY = OpCheck.doubles(OpCheck.normal(3, rows * columns));
    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    RmsNormReference.backward(x, w, dY, EPS, dX, dW, rows, columns);
    OpCheck.assertGradient(
        "dX", p -> OpCheck.dot(dY, RmsNormReference.forward(p, w, EPS, rows, columns)), x, dX);
    OpCheck.assertGradient(
        "dW", p -> OpCheck.dot(dY, RmsNormReference.forward(x, p, EPS, rows, columns)), w, dW);
  }

  @Test
  void refusesAWeightOfOtherLength() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(2, 3), new float[6]);
    Tensor w = probe.input("w", Shape.of(4), new float[4]);
    var refused =
        assertThrows(GraphException.class, () -> RmsNormOp.apply(probe.graph(), x, w, EPS));
    assertEquals("tensor 'w' has shape [4] where [3] is needed", refused.getMessage());
  }
}
