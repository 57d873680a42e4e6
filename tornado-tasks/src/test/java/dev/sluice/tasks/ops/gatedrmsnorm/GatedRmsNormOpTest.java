package dev.sluice.tasks.ops.gatedrmsnorm;

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

class GatedRmsNormOpTest {
  private static final float EPS = 1e-5f;

  static List<Trial> trials() {
    return OpCheck.trials(GatedRmsNormOp.NAME, GatedRmsNormImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, 1, 1, 1);
    check(trial, 5, 60, 1);
    check(trial, 203, 37, 1);
  }

  /// The op twice on the same tensors: the second gradient is added to the first.
  @ParameterizedTest
  @MethodSource("trials")
  void accumulatesGradients(Trial trial) {
    check(trial, 11, 24, 2);
  }

  private static void check(Trial trial, int rows, int columns, int uses) {
    float[] x = OpCheck.normal(1, rows * columns);
    float[] gate = OpCheck.normal(2, rows * columns);
    float[] w = OpCheck.normal(3, columns);
    float[] dY = OpCheck.normal(4, rows * columns);
    OpProbe probe = trial.probe();
    Tensor tx = probe.input("x", Shape.of(rows, columns), x);
    Tensor tg = probe.input("gate", Shape.of(rows, columns), gate);
    Tensor tw = probe.input("w", Shape.of(columns), w);
    Tensor y = GatedRmsNormOp.apply(probe.graph(), tx, tg, tw, EPS);
    Tensor z = uses == 2 ? GatedRmsNormOp.apply(probe.graph(), tx, tg, tw, EPS) : y;
    var results =
        uses == 2
            ? probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dY))
            : probe.run(Map.of("y", y), Map.of("y", dY));

    double[] dX = new double[x.length];
    double[] dGate = new double[x.length];
    double[] dW = new double[w.length];
    double[] slope = OpCheck.doubles(dY);
    for (int i = 0; i < slope.length; i++) {
      slope[i] *= uses;
    }
    double[] wideX = OpCheck.doubles(x);
    double[] wideGate = OpCheck.doubles(gate);
    double[] wideW = OpCheck.doubles(w);
    GatedRmsNormReference.backward(
        wideX, wideGate, wideW, slope, EPS, dX, dGate, dW, rows, columns);
    double[] expected = GatedRmsNormReference.forward(wideX, wideGate, wideW, EPS, rows, columns);
    OpCheck.assertClose("y", expected, results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dGate", dGate, results.get("grad/gate"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", dW, results.get("grad/w"), OpCheck.GRADIENT);
  }

  @Test
  void referenceGradientsAreDerivatives() {
    int rows = 3;
    int columns = 5;
    double[] x = OpCheck.doubles(OpCheck.normal(1, rows * columns));
    double[] gate = OpCheck.doubles(OpCheck.normal(2, rows * columns));
    double[] w = OpCheck.doubles(OpCheck.normal(3, columns));
    double[] dY = OpCheck.doubles(OpCheck.normal(4, rows * columns));
    double[] dX = new double[x.length];
    double[] dGate = new double[x.length];
    double[] dW = new double[w.length];
    GatedRmsNormReference.backward(x, gate, w, dY, EPS, dX, dGate, dW, rows, columns);
    OpCheck.assertGradient(
        "dX",
        p -> OpCheck.dot(dY, GatedRmsNormReference.forward(p, gate, w, EPS, rows, columns)),
        x,
        dX);
    OpCheck.assertGradient(
        "dGate",
        p -> OpCheck.dot(dY, GatedRmsNormReference.forward(x, p, w, EPS, rows, columns)),
        gate,
        dGate);
    OpCheck.assertGradient(
        "dW",
        p -> OpCheck.dot(dY, GatedRmsNormReference.forward(x, gate, p, EPS, rows, columns)),
        w,
        dW);
  }

  @Test
  void refusesAGateOfOtherShape() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(2, 3), new float[6]);
    Tensor gate = probe.input("gate", Shape.of(2, 4), new float[8]);
    Tensor w = probe.input("w", Shape.of(3), new float[3]);
    var refused =
        assertThrows(
            GraphException.class, () -> GatedRmsNormOp.apply(probe.graph(), x, gate, w, EPS));
    assertEquals("tensor 'gate' has shape [2, 4] where [2, 3] is needed", refused.getMessage());
  }
}
