package dev.sluice.training;

import dev.sluice.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// Draws the loss of a run over its steps as SVG: training as a line, held-out data as a line with
/// dots.
public final class LossCurve {
  /// Name of the file in the run's folder.
  public static final String FILE = "loss.svg";

  private static final int WIDTH = 800;
  private static final int HEIGHT = 480;
  private static final int LEFT = 72;
  private static final int RIGHT = 24;
  private static final int TOP = 56;
  private static final int BOTTOM = 56;
  private static final int MOST_POINTS = 1000;
  private static final int MOST_DOTS = 60;
  private static final String TRAINING = "#1f6fb4";
  private static final String HELD_OUT = "#d1495b";

  private record Point(double step, double loss) {}

  private LossCurve() {}

  /// Writes the picture of a run's log into its folder.
  ///
  /// @throws CheckpointException if it cannot be written
  public static Path write(Path run, String title, List<LogEntry> entries) {
    Path path = run.resolve(FILE);
    try {
      return Files.writeString(path, svg(title, entries));
    } catch (IOException e) {
      throw new CheckpointException(
          "%s: cannot be written: %s; check the disk and the folder"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  /// The picture. Losses that are not finite are left out.
  ///
  /// @param title stands above it
  /// @param entries in the order of their steps
  public static String svg(String title, List<LogEntry> entries) {
    List<Point> training = points(entries, LogEntry::loss);
    List<Point> heldOut = points(entries, LogEntry::heldOutLoss);
    List<Point> all = new ArrayList<>(training);
    all.addAll(heldOut);
    Axis steps = Axis.over(0, all.stream().mapToDouble(Point::step).max().orElse(1), false);
    Axis losses =
        Axis.over(
            all.stream().mapToDouble(Point::loss).min().orElse(0),
            all.stream().mapToDouble(Point::loss).max().orElse(1),
            true);
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' viewBox='0 0 %d %d'"
            + " font-family='sans-serif' font-size='13' fill='#333'>",
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT);
    add(svg, "<title>%s</title>", escape(title));
    add(svg, "<rect width='%d' height='%d' fill='white'/>", WIDTH, HEIGHT);
    add(svg, "<text x='%d' y='26' font-size='18'>%s</text>", LEFT, escape(title));
    drawAxes(svg, steps, losses);
    drawLine(svg, averaged(training), steps, losses, TRAINING);
    drawLine(svg, heldOut, steps, losses, HELD_OUT);
    drawDots(svg, heldOut, steps, losses);
    drawLegend(svg, !heldOut.isEmpty());
    svg.append("</svg>\n");
    return svg.toString();
  }

  private static List<Point> points(List<LogEntry> entries, ToDoubleFunction<LogEntry> loss) {
    return entries.stream()
        .filter(entry -> Double.isFinite(loss.applyAsDouble(entry)))
        .map(entry -> new Point(entry.step(), loss.applyAsDouble(entry)))
        .toList();
  }

  /// Means over neighbours, if there are more points than a screen has columns.
  private static List<Point> averaged(List<Point> points) {
    int group = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
    if (group <= 1) {
      return points;
    }
    List<Point> means = new ArrayList<>();
    for (int start = 0; start < points.size(); start += group) {
      List<Point> neighbours = points.subList(start, Math.min(start + group, points.size()));
      means.add(
          new Point(
              neighbours.stream().mapToDouble(Point::step).average().orElseThrow(),
              neighbours.stream().mapToDouble(Point::loss).average().orElseThrow()));
    }
    return means;
  }

  private static void drawAxes(StringBuilder svg, Axis steps, Axis losses) {
    int bottom = HEIGHT - BOTTOM;
    int right = WIDTH - RIGHT;
    for (double tick : losses.ticks()) {
      double y = y(losses, tick);
      add(svg, "<path d='M%d %.1fH%d' stroke='#ddd'/>", LEFT, y, right);
      add(
          svg,
          "<text x='%d' y='%.1f' text-anchor='end'>%s</text>",
          LEFT - 8,
          y + 4.5,
          losses.label(tick));
    }
    for (double tick : steps.ticks()) {
      double x = x(steps, tick);
      add(svg, "<path d='M%.1f %dv5' stroke='#333'/>", x, bottom);
      add(
          svg,
          "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>",
          x,
          bottom + 20,
          steps.label(tick));
    }
    add(svg, "<path d='M%d %dV%dH%d' fill='none' stroke='#333'/>", LEFT, TOP, bottom, right);
    add(
        svg,
        "<text x='%d' y='%d' text-anchor='middle'>step</text>",
        (LEFT + right) / 2,
        HEIGHT - 14);
    add(
        svg,
        "<text transform='translate(20 %d) rotate(-90)' text-anchor='middle'>loss</text>",
        (TOP + bottom) / 2);
  }

  private static void drawLine(
      StringBuilder svg, List<Point> points, Axis steps, Axis losses, String color) {
    if (points.isEmpty()) {
      return;
    }
    StringBuilder line = new StringBuilder();
    for (Point point : points) {
      line.append(
          String.format(
              Locale.ROOT, "%.1f,%.1f ", x(steps, point.step()), y(losses, point.loss())));
    }
    add(
        svg,
        "<polyline points='%s' fill='none' stroke='%s' stroke-width='1.8'"
            + " stroke-linejoin='round' stroke-linecap='round'/>",
        line.toString().strip(),
        color);
  }

  private static void drawDots(StringBuilder svg, List<Point> points, Axis steps, Axis losses) {
    if (points.size() > MOST_DOTS) {
      return;
    }
    for (Point point : points) {
      add(
          svg,
          "<circle cx='%.1f' cy='%.1f' r='3.2' fill='%s'/>",
          x(steps, point.step()),
          y(losses, point.loss()),
          HELD_OUT);
    }
  }

  private static void drawLegend(StringBuilder svg, boolean withHeldOut) {
    int x = WIDTH - RIGHT - 100;
    drawKey(svg, x, TOP + 12, TRAINING, "training");
    if (withHeldOut) {
      drawKey(svg, x, TOP + 32, HELD_OUT, "held out");
    }
  }

  private static void drawKey(StringBuilder svg, int x, int y, String color, String text) {
    add(svg, "<path d='M%d %dh24' stroke='%s' stroke-width='2.5'/>", x, y, color);
    add(svg, "<text x='%d' y='%.1f'>%s</text>", x + 32, y + 4.5, text);
  }

  private static double x(Axis steps, double step) {
    return LEFT + steps.part(step) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(Axis losses, double loss) {
    return HEIGHT - BOTTOM - losses.part(loss) * (HEIGHT - TOP - BOTTOM);
  }

  // Locale.ROOT: a decimal comma would break the picture.
  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be one more dependency.
  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /// Text for XML; characters that XML does not have become `?`.
  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          switch (c) {
            case '<' -> escaped.append("&lt;");
            case '>' -> escaped.append("&gt;");
            case '&' -> escaped.append("&amp;");
            default -> escaped.appendCodePoint(isInXml(c) ? c : '?');
          }
        });
    return escaped.toString();
  }

  private static boolean isInXml(int c) {
    return (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
  }
}
