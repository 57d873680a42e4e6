package dev.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StopwatchTest {
  private static final double EXACT = 1e-12;

  @Test
  void quantilesLieBetweenTheRuns() {
    Timing timing = Timing.of(5, 1, 4, 2, 3, 6);
    assertEquals(6, timing.runs());
    assertEquals(3.5, timing.median(), EXACT);
    assertEquals(2, timing.p20(), EXACT);
    assertEquals(5, timing.p80(), EXACT);
  }

  @Test
  void oneRunIsItsOwnQuantiles() {
    assertEquals(new Timing(1, 7, 7, 7), Timing.of(7));
  }

  @Test
  void noRunIsNoTiming() {
    assertThrows(IllegalArgumentException.class, () -> Timing.of());
  }

  @Test
  void measuresAtLeastTheFewestRunsAndAtMostTheMost() {
    Runnable slow =
        () -> {
          long until = System.nanoTime() + 1_000_000;
          while (System.nanoTime() < until) {
            Thread.onSpinWait();
          }
        };
    assertEquals(3, new Stopwatch(0, 0, 3, 10).time(slow).runs());
    assertEquals(5, new Stopwatch(0, 1e6, 3, 5).time(slow).runs());
  }

  @Test
  void shortWorkIsRunInGroups() {
    AtomicInteger runs = new AtomicInteger();
    Timing timing = new Stopwatch(0.01, 0, 3, 3).time(runs::incrementAndGet);
    assertEquals(3, timing.runs());
    assertTrue(runs.get() > 3 * 10, () -> runs + " runs");
  }

  @Test
  void aMarkIsReachedFromEitherSide() {
    assertEquals(2, Mark.atLeast("of peak", 0.3, 0.15).part(), EXACT);
    assertEquals(0.5, Mark.atMost("of the peer", 1.6, 0.8).part(), EXACT);
  }
}
