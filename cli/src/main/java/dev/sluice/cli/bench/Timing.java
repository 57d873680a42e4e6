package dev.sluice.cli.bench;

import java.util.Arrays;

/// How long something took in several runs, in seconds.
///
/// @param runs how often it was measured
/// @param median half of the runs took no longer
/// @param p20 a fifth of the runs took no longer
/// @param p80 four fifths of the runs took no longer
public record Timing(int runs, double median, double p20, double p80) {
  /// The timing of these runs.
  ///
  /// @param seconds at least one
  public static Timing of(double... seconds) {
    if (seconds.length == 0) {
      throw new IllegalArgumentException("a timing needs at least one run");
    }
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    return new Timing(
        sorted.length, quantile(sorted, 0.5), quantile(sorted, 0.2), quantile(sorted, 0.8));
  }

  private static double quantile(double[] sorted, double part) {
    double place = part * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
