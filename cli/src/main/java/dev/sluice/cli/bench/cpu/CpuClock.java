package dev.sluice.cli.bench.cpu;

import dev.sluice.tasks.host.HostThreads;

/// Takes times. The fastest run counts: what a run cannot do faster is the work, the rest is
/// neighbours.
final class CpuClock {
  private static final double NANO = 1e-9;

  /// Shorter work is timed several times at once, so that reading the clock costs nothing.
  private static final double SHORT = 2e-5;

  private static final int TURNS = 4;

  /// Runs of long work, though they take up to [#PATIENCE] times as long as asked.
  private static final int FEWEST = 10;

  private static final int PATIENCE = 10;

  private final double seconds;

  /// @param seconds of measuring for each piece of work, after as many of warming up
  CpuClock(double seconds) {
    this.seconds = seconds;
  }

  /// Seconds of the fastest run on `threads` threads, which is one or all.
  double fastest(int threads, Runnable work) {
    double[] best = {Double.POSITIVE_INFINITY};
    on(
        threads,
        () -> {
          warm(work);
          best[0] = repeat(work, seconds, FEWEST);
        });
    return best[0];
  }

  /// Seconds of the fastest runs of two pieces of work that take turns.
  double[] pair(int threads, Runnable first, Runnable second) {
    double[] best = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    on(
        threads,
        () -> {
          warm(first);
          warm(second);
          for (int turn = 0; turn < TURNS; turn++) {
            best[0] = Math.min(best[0], repeat(first, seconds / TURNS, FEWEST / TURNS));
            best[1] = Math.min(best[1], repeat(second, seconds / TURNS, FEWEST / TURNS));
          }
        });
    return best;
  }

  private static void on(int threads, Runnable work) {
    if (threads == 1) {
      HostThreads.alone(work);
    } else {
      work.run();
    }
  }

  private void warm(Runnable work) {
    double last = Double.POSITIVE_INFINITY;
    for (int round = 0; round < 8; round++) {
      double now = repeat(work, seconds / 2, 1);
      if (now > 0.97 * last && round > 1) {
        return;
      }
      last = now;
    }
  }

  /// Seconds of the fastest run of at least `fewest`.
  private static double repeat(Runnable work, double seconds, int fewest) {
    double once = run(work, 1);
    double best = once;
    int together = (int) Math.clamp(SHORT / Math.max(once, NANO), 1, 10_000);
    double spent = once;
    for (int runs = 1; spent < seconds || (runs < fewest && spent < PATIENCE * seconds); runs++) {
      double time = run(work, together);
      spent += time;
      best = Math.min(best, time / together);
    }
    return best;
  }

  private static double run(Runnable work, int times) {
    long start = System.nanoTime();
    for (int i = 0; i < times; i++) {
      work.run();
    }
    return (System.nanoTime() - start) * NANO;
  }
}
