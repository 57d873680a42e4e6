package dev.sluice.tasks.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// What is said of a failure on a device fits on one line.
final class ResidenceTest {
  @Test
  void causesAreToldOnceWithoutColoursAndLineBreaks() {
    Throwable cause = new IllegalStateException("\u001B[31mno room\u001B[0m\n  on the device");
    Throwable failure = new IllegalStateException("Bailout is disabled.", new Error(cause));
    assertEquals(
        "Bailout is disabled.: java.lang.IllegalStateException: no room on the device",
        Residence.reason(failure));
  }

  @Test
  void aFailureWithoutAMessageIsNamed() {
    assertEquals("NullPointerException", Residence.reason(new NullPointerException()));
  }

  @Test
  void aLongReasonIsCut() {
    assertTrue(Residence.reason(new Error("x".repeat(1000))).length() < 310);
  }
}
