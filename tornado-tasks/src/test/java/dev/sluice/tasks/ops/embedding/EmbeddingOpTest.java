package dev.sluice.tasks.ops.embedding;

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

class EmbeddingOpTest {
  private static final int BATCH = 3;
  private static final int TIME = 41;
  private static final int COLUMNS = 12;

  static List<Trial> trials() {
    return OpCheck.trials(EmbeddingOp.NAME, EmbeddingImplementation.class);
  }

  /// Few rows used often, and many rows of which most are unused.
  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, 7, TIME);
    check(trial, 500, TIME);
  }

  /// More uses than are compared with one another at once.
  @ParameterizedTest
  @MethodSource("trials")
  void addsUpBlocksOfUses(Trial trial) {
    check(trial, 40, 301);
  }

  private static void check(Trial trial, int vocabulary, int time) {
    int[] ids = OpCheck.integers(1, BATCH * time, vocabulary);
    float[] table = OpCheck.normal(2, vocabulary * COLUMNS);
    float[] dY = OpCheck.normal(3, BATCH * time * COLUMNS);
    OpProbe probe = trial.probe();
    Tensor tensorIds = probe.integers("ids", Shape.of(BATCH, time), ids);
    Tensor tensorTable = probe.input("table", Shape.of(vocabulary, COLUMNS), table);
    Tensor y = EmbeddingOp.apply(probe.graph(), tensorIds, tensorTable);
    assertEquals(Shape.of(BATCH, time, COLUMNS), y.shape());
    var results = probe.run(Map.of("y", y), Map.of("y", dY));

    double[] dTable = new double[table.length];
    EmbeddingReference.backward(ids, OpCheck.doubles(dY), dTable, BATCH * time, COLUMNS);
    double[] expected =
        EmbeddingReference.forward(ids, OpCheck.doubles(table), BATCH * time, COLUMNS);
    OpCheck.assertClose("y", expected, results.get("y"), 0.0);
    OpCheck.assertClose("dTable", dTable, results.get("grad/table"), OpCheck.GRADIENT);
  }

  /// A table that is used twice, as with tied weights: the second gradient is added to the first.
  @ParameterizedTest
  @MethodSource("trials")
  void accumulatesGradients(Trial trial) {
    int vocabulary = 5;
    int[] ids = OpCheck.integers(1, TIME, vocabulary);
    int[] others = OpCheck.integers(2, TIME, vocabulary);
    float[] dY = OpCheck.normal(3, TIME * COLUMNS);
    float[] dZ = OpCheck.normal(4, TIME * COLUMNS);
    OpProbe probe = trial.probe();
    Tensor table =
        probe.input(
            "table", Shape.of(vocabulary, COLUMNS), OpCheck.normal(5, vocabulary * COLUMNS));
    Tensor y =
        EmbeddingOp.apply(probe.graph(), probe.integers("ids", Shape.of(1, TIME), ids), table);
    Tensor z =
        EmbeddingOp.apply(
            probe.graph(), probe.integers("others", Shape.of(1, TIME), others), table);
    var results = probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dZ));

    double[] expected = new double[vocabulary * COLUMNS];
    double[] second = new double[vocabulary * COLUMNS];
    EmbeddingReference.backward(ids, OpCheck.doubles(dY), expected, TIME, COLUMNS);
    EmbeddingReference.backward(others, OpCheck.doubles(dZ), second, TIME, COLUMNS);
    for (int i = 0; i < expected.length; i++) {
      expected[i] += second[i];
    }
    OpCheck.assertClose("dTable", expected, results.get("grad/table"), OpCheck.GRADIENT);
  }

  @Test
  void referenceGradientIsDerivative() {
    int[] ids = {2, 0, 2, 1, 2};
    double[] table = OpCheck.doubles(OpCheck.normal(1, 4 * 3));
    double[] dY = OpCheck.doubles(OpCheck.normal(2, 5 * 3));
    double[] dTable = new double[table.length];
    EmbeddingReference.backward(ids, dY, dTable, 5, 3);
    OpCheck.assertGradient(
        "dTable", p -> OpCheck.dot(dY, EmbeddingReference.forward(ids, p, 5, 3)), table, dTable);
  }

  @Test
  void refusesIdsThatAreNotIntegers() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor ids = probe.input("ids", Shape.of(1, 2), new float[2]);
    Tensor table = probe.input("table", Shape.of(3, 2), new float[6]);
    var refused =
        assertThrows(GraphException.class, () -> EmbeddingOp.apply(probe.graph(), ids, table));
    assertEquals("ids 'ids' are FLOAT32, not INT32", refused.getMessage());
  }
}
