package dev.sluice.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// An axis of a picture: a range of values with ticks at round numbers.
///
/// @param low value at the start
/// @param high value at the end, above `low`
/// @param tick distance of ticks, 1, 2 or 5 times a power of ten
record Axis(double low, double high, double tick) {
  private static final int TICKS = 6;

  /// An axis that holds the values from `least` to `most`; it begins and ends at ticks if
  /// `rounded`.
  static Axis over(double least, double most, boolean rounded) {
    double span = most - least;
    if (!(span > 0)) {
      span = Math.max(Math.abs(most), 1);
    }
    double raw = span / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double mantissa = raw / power;
    double tick = power * (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10);
    if (!rounded) {
      return new Axis(least, most > least ? most : least + span, tick);
    }
    double low = Math.floor(least / tick) * tick;
    double high = Math.ceil(most / tick) * tick;
    return new Axis(low, high > low ? high : low + tick, tick);
  }

  /// Where a value lies, 0 at the start and 1 at the end.
  double part(double value) {
    return (value - low) / (high - low);
  }

  /// The values that have a tick.
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / tick - 1e-9);
    long last = (long) Math.floor(high / tick + 1e-9);
    for (long i = first; i <= last; i++) {
      ticks.add(i * tick);
    }
    return ticks;
  }

  /// A tick's value with as many digits as tell it from its neighbours.
  String label(double value) {
    if (Math.max(Math.abs(low), Math.abs(high)) >= 1e6 || tick < 1e-6) {
      return String.format(Locale.ROOT, "%.3g", value);
    }
    int digits = Math.max(0, (int) -Math.floor(Math.log10(tick) + 1e-9));
    return String.format(Locale.ROOT, "%." + digits + "f", value == 0 ? 0.0 : value);
  }
}
