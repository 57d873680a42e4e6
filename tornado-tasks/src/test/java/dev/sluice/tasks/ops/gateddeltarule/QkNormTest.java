package dev.sluice.tasks.ops.gateddeltarule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The norm of `q` and `k` inside the delta rules.
class QkNormTest {
  /// The same sums, with rows divided by their length before them.
  private static final double DOUBLE = 1e-12;

  static List<Trial> trials() {
    return OpCheck.trials(GatedDeltaRuleOp.NAME, GatedDeltaRuleImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReferenceAtOddSizes(Trial trial) {
    DeltaRuleCase numbers = DeltaRuleCase.of("odd", 2, 63, 1, 2, 60, 20).normalized();
    DeltaRuleCase.assertClose(numbers.expected(), numbers.run(trial));
  }

  /// A row of zeros has no direction: its gradient is that of `x / √eps`.
  @ParameterizedTest
  @MethodSource("trials")
  void gradientsOfRowsOfZerosAreFinite(Trial trial) {
    DeltaRuleCase zeros =
        DeltaRuleCase.of("zeros", 1, 40, 1, 1, 20, 12).filled("q", 0).filled("k", 0).normalized();
    Map<String, float[]> results = zeros.run(trial);
    results.forEach((name, values) -> {
      for (float value : values) {
        assertTrue(Float.isFinite(value), name);
      }
    });
    DeltaRuleCase.assertClose(zeros.expected(), results);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void packedSequencesEqualSeparateOnes(Trial trial) {
    DeltaRuleCase packed =
        DeltaRuleCase.packed("packed", new int[] {0, 0, 5, 22, 64, 140, 140}, 1, 2, 12, 20)
            .normalized();
    Map<String, float[]> together = packed.run(trial);
    for (int n = 0; n < packed.sequences(); n++) {
      if (packed.length(n) > 0) {
        for (Map.Entry<String, float[]> alone : packed.alone(n).run(trial).entrySet()) {
          float[] all = Optional.ofNullable(together.get(alone.getKey())).orElseThrow();
          float[] part = packed.part(alone.getKey(), all, n);
          assertArrayEquals(alone.getValue(), part, alone.getKey() + " of " + n);
        }
      }
    }
  }

  @Test
  void theReferenceIsThatOfRowsDividedByTheirLength() {
    DeltaRuleCase given = DeltaRuleCase.of("lengths", 1, 9, 1, 2, 5, 4).scaled("k", 3);
    DeltaRuleCase unit = given.with("q", unit(given, "q")).with("k", unit(given, "k"));
    Map<String, double[]> expected = unit.expected();
    Map<String, double[]> actual = given.normalized().expected();
    for (String name : List.of("o", "ht", OpProbe.GRADIENT + "v", OpProbe.GRADIENT + "beta")) {
      double[] values = Optional.ofNullable(expected.get(name)).orElseThrow();
      assertTrue(OpCheck.error(values, actual.get(name)) < DOUBLE, name);
    }
  }

  private static double[] unit(DeltaRuleCase numbers, String input) {
    double[] rows = numbers.input(input).clone();
    for (int at = 0; at < rows.length; at += numbers.keySize()) {
      double squares = QkNorm.EPS;
      for (int i = at; i < at + numbers.keySize(); i++) {
        squares += rows[i] * rows[i];
      }
      for (int i = at; i < at + numbers.keySize(); i++) {
        rows[i] /= Math.sqrt(squares);
      }
    }
    return rows;
  }
}
