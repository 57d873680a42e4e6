package dev.sluice.cli.bench;

import java.util.Arrays;
import java.util.function.LongSupplier;

/// Measures work: it is run until it is warm, then again and again for a while.
///
/// @param warmUp seconds of running before anything is measured; more if it is getting faster still
/// @param seconds of measuring
/// @param fewest runs that are measured even if they take longer, up to ten times as long
/// @param most runs that are measured
public record Stopwatch(double warmUp, double seconds, int fewest, int most) {
  /// Work shorter than this is measured several times at once, so that reading the clock costs
  /// nothing beside it.
  private static final double SHORT = 2e-4;

  /// Parts of the warm-up that are compared with what came before.
  private static final int WINDOWS = 2;

  /// A part whose fastest run takes more than this of the fastest before is no faster.
  private static final double STEADY = 0.9;

  /// How many times the warm-up may last until the work gets no faster: code of the Vector API is a
  /// hundred times slower until the compiler has been there.
  private static final int PATIENCE = 10;

  private static final double NANO = 1e-9;

  /// A stopwatch that measures for `seconds` and warms up as long.
  public static Stopwatch of(double seconds) {
    return new Stopwatch(seconds, seconds, 3, 1000);
  }

  /// Runs the work once and says how many seconds that took: the first run, with everything that is
  /// made ready on first use.
  public static double once(Runnable work) {
    return once(work, System::nanoTime);
  }

  private static double once(Runnable work, LongSupplier clock) {
    long start = clock.getAsLong();
    work.run();
    return (clock.getAsLong() - start) * NANO;
  }

  /// Warms up and measures.
  public Timing time(Runnable work) {
    return time(work, System::nanoTime);
  }

  /// Warms up and measures by a clock that counts nanoseconds.
  Timing time(Runnable work, LongSupplier clock) {
    double least = warm(work, clock);
    int together = (int) Math.max(1, Math.min(1000, Math.ceil(SHORT / Math.max(least, NANO))));
    double[] runs = new double[Math.max(fewest, most)];
    int count = 0;
    double measured = 0;
    while (count == 0
        || (count < fewest && measured < PATIENCE * seconds)
        || (count < most && measured < seconds)) {
      double group =
          once(
              () -> {
                for (int i = 0; i < together; i++) {
                  work.run();
                }
              },
              clock);
      measured += group;
      runs[count++] = group / together;
    }
    return Timing.of(Arrays.copyOf(runs, count));
  }

  /// Runs the work until it gets no faster any more; hands back its fastest run.
  private double warm(Runnable work, LongSupplier clock) {
    double least = Double.POSITIVE_INFINITY;
    double spent = 0;
    while (true) {
      double before = least;
      double window = 0;
      do {
        double run = once(work, clock);
        least = Math.min(least, run);
        window += run;
      } while (window < warmUp / WINDOWS);
      spent += window;
      boolean steady = least >= STEADY * before;
      if ((spent >= warmUp && steady) || spent >= PATIENCE * warmUp) {
        return least;
      }
    }
  }
}
