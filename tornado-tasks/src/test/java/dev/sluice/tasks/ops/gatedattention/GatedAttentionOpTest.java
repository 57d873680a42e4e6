package dev.sluice.tasks.ops.gatedattention;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static dev.sluice.tasks.testing.OpCheck.assertGradient;
import static dev.sluice.tasks.testing.OpCheck.dot;
import static dev.sluice.tasks.testing.OpCheck.doubles;
import static dev.sluice.tasks.testing.OpCheck.normal;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.attention.AttentionImplementation;
import dev.sluice.tasks.ops.attention.AttentionOp;
import dev.sluice.tasks.ops.attention.AttentionOptions;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GatedAttentionOpTest {
  private static final long SEED = 31;

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(AttentionOp.NAME, AttentionImplementation.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void referenceGradientsAreThoseOfFiniteDifferences(int gates) {
    double[] o = doubles(normal(SEED, 20));
    double[] gate = doubles(normal(SEED + 1, 4 * gates));
    double[] dY = doubles(normal(SEED + 2, 20));
    double[] dO = new double[20];
    double[] dGate = new double[4 * gates];
    GatedAttentionReference.backward(o, gate, dY, dO, dGate, 4, 5, gates);
    assertGradient("o", x -> dot(GatedAttentionReference.forward(x, gate, 4, 5, gates), dY), o, dO);
    assertGradient(
        "gate", x -> dot(GatedAttentionReference.forward(o, x, 4, 5, gates), dY), gate, dGate);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 17})
  void gateAgreesWithTheReference(int gates) {
    OpCheck.trials(GatedAttentionOp.NAME, GatedAttentionImplementation.class)
        .forEach(trial -> checkGate(trial, gates));
  }

  private static void checkGate(OpCheck.Trial trial, int gates) {
    int rows = 2 * 3 * 4;
    float[] o = normal(SEED, rows * 17);
    float[] gate = normal(SEED + 1, rows * gates);
    gate[0] = -30;
    gate[1] = 0;
    gate[2] = 100;
    gate[3] = -100;
    float[] dY = normal(SEED + 2, o.length);
    OpProbe probe = trial.probe();
    Tensor y =
        GatedAttentionOp.gate(
            probe.graph(),
            probe.input("o", Shape.of(2, 3, 4, 17), o),
            probe.input("gate", Shape.of(2, 3, 4, gates), gate));
    Map<String, float[]> actual = probe.run(Map.of("y", y), Map.of("y", dY));
    double[] dO = new double[o.length];
    double[] dGate = new double[gate.length];
    GatedAttentionReference.backward(
        doubles(o), doubles(gate), doubles(dY), dO, dGate, rows, 17, gates);
    double[] expected = GatedAttentionReference.forward(doubles(o), doubles(gate), rows, 17, gates);
    assertClose("y", expected, actual.get("y"), OpCheck.OUTPUT);
    assertClose("o", dO, actual.get("grad/o"), OpCheck.GRADIENT);
    assertClose("gate", dGate, actual.get("grad/gate"), OpCheck.GRADIENT);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheConformanceFile(OpCheck.Trial trial) {
    ConformanceFile file = ConformanceFile.find("gated_attention").orElse(null);
    assumeTrue(file != null, "no conformance files here");
    for (String one : file.cases()) {
      OpProbe probe = trial.probe();
      Shape shape = Shape.of(file.shape(one + "/in/q"));
      Tensor o =
          GatedAttentionOp.apply(
              probe.graph(),
              probe.input("q", shape, file.floats(one + "/in/q")),
              probe.input("k", shape, file.floats(one + "/in/k")),
              probe.input("v", shape, file.floats(one + "/in/v")),
              AttentionOptions.causal(shape.columns()),
              probe.input("gate", shape, file.floats(one + "/in/gate")),
              null);
      Map<String, float[]> actual =
          probe.run(Map.of("o", o), Map.of("o", file.floats(one + "/cot/o")));
      assertClose("o", doubles(file.floats(one + "/out/o")), actual.get("o"), OpCheck.OUTPUT);
      for (String input : List.of("q", "k", "v", "gate")) {
        assertClose(
            input,
            doubles(file.floats(one + "/grad/" + input)),
            actual.get("grad/" + input),
            OpCheck.GRADIENT);
      }
    }
  }

  @Test
  void refusesAGateOfAnotherSize() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor o = probe.input("o", Shape.of(1, 2, 3, 4), new float[24]);
    Tensor gate = probe.input("gate", Shape.of(1, 2, 2), new float[4]);
    assertThrows(GraphException.class, () -> GatedAttentionOp.gate(probe.graph(), o, gate));
  }
}
