package dev.sluice.cli.compare;

import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/// Lines over steps, as SVG.
final class LineChart {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 300;
  private static final int LEFT = 60;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 36;
  private static final int TICKS = 4;

  private LineChart() {}

  /// The picture; later lines are dashed, so that those below are seen.
  ///
  /// @param title stands above it
  /// @param lines name → values, the first of step 1
  /// @param colours the place in [BarChart#COLOURS] of a line, by its name
  static String svg(String title, SequencedMap<String, List<Double>> lines, List<String> colours) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    int steps = 0;
    for (List<Double> values : lines.values()) {
      for (double value : values) {
        if (Double.isFinite(value)) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
      steps = Math.max(steps, values.size());
    }
    if (steps < 2 || !(least <= most)) {
      return "";
    }
    if (least == most) {
      most = least + 1;
    }
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d'"
            + " font-family='sans-serif' font-size='11' fill='currentColor'>",
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT);
    add(svg, "<title>%s</title>", Html.escape(title));
    add(svg, "<text x='8' y='22' font-size='15'>%s</text>", Html.escape(title));
    for (int tick = 0; tick <= TICKS; tick++) {
      double value = least + (most - least) * tick / TICKS;
      double y = y(value, least, most);
      add(
          svg,
          "<path d='M%d %.1fH%d' stroke='currentColor' stroke-opacity='0.2'/>",
          LEFT,
          y,
          WIDTH - RIGHT);
      add(svg, "<text x='%d' y='%.1f' text-anchor='end'>%.3f</text>", LEFT - 6, y + 4, value);
    }
    add(svg, "<text x='%d' y='%d'>step 1</text>", LEFT, HEIGHT - 12);
    add(
        svg,
        "<text x='%d' y='%d' text-anchor='end'>step %d</text>",
        WIDTH - RIGHT,
        HEIGHT - 12,
        steps);
    int number = 0;
    for (var line : lines.entrySet()) {
      StringBuilder points = new StringBuilder();
      for (int i = 0; i < line.getValue().size(); i++) {
        double value = line.getValue().get(i);
        if (Double.isFinite(value)) {
          points.append(
              String.format(
                  Locale.ROOT,
                  "%.1f,%.1f ",
                  LEFT + (double) (WIDTH - LEFT - RIGHT) * i / (steps - 1),
                  y(value, least, most)));
        }
      }
      int place = Math.max(0, colours.indexOf(line.getKey()));
      add(
          svg,
          "<polyline points='%s' fill='none' stroke='%s' stroke-opacity='%s' stroke-width='2'%s/>",
          points.toString().strip(),
          BarChart.colour(place),
          BarChart.opacity(place),
          number == 0 ? "" : " stroke-dasharray='%d %d'".formatted(3 + number, 4 + 2 * number));
      number++;
    }
    return svg.append("</svg>\n").toString();
  }

  private static double y(double value, double least, double most) {
    return TOP + (HEIGHT - TOP - BOTTOM) * (most - value) / (most - least);
  }

  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
