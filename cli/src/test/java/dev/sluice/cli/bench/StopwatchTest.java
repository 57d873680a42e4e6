package dev.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.IntToLongFunction;
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

  /// Work that takes, by a clock of its own, what `milliseconds` says of the number of the run.
  private static final class Work implements Runnable {
    private final IntToLongFunction milliseconds;
    private int runs;
    private long now;

    Work(IntToLongFunction milliseconds) {
      this.milliseconds = milliseconds;
    }

    @Override
    public void run() {
      now += (long) (milliseconds.applyAsLong(runs++) * 1e6);
    }

    Timing time(Stopwatch stopwatch) {
      return stopwatch.time(this, () -> now);
    }
  }

  @Test
  void measuresAtLeastTheFewestRunsAndAtMostTheMost() {
    assertEquals(3, new Work(run -> 1).time(new Stopwatch(0, 5e-4, 3, 10)).runs());
    assertEquals(1, new Work(run -> 1000).time(new Stopwatch(0, 0.01, 3, 10)).runs());
    assertEquals(5, new Work(run -> 1).time(new Stopwatch(0, 1e6, 3, 5)).runs());
    assertEquals(8, new Work(run -> 1).time(new Stopwatch(0, 0.0075, 3, 10)).runs());
  }

  @Test
  void shortWorkIsRunInGroups() {
    Work work = new Work(run -> 0);
    assertEquals(3, work.time(new Stopwatch(0, 1, 3, 3)).runs());
    assertEquals(1 + 3 * 1000, work.runs);
  }

  @Test
  void workThatGetsFasterIsRunUntilItDoesNot() {
    Work work = new Work(run -> Math.max(1, 64 >> run));
    assertEquals(1e-3, work.time(new Stopwatch(0.02, 0, 1, 1)).median(), EXACT);
  }

  @Test
  void patienceEnds() {
    Work work = new Work(run -> Math.max(1, 512 >> run));
    work.time(new Stopwatch(0.1, 0, 1, 1));
    assertEquals(7 + 1, work.runs);
  }

  @Test
  void aMarkIsReachedFromEitherSide() {
    assertEquals(2, Mark.atLeast("of peak", 0.3, 0.15).part(), EXACT);
    assertEquals(0.5, Mark.atMost("of the peer", 1.6, 0.8).part(), EXACT);
  }
}
