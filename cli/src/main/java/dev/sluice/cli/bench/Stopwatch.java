package dev.sluice.cli.bench;

import java.util.Arrays;

/// Measures work: it is run until it is warm, then again and again for a while.
///
/// @param warmUp seconds of running before anything is measured
/// @param seconds of measuring
/// @param fewest runs that are measured even if they take longer
/// @param most runs that are measured
public record Stopwatch(double warmUp, double seconds, int fewest, int most) {
  /// Work shorter than this is measured several times at once, so that reading the clock costs
  /// nothing beside it.
  private static final double SHORT = 2e-4;

  private static final double NANO = 1e-9;

  /// A stopwatch that measures for `seconds` and warms up as long.
  public static Stopwatch of(double seconds) {
    return new Stopwatch(seconds, seconds, 3, 1000);
  }

  /// Runs the work once and says how many seconds that took: the first run, with everything that is
  /// made ready on first use.
  public static double once(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) * NANO;
  }

  /// Warms up and measures.
  public Timing time(Runnable work) {
    double least = Double.POSITIVE_INFINITY;
    double spent = 0;
    do {
      double run = once(work);
      least = Math.min(least, run);
      spent += run;
    } while (spent < warmUp);
    int together = (int) Math.max(1, Math.min(1000, Math.ceil(SHORT / Math.max(least, NANO))));
    double[] runs = new double[Math.max(fewest, most)];
    int count = 0;
    double measured = 0;
    while (count < fewest || count < most && measured < seconds) {
      double group =
          once(() -> {
            for (int i = 0; i < together; i++) {
              work.run();
            }
          });
      measured += group;
      runs[count++] = group / together;
    }
    return Timing.of(Arrays.copyOf(runs, count));
  }
}
