package dev.sluice.tasks.ops.deltarule;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.ops.gateddeltarule.DeltaRuleCase;
import dev.sluice.tasks.ops.gateddeltarule.DeltaRuleConformance;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleImplementation;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleReference;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of the delta rule against the reference and the conformance file.
class DeltaRuleOpTest {
  static List<Trial> trials() {
    return OpCheck.trials(DeltaRuleOp.NAME, GatedDeltaRuleImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReference(Trial trial) {
    DeltaRuleCase numbers =
        DeltaRuleCase.packed("packed", new int[] {0, 0, 66, 83}, 1, 2, 20, 16).without("g");
    Map<String, float[]> results = numbers.run(trial);
    numbers
        .expected()
        .forEach((name, values) ->
            assertClose(
                name,
                values,
                Optional.ofNullable(results.get(name)).orElseThrow(),
                name.startsWith(OpProbe.GRADIENT) ? OpCheck.GRADIENT : OpCheck.OUTPUT));
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheConformanceFile(Trial trial) {
    Optional<ConformanceFile> file = ConformanceFile.find(DeltaRuleOp.NAME);
    Assumptions.assumeTrue(file.isPresent());
    for (String name : file.get().cases()) {
      DeltaRuleConformance.check(trial, file.get(), name);
    }
  }

  @Test
  void theReferenceIsTheGatedOneWithGatesOfZero() {
    DeltaRuleCase numbers = DeltaRuleCase.of("no gate", 1, 9, 1, 1, 4, 3);
    double[] zero = new double[9];
    var sizes = new GatedDeltaRuleReference.Sizes(1, 1, 4, 3, 0.5);
    var plain =
        DeltaRuleReference.inputs(
            numbers.input("q"),
            numbers.input("k"),
            numbers.input("v"),
            numbers.input("beta"),
            numbers.input("h0"),
            numbers.offsets());
    var gated =
        new GatedDeltaRuleReference.Inputs(
            plain.q(), plain.k(), plain.v(), zero, plain.beta(), plain.initial(), plain.offsets());
    assertArrayEquals(
        GatedDeltaRuleReference.forward(gated, sizes).o(),
        DeltaRuleReference.forward(plain, sizes).o());
  }
}
