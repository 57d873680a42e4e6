package dev.sluice.cli.compare;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.DoubleFunction;

/// Horizontal bars in groups, as SVG: a group a piece of work, a bar a device and form.
///
/// @param title stands above it
/// @param logarithmic whether lengths grow with the logarithm, from the power of ten below the
///   least value; else from zero
/// @param label writes a value
record BarChart(String title, boolean logarithmic, DoubleFunction<String> label) {
  private static final int WIDTH = 900;

  /// More than the mean width of a character at this size.
  private static final int CHARACTER = 6;

  private static final int RIGHT = 90;
  private static final int TOP = 40;
  private static final int BAR = 14;
  private static final int GAP = 10;

  /// Colours that are told apart in print and by most eyes, taken in turn.
  static final List<String> COLOURS =
      List.of(
          "#1f6fb4", "#d1495b", "#3a8f5c", "#e0a030", "#7a5cb0", "#4fb0b8", "#8a5a3c", "#888888");

  /// The colour of a series.
  static String colour(int series) {
    return COLOURS.get(series % COLOURS.size());
  }

  /// How opaque it is: where the colours begin anew, they are paler.
  static String opacity(int series) {
    return series < COLOURS.size() ? "1" : "0.5";
  }

  /// The picture, in the colour of the text around it, so that it is read on light and on dark.
  ///
  /// @param all name of a group → the values of its bars, NaN for none, in the order of `series`
  /// @param series the names of the bars
  String svg(SequencedMap<String, double[]> all, List<String> series) {
    SequencedMap<String, double[]> groups = new LinkedHashMap<>(all);
    groups.values().removeIf(values -> Arrays.stream(values).noneMatch(this::shown));
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    int bars = 0;
    for (double[] values : groups.values()) {
      for (double value : values) {
        if (shown(value)) {
          least = Math.min(least, value);
          most = Math.max(most, value);
          bars++;
        }
      }
    }
    if (bars == 0) {
      return "";
    }
    double low = logarithmic ? Math.floor(Math.log10(least)) : 0;
    double high = logarithmic ? Math.max(low + 1, Math.ceil(Math.log10(most))) : most;
    int left = left(groups);
    int height = TOP + bars * BAR + groups.size() * GAP + BAR;
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d'"
            + " font-family='sans-serif' font-size='11' fill='currentColor'>",
        WIDTH,
        height,
        WIDTH,
        height);
    add(svg, "<title>%s</title>", Html.escape(title));
    add(svg, "<text x='8' y='22' font-size='15'>%s</text>", Html.escape(title));
    if (logarithmic) {
      grid(svg, left, (int) low, (int) high, height);
    }
    int y = TOP;
    for (var group : groups.entrySet()) {
      int first = y;
      for (int i = 0; i < series.size(); i++) {
        double value = group.getValue()[i];
        if (shown(value)) {
          bar(svg, left, value, (scale(value) - low) / (high - low), y, i);
          y += BAR;
        }
      }
      add(
          svg,
          "<text x='%d' y='%d' text-anchor='end'>%s</text>",
          left - 8,
          (first + y) / 2 + 4,
          Html.escape(group.getKey()));
      y += GAP;
    }
    return svg.append("</svg>\n").toString();
  }

  /// Where bars begin: right of the longest name.
  private static int left(SequencedMap<String, double[]> groups) {
    int longest = groups.keySet().stream().mapToInt(String::length).max().orElse(0);
    return Math.min(WIDTH / 2, 16 + CHARACTER * longest);
  }

  private boolean shown(double value) {
    return Double.isFinite(value) && (value > 0 || (!logarithmic && value == 0));
  }

  private double scale(double value) {
    return logarithmic ? Math.log10(value) : value;
  }

  private void grid(StringBuilder svg, int left, int low, int high, int height) {
    for (int power = low; power <= high; power++) {
      double x = left + (WIDTH - left - RIGHT) * (double) (power - low) / (high - low);
      add(
          svg,
          "<path d='M%.1f %dV%d' stroke='currentColor' stroke-opacity='0.2'/>",
          x,
          TOP - 6,
          height - BAR);
      add(
          svg,
          "<text x='%.1f' y='%d' text-anchor='middle' fill-opacity='0.7'>%s</text>",
          x,
          height - 3,
          Html.escape(label.apply(Math.pow(10, power))));
    }
  }

  private void bar(StringBuilder svg, int left, double value, double part, int y, int series) {
    double length = Math.max(1, part * (WIDTH - left - RIGHT));
    add(
        svg,
        "<rect x='%d' y='%d' width='%.1f' height='%d' fill='%s' fill-opacity='%s'/>",
        left,
        y,
        length,
        BAR - 2,
        colour(series),
        opacity(series));
    add(
        svg,
        "<text x='%.1f' y='%d'>%s</text>",
        left + length + 4,
        y + BAR - 4,
        Html.escape(label.apply(value)));
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
