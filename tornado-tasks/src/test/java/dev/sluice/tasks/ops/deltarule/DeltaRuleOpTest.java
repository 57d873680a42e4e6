package dev.sluice.tasks.ops.deltarule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.tasks.ops.gateddeltarule.DeltaRuleCase;
import dev.sluice.tasks.ops.gateddeltarule.DeltaRuleConformance;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleImplementation;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleReference;
import dev.sluice.tasks.ops.gateddeltarule.QkNorm;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of the delta rule against the reference and the conformance file.
class DeltaRuleOpTest {
  static List<Trial> trials() {
    return OpCheck.trials(DeltaRuleOp.NAME, GatedDeltaRuleImplementation.class);
  }

  static Stream<Object[]> trialsAndCases() {
    return trials().stream()
        .flatMap(t ->
            DeltaRuleCase.all()
                .filter(c -> !c.name().contains(", g "))
                .map(c -> c.without("g"))
                .map(c -> new Object[] {t, c}));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("trialsAndCases")
  void agreesWithTheReference(Trial trial, DeltaRuleCase numbers) {
    DeltaRuleCase.assertClose(numbers.expected(), numbers.run(trial));
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
    var sizes = new GatedDeltaRuleReference.Sizes(1, 1, 4, 3, 0.5, QkNorm.NONE);
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
