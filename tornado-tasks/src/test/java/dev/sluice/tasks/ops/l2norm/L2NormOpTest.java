package dev.sluice.tasks.ops.l2norm;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

class L2NormOpTest {
  private static final float EPS = 1e-6f;

  static List<Trial> trials() {
    return OpCheck.trials(L2NormOp.NAME, L2NormImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, 1, 2);
    check(trial, 21, 60);
    check(trial, 203, 7);
  }

  private static void check(Trial trial, int rows, int columns) {
    float[] x = OpCheck.normal(1, rows * columns);
    float[] dY = OpCheck.normal(2, rows * columns);
    OpProbe probe = trial.probe();
    Tensor y = L2NormOp.apply(probe.graph(), probe.input("x", Shape.of(rows, columns), x), EPS);
    var results = probe.run(Map.of("y", y), Map.of("y", dY));

    double[] dX = new double[x.length];
    L2NormReference.backward(OpCheck.doubles(x), OpCheck.doubles(dY), EPS, dX, rows, columns);
    double[] expected = L2NormReference.forward(OpCheck.doubles(x), EPS, rows, columns);
    OpCheck.assertClose("y", expected, results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
  }

  /// The op twice on one tensor: the second gradient is added to the first.
  @ParameterizedTest
  @MethodSource("trials")
  void accumulatesGradients(Trial trial) {
    float[] x = OpCheck.normal(1, 5 * 12);
    float[] dY = OpCheck.normal(2, 5 * 12);
    OpProbe probe = trial.probe();
    Tensor input = probe.input("x", Shape.of(5, 12), x);
    Tensor y = L2NormOp.apply(probe.graph(), input, EPS);
    Tensor z = L2NormOp.apply(probe.graph(), input, EPS);
    var results = probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dY));
    double[] dX = new double[x.length];
    L2NormReference.backward(OpCheck.doubles(x), OpCheck.doubles(dY), EPS, dX, 5, 12);
    for (int i = 0; i < dX.length; i++) {
      dX[i] *= 2.0;
    }
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
  }

  @Test
  void aRowOfZerosStaysZero() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor y =
        L2NormOp.apply(probe.graph(), probe.constant("x", Shape.of(1, 4), new float[4]), EPS);
    assertEquals(0.0f, probe.run(Map.of("y", y), Map.of()).get("y")[3]);
  }

  @Test
  void referenceGradientIsDerivative() {
    double[] x = OpCheck.doubles(OpCheck.normal(1, 3 * 5));
    double[] dY = OpCheck.doubles(OpCheck.normal(2, 3 * 5));
    double[] dX = new double[x.length];
    L2NormReference.backward(x, dY, EPS, dX, 3, 5);
    OpCheck.assertGradient(
        "dX", p -> OpCheck.dot(dY, L2NormReference.forward(p, EPS, 3, 5)), x, dX);
  }
}
