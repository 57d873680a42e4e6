package dev.sluice.tasks.ops.swiglu;

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

class SwigluOpTest {
  private static final Shape SHAPE = Shape.of(3, 7, 61);

  static List<Trial> trials() {
    return OpCheck.trials(SwigluOp.NAME, SwigluImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    float[] gate = OpCheck.normal(1, SHAPE.size());
    float[] up = OpCheck.normal(2, SHAPE.size());
    float[] dY = OpCheck.normal(3, SHAPE.size());
    OpProbe probe = trial.probe();
    Tensor y =
        SwigluOp.apply(
            probe.graph(), probe.input("gate", SHAPE, gate), probe.input("up", SHAPE, up));
    var results = probe.run(Map.of("y", y), Map.of("y", dY));

    double[] dGate = new double[gate.length];
    double[] dUp = new double[up.length];
    SwigluReference.backward(
        OpCheck.doubles(gate), OpCheck.doubles(up), OpCheck.doubles(dY), dGate, dUp);
    double[] expected = SwigluReference.forward(OpCheck.doubles(gate), OpCheck.doubles(up));
    OpCheck.assertClose("y", expected, results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("dGate", dGate, results.get("grad/gate"), OpCheck.GRADIENT);
    OpCheck.assertClose("dUp", dUp, results.get("grad/up"), OpCheck.GRADIENT);
  }

  /// One tensor as gate and as factor: both gradients meet in one array.
  @ParameterizedTest
  @MethodSource("trials")
  void accumulatesGradients(Trial trial) {
    float[] x = OpCheck.normal(1, SHAPE.size());
    float[] dY = OpCheck.normal(2, SHAPE.size());
    OpProbe probe = trial.probe();
    Tensor input = probe.input("x", SHAPE, x);
    Tensor other = probe.input("other", SHAPE, x);
    Tensor y = SwigluOp.apply(probe.graph(), input, other);
    Tensor z = SwigluOp.apply(probe.graph(), other, input);
    var results = probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dY));

    double[] dGate = new double[x.length];
    double[] dUp = new double[x.length];
    SwigluReference.backward(
        OpCheck.doubles(x), OpCheck.doubles(x), OpCheck.doubles(dY), dGate, dUp);
    for (int i = 0; i < dUp.length; i++) {
      dGate[i] += dUp[i];
    }
    OpCheck.assertClose("dX", dGate, results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dOther", dGate, results.get("grad/other"), OpCheck.GRADIENT);
  }

  @Test
  void referenceGradientsAreDerivatives() {
    double[] gate = OpCheck.doubles(OpCheck.normal(1, 9));
    double[] up = OpCheck.doubles(OpCheck.normal(2, 9));
    double[] dY = OpCheck.doubles(OpCheck.normal(3, 9));
    double[] dGate = new double[9];
    double[] dUp = new double[9];
    SwigluReference.backward(gate, up, dY, dGate, dUp);
    OpCheck.assertGradient(
        "dGate", p -> OpCheck.dot(dY, SwigluReference.forward(p, up)), gate, dGate);
    OpCheck.assertGradient("dUp", p -> OpCheck.dot(dY, SwigluReference.forward(gate, p)), up, dUp);
  }

  @Test
  void refusesOperandsOfDifferentShapes() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor gate = probe.input("gate", Shape.of(2, 3), new float[6]);
    Tensor up = probe.input("up", Shape.of(2, 4), new float[8]);
    var refused = assertThrows(GraphException.class, () -> SwigluOp.apply(probe.graph(), gate, up));
    assertEquals("tensor 'up' has shape [2, 4] where [2, 3] is needed", refused.getMessage());
  }
}
