package dev.sluice.cli.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.cli.bench.Timing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AgreementTest {
  private static final double CLOSE = 1e-9;
  private static final int STEPS = 50;

  private static CompareEntry op(String device, boolean reduced, double output, double gradient) {
    SequencedMap<String, List<Double>> samples = new LinkedHashMap<>();
    samples.put("output", List.of(3.0, 4.0 + output));
    samples.put("grad/q", List.of(6.0 + gradient, 8.0));
    return new CompareEntry(
        "work", device, "form", reduced, Timing.of(1), 1, 0.5, 0.5, samples, List.of(), null);
  }

  private static CompareEntry training(String device, int wrongFrom, double error) {
    List<Double> losses =
        IntStream.range(0, STEPS)
            .mapToObj(step -> (5.0 - step * 0.01) * (step >= wrongFrom ? 1 + error : 1))
            .toList();
    return new CompareEntry(
        "train",
        device,
        "step",
        false,
        Timing.of(1),
        1,
        0.5,
        Double.NaN,
        new LinkedHashMap<>(),
        losses,
        null);
  }

  private static Agreement second(CompareEntry first, CompareEntry second) {
    List<Agreement> all = Agreement.judge(List.of(first, second));
    assertTrue(all.getFirst().agrees());
    assertEquals("first", all.getFirst().verdict());
    return all.getLast();
  }

  @Test
  void resultsWithinTheToleranceAgree() {
    Agreement agreement = second(op("a", false, 0, 0), op("b", false, 1e-4, 1e-4));
    assertTrue(agreement.agrees());
    assertEquals(1e-4 / 5, agreement.difference(), CLOSE);
  }

  @Test
  void theWorstResultSpeaks() {
    Agreement output = second(op("a", false, 0, 0), op("b", false, 1e-3, 0));
    assertFalse(output.agrees());
    assertEquals(1e-3 / 5, output.difference(), CLOSE);
    Agreement gradient = second(op("a", false, 0, 0), op("b", false, 0, 1e-2));
    assertFalse(gradient.agrees());
    assertEquals(1e-2 / 10, gradient.difference(), CLOSE);
    assertEquals("DIFFERS", gradient.verdict());
  }

  @Test
  void reducedPrecisionIsAllowedMoreAndIsNoReference() {
    assertTrue(second(op("a", false, 0, 0), op("b", true, 1e-2, 0)).agrees());
    List<Agreement> all = Agreement.judge(List.of(op("a", true, 1e-2, 0), op("b", false, 0, 0)));
    assertEquals("first", all.getLast().verdict());
    assertTrue(all.getFirst().agrees());
    assertTrue(all.getFirst().difference() > 0);
  }

  @Test
  void whatIsMissingOrNotANumberDiffers() {
    CompareEntry fewer =
        new CompareEntry(
            "work",
            "b",
            "form",
            false,
            Timing.of(1),
            1,
            1,
            1,
            new LinkedHashMap<>(),
            List.of(),
            null);
    assertFalse(second(op("a", false, 0, 0), fewer).agrees());
    assertFalse(second(op("a", false, 0, 0), op("b", false, Double.NaN, 0)).agrees());
  }

  @Test
  void whatFailedNeverAgrees() {
    CompareEntry failed = CompareEntry.failed("work", "b", "form", false, "no memory");
    Agreement agreement = second(op("a", false, 0, 0), failed);
    assertFalse(agreement.agrees());
    assertEquals("failed", agreement.verdict());
    assertFalse(Agreement.judge(List.of(failed)).getFirst().agrees());
  }

  @Test
  void lossesMayDriftApartLaterThanEarly() {
    assertTrue(second(training("a", 0, 0), training("b", 0, 5e-5)).agrees());
    assertTrue(second(training("a", 0, 0), training("b", 10, 5e-4)).agrees());
    assertFalse(second(training("a", 0, 0), training("b", 9, 5e-4)).agrees());
    assertFalse(second(training("a", 0, 0), training("b", 49, 2e-3)).agrees());
  }
}
