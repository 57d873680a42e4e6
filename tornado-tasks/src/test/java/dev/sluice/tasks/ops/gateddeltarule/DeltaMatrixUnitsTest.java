package dev.sluice.tasks.ops.gateddeltarule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The form for matrix units, which the embedded runtime emulates, at sizes that it takes, against
/// the reference.
class DeltaMatrixUnitsTest {
  private static final String ID = GatedDeltaRuleImplementation.MATRIX_UNITS.id();
  private static final Device DEVICE =
      Devices.preferred()
          .without(Feature.VECTOR_API)
          .with(Feature.WORK_GROUPS)
          .with(Feature.BF16)
          .with(Feature.MATRIX_UNITS);
  private static final Trial TRIAL =
      new Trial(
          ID,
          DEVICE,
          Choices.forcing(Map.of(GatedDeltaRuleOp.NAME, ID, GatedDeltaRuleOp.UNGATED_NAME, ID)));

  /// Outputs where nothing is forgotten and β reaches 2: what eleven operands lose, about 0.2 %
  /// each, adds up, since the inverse and the states pass on all of it.
  private static final double OUTPUT = 8e-3;

  /// Gradients there, likewise.
  private static final double GRADIENT = 3e-2;

  static Stream<DeltaRuleCase> cases() {
    DeltaRuleCase usual = DeltaRuleCase.of("matrix", 1, 70, 1, 1, 32, 32);
    return Stream.of(
        DeltaRuleCase.of("smallest", 1, 64, 1, 1, 32, 32),
        DeltaRuleCase.of("two tokens", 1, 2, 1, 1, 32, 64),
        DeltaRuleCase.of("several chunks and sequences", 2, 130, 2, 2, 64, 32),
        DeltaRuleCase.of("odd multiples, shared keys", 1, 63, 1, 2, 96, 64),
        DeltaRuleCase.of("largest", 1, 65, 1, 1, 128, 128),
        DeltaRuleCase.packed(
            "packed on matrix units", new int[] {0, 0, 7, 40, 40, 41, 105, 105}, 2, 4, 32, 64),
        usual,
        usual.filled("g", 0),
        usual.filled("g", -30),
        usual.filled("g", -30, 0, -1e-3),
        usual.filled("beta", 0),
        usual.filled("beta", 2, 0, 1),
        usual.without("h0"),
        usual.without("g"),
        usual.scaled("h0", 1e4),
        usual.normalized(),
        DeltaRuleCase.of("one token", 2, 1, 1, 2, 32, 32).normalized(),
        usual.onlyGradientOf("o"),
        usual.onlyGradientOf("ht"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(DeltaRuleCase numbers) {
    Map<String, float[]> results = numbers.run(TRIAL);
    numbers
        .expected()
        .forEach((name, values) ->
            OpCheck.assertClose(
                name,
                values,
                Optional.ofNullable(results.get(name)).orElseThrow(),
                name.startsWith(OpProbe.GRADIENT) ? GRADIENT : OUTPUT));
  }

  @Test
  void otherSizesAreComputedInFloat32() {
    DeltaRuleCase numbers = DeltaRuleCase.of("odd", 1, 70, 1, 1, 20, 24);
    DeltaRuleCase.assertClose(numbers.expected(), numbers.run(TRIAL));
  }

  @Test
  void othersAreChosenOpenlyForSizesThatItDoesNotTake() {
    Choices choices = Choices.automatic().withReducedPrecision();
    DeltaRuleCase numbers = DeltaRuleCase.of("odd", 1, 3, 1, 1, 20, 24);
    DeltaRuleCase.assertClose(
        numbers.expected(), numbers.run(new Trial("automatic", DEVICE, choices)));
    assertEquals(
        "chunked, for matrix-units does not take K 20, V 24",
        choices.made().get(GatedDeltaRuleOp.NAME));
  }

  @Test
  void isTakenOnlyWhereReducedPrecisionIsAskedFor() {
    Choices precise = Choices.automatic();
    Class<GatedDeltaRuleImplementation> all = GatedDeltaRuleImplementation.class;
    assertEquals(
        GatedDeltaRuleImplementation.CHUNKED, precise.choose(GatedDeltaRuleOp.NAME, DEVICE, all));
    assertEquals(
        GatedDeltaRuleImplementation.MATRIX_UNITS,
        precise.withReducedPrecision().choose(GatedDeltaRuleOp.NAME, DEVICE, all));
  }
}
