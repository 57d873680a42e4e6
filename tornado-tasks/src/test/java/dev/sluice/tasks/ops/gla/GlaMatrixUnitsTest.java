package dev.sluice.tasks.ops.gla;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.ops.retention.RetentionOp;
import dev.sluice.tasks.ops.retention.RetentionReference;
import dev.sluice.tasks.ops.simplegla.SimpleGlaReference;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The form for matrix units, which the embedded runtime emulates, at sizes that it takes, against
/// the reference.
class GlaMatrixUnitsTest {
  private static final String ID = GlaImplementation.MATRIX_UNITS.id();
  private static final Device DEVICE =
      Devices.preferred()
          .without(Feature.VECTOR_API)
          .with(Feature.WORK_GROUPS)
          .with(Feature.BF16)
          .with(Feature.MATRIX_UNITS);
  private static final Trial TRIAL = new Trial(ID, DEVICE, Choices.forcing(Map.of(GlaOp.NAME, ID)));

  static Stream<GlaCase> cases() {
    return Stream.of(
        GlaCase.of("smallest", 1, 1, 64, 1, 32, 32, -0.1f),
        GlaCase.of("odd multiples, several sequences", 2, 2, 128, 2, 96, 96, -0.3f),
        GlaCase.of("largest", 3, 1, 64, 1, 128, 128, -0.1f),
        GlaCase.of("many keys, few values", 8, 1, 128, 1, 128, 32, -0.2f),
        GlaCase.of("few keys, many values", 9, 1, 128, 1, 32, 128, -0.2f),
        GlaCase.of("usual", 10, 1, 192, 2, 64, 64, -0.06f),
        GlaCase.of("gates of 0", 4, 1, 128, 1, 32, 32, 0),
        GlaCase.of("gates of -30", 5, 1, 128, 1, 32, 64, -30),
        GlaCase.of("strong and weak gates", 6, 1, 192, 2, 32, 32, 1),
        GlaCase.of("just not strong", 7, 1, 64, 1, 32, 32, -3));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(GlaCase numbers) {
    assertReducedClose(numbers.expected(), numbers.run(TRIAL));
  }

  @Test
  void gatesMayBelongToHeads() {
    GlaCase drawn = GlaCase.of("a gate a head", 12, 2, 128, 2, 64, 32, -0.2f);
    int keys = drawn.keySize();
    double[] full = drawn.input("g");
    double[] g = IntStream.range(0, full.length / keys).mapToDouble(i -> full[i * keys]).toArray();
    GlaCase numbers = drawn.with("g", SimpleGlaReference.gates(g, keys));
    Map<String, double[]> expected = numbers.expected();
    expected.computeIfPresent(
        OpProbe.GRADIENT + "g", (name, dG) -> SimpleGlaReference.gatesGradient(dG, keys));
    Map<String, float[]> results =
        numbers.run(
            TRIAL,
            (probe, q, k, v, h0, cu) -> {
              Shape shape = Shape.of(q.shape().extent(0), q.shape().extent(1), drawn.heads());
              var gate = probe.input("g", shape, GlaCase.floats(g));
              return GatedLinearAttention.apply(
                  probe.graph(), GlaOp.NAME, q, k, v, gate, GateKind.HEAD, GlaCase.SCALE, h0, cu);
            });
    assertReducedClose(expected, results);
  }

  @Test
  void gatesMayBeConstant() {
    GlaCase drawn = GlaCase.of("constant gates", 13, 1, 128, 2, 32, 64, 0);
    GlaCase numbers =
        drawn.with("g", RetentionReference.gates(drawn.rows(), drawn.heads(), drawn.keySize()));
    Map<String, double[]> expected = numbers.expected();
    expected.remove(OpProbe.GRADIENT + "g");
    var trial = new Trial(ID, DEVICE, Choices.forcing(Map.of(RetentionOp.NAME, ID)));
    assertReducedClose(
        expected,
        numbers.run(
            trial,
            (probe, q, k, v, h0, cu) ->
                RetentionOp.apply(probe.graph(), q, k, v, GlaCase.SCALE, h0, cu)));
  }

  private static void assertReducedClose(
      Map<String, double[]> expected, Map<String, float[]> results) {
    expected.forEach((name, values) ->
        OpCheck.assertClose(
            name,
            values,
            results.get(name),
            name.startsWith(OpProbe.GRADIENT) ? OpCheck.REDUCED_GRADIENT : OpCheck.REDUCED_OUTPUT));
  }

  @Test
  void otherSizesAreComputedInFloat32() {
    GlaCase numbers = GlaCase.of("odd", 2, 1, 70, 1, 20, 24, -0.5f);
    GlaCase.assertClose(numbers.expected(), numbers.run(TRIAL));
  }

  @Test
  void isTakenOnlyWhereReducedPrecisionIsAskedFor() {
    Choices precise = Choices.automatic();
    assertEquals(
        GlaImplementation.CHUNKED, precise.choose(GlaOp.NAME, DEVICE, GlaImplementation.class));
    assertEquals(
        GlaImplementation.MATRIX_UNITS,
        precise.withReducedPrecision().choose(GlaOp.NAME, DEVICE, GlaImplementation.class));
    assertThrows(
        GraphException.class,
        () -> TRIAL.choices().choose(GlaOp.NAME, Devices.preferred(), GlaImplementation.class));
  }
}
