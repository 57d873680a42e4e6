package dev.sluice.tasks.ops.gateddeltarule;

import static dev.sluice.tasks.testing.OpCheck.assertGradient;
import static dev.sluice.tasks.testing.OpCheck.dot;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of the gated delta rule against the reference and the conformance file.
class GatedDeltaRuleOpTest {
  /// The WY form and the recurrence in double: products of 20 factors in another order.
  private static final double DOUBLE = 1e-12;

  static List<Trial> trials() {
    return OpCheck.trials(GatedDeltaRuleOp.NAME, GatedDeltaRuleImplementation.class);
  }

  static Stream<Object[]> trialsAndCases() {
    return trials().stream().flatMap(t -> DeltaRuleCase.all().map(c -> new Object[] {t, c}));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("trialsAndCases")
  void agreesWithTheReference(Trial trial, DeltaRuleCase numbers) {
    DeltaRuleCase.assertClose(numbers.expected(), numbers.run(trial));
  }

  @ParameterizedTest
  @MethodSource("trials")
  void packedSequencesEqualSeparateOnes(Trial trial) {
    DeltaRuleCase packed =
        DeltaRuleCase.packed("packed", new int[] {0, 5, 5, 22, 64, 140, 140}, 1, 2, 12, 20);
    Map<String, float[]> together = packed.run(trial);
    for (int n = 0; n < packed.sequences(); n++) {
      if (packed.length(n) > 0) {
        for (Map.Entry<String, float[]> alone : packed.alone(n).run(trial).entrySet()) {
          float[] part =
              packed.part(
                  alone.getKey(),
                  Optional.ofNullable(together.get(alone.getKey())).orElseThrow(),
                  n);
          assertArrayEquals(alone.getValue(), part, alone.getKey() + " of " + n);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheConformanceFile(Trial trial) {
    Optional<ConformanceFile> file = ConformanceFile.find(GatedDeltaRuleOp.NAME);
    Assumptions.assumeTrue(file.isPresent());
    for (String name : file.get().cases()) {
      DeltaRuleConformance.check(trial, file.get(), name);
    }
  }

  @Test
  void referenceGradientsAgreeWithDifferences() {
    DeltaRuleCase numbers = DeltaRuleCase.packed("differences", new int[] {0, 3, 3, 7}, 1, 2, 3, 2);
    assertGradientsAreDifferences(numbers);
    assertGradientsAreDifferences(numbers.normalized());
    assertGradientsAreDifferences(numbers.scaled("q", 0.03).scaled("k", 0.03).normalized());
  }

  private static void assertGradientsAreDifferences(DeltaRuleCase numbers) {
    Map<String, double[]> analytic = numbers.expected();
    for (String name : List.of("q", "k", "v", "g", "beta", "h0")) {
      assertGradient(
          name,
          point -> {
            Map<String, double[]> outputs = numbers.with(name, point).expected();
            return dot(get(outputs, "o"), get(numbers.cotangents(), "o"))
                + dot(get(outputs, "ht"), get(numbers.cotangents(), "ht"));
          },
          numbers.input(name),
          get(analytic, OpProbe.GRADIENT + name));
    }
  }

  @Test
  void theWyFormEqualsTheRecurrence() {
    DeltaRuleCase numbers = DeltaRuleCase.of("one head", 1, 20, 1, 1, 7, 5);
    var sizes = new GatedDeltaRuleReference.Sizes(1, 1, 7, 5, numbers.scale(), QkNorm.NONE);
    var chunk = GatedDeltaRuleReference.forwardByWy(numbers.reference(), sizes);
    Map<String, double[]> expected = numbers.expected();
    assertTrue(OpCheck.error(get(expected, "o"), chunk.o()) < DOUBLE);
    assertTrue(OpCheck.error(get(expected, "ht"), chunk.last()) < DOUBLE);
  }

  @Test
  void shapesThatDoNotFitAreRefusedByName() {
    OpProbe probe = trials().getLast().probe();
    var q = probe.input("q", Shape.of(1, 2, 1, 4), new float[8]);
    var k = probe.input("k", Shape.of(1, 2, 1, 3), new float[6]);
    var g = probe.input("g", Shape.of(1, 2, 1), new float[2]);
    GraphException e =
        assertThrows(
            GraphException.class,
            () -> GatedDeltaRuleOp.apply(probe.graph(), q, k, q, g, g, QkNorm.NONE, 1, null, null));
    assertTrue(e.getMessage().contains("'k'"), e.getMessage());
  }

  private static double[] get(Map<String, double[]> values, String name) {
    return Optional.ofNullable(values.get(name)).orElseThrow();
  }
}
