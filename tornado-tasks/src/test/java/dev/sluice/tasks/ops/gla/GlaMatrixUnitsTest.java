package dev.sluice.tasks.ops.gla;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Map;
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
        GlaCase.of("gates of 0", 4, 1, 128, 1, 32, 32, 0),
        GlaCase.of("gates of -30", 5, 1, 128, 1, 32, 64, -30),
        GlaCase.of("strong and weak gates", 6, 1, 192, 2, 32, 32, 1),
        GlaCase.of("just not strong", 7, 1, 64, 1, 32, 32, -3));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(GlaCase numbers) {
    Map<String, float[]> results = numbers.run(TRIAL);
    numbers
        .expected()
        .forEach((name, values) ->
            OpCheck.assertClose(
                name,
                values,
                results.get(name),
                name.startsWith(OpProbe.GRADIENT)
                    ? OpCheck.REDUCED_GRADIENT
                    : OpCheck.REDUCED_OUTPUT));
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
