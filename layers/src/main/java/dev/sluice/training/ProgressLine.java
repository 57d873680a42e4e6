package dev.sluice.training;

import java.util.Locale;

/// The line that tells a person how a run goes.
public final class ProgressLine {
  /// Characters that a line has at most.
  public static final int COLUMNS = 100;

  private ProgressLine() {}

  /// `step 1200/20000 loss 2.3456 lr 3.00e-04 norm 1.23 12.3k tok/s left 1:23:45`; what was not
  /// measured is left out.
  ///
  /// @param entry the step
  /// @param steps steps of the whole run
  /// @param secondsLeft an estimate, NaN if there is none
  public static String format(LogEntry entry, long steps, double secondsLeft) {
    String total = Long.toString(steps);
    StringBuilder line =
        new StringBuilder(
            String.format(Locale.ROOT, "step %" + total.length() + "d/%s", entry.step(), total));
    append(line, "loss ", entry.loss(), fixed(entry.loss()));
    append(line, "lr ", entry.learningRate(), scientific(entry.learningRate()));
    append(line, "norm ", entry.gradientNorm(), significant(entry.gradientNorm()));
    append(line, "", entry.tokensPerSecond(), count(entry.tokensPerSecond()) + " tok/s");
    append(line, "held ", entry.heldOutLoss(), fixed(entry.heldOutLoss()));
    append(line, "left ", secondsLeft, duration(secondsLeft));
    return line.length() <= COLUMNS ? line.toString() : line.substring(0, COLUMNS);
  }

  /// Hours, minutes and seconds: `1:23:45`, `3:05`; days from 100 hours on: `12 d 4 h`.
  public static String duration(double seconds) {
    long whole = Math.round(Math.max(0, seconds));
    if (whole >= 360_000) {
      return String.format(Locale.ROOT, "%d d %d h", whole / 86_400, whole % 86_400 / 3600);
    }
    if (whole >= 3600) {
      return String.format(
          Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole % 3600 / 60, whole % 60);
    }
    return String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
  }

  /// Three digits and a unit: `950`, `12.3k`, `4.56M`.
  public static String count(double number) {
    double scaled = number;
    String unit = "";
    for (String larger : new String[] {"k", "M", "G", "T"}) {
      if (Math.abs(scaled) < 999.5) {
        break;
      }
      scaled /= 1000;
      unit = larger;
    }
    return significant(scaled) + unit;
  }

  private static void append(StringBuilder line, String label, double number, String shown) {
    if (!Double.isNaN(number)) {
      line.append("  ").append(label).append(shown);
    }
  }

  private static String fixed(double number) {
    return Math.abs(number) < 1000
        ? String.format(Locale.ROOT, "%.4f", number)
        : scientific(number);
  }

  private static String scientific(double number) {
    return String.format(Locale.ROOT, "%.2e", number);
  }

  /// Three significant digits where they fit.
  private static String significant(double number) {
    double size = Math.abs(number);
    String pattern = "%.2e";
    if ((size < 9.995 && size >= 0.0995) || size == 0) {
      pattern = "%.2f";
    } else if (size < 99.95 && size >= 9.995) {
      pattern = "%.1f";
    } else if (size < 99_999.5 && size >= 99.95) {
      pattern = "%.0f";
    }
    return String.format(Locale.ROOT, pattern, number);
  }
}
