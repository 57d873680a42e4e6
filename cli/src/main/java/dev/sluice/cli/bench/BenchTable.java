package dev.sluice.cli.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedSet;

/// Rows of a benchmark as a table for people.
public final class BenchTable {
  private static final String NOTHING = "-";

  private BenchTable() {}

  /// Prints the rows; columns that no row fills are left out.
  ///
  /// @param earlier medians of an earlier report by a row's name, or empty
  static void print(PrintWriter out, List<BenchRow> rows, Map<String, Double> earlier) {
    SequencedSet<String> labels = new LinkedHashSet<>();
    rows.forEach(row -> labels.addAll(row.labels().sequencedKeySet()));
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(labels);
    head.addAll(List.of("median", "p20", "p80", "Gflop/s", "of peak", "GB/s", "of copy"));
    head.addAll(List.of("mark", "reached", "earlier ×"));
    lines.add(head);
    for (BenchRow row : rows) {
      List<String> line = new ArrayList<>();
      labels.forEach(label -> line.add(row.labels().getOrDefault(label, NOTHING)));
      line.add(seconds(row.timing().median()));
      line.add(seconds(row.timing().p20()));
      line.add(seconds(row.timing().p80()));
      line.add(rate(row.operations(), row.timing().median()));
      line.add(percent(row.ofPeak()));
      line.add(rate(row.bytes(), row.timing().median()));
      line.add(percent(row.ofCopy()));
      Mark mark = row.mark();
      line.add(
          mark == null
              ? NOTHING
              : "%s %s %.3g".formatted(mark.figure(), mark.atMost() ? "≤" : "≥", mark.wanted()));
      line.add(
          mark == null
              ? NOTHING
              : "%.3g%s".formatted(mark.reached(), mark.part() >= 1 ? "" : " (short)"));
      Double before = earlier.get(row.name());
      line.add(before == null ? NOTHING : "%.2f".formatted(before / row.timing().median()));
      lines.add(line);
    }
    align(out, lines, labels.size());
  }

  /// Prints lines in columns, the first `names` to the left, the others to the right; columns in
  /// which no line but the first has anything are left out.
  public static void align(PrintWriter out, List<List<String>> lines, int names) {
    int columns = lines.getFirst().size();
    int[] widths = new int[columns];
    for (int i = 0; i < columns; i++) {
      int column = i;
      boolean filled = lines.stream().skip(1).anyMatch(line -> !line.get(column).equals(NOTHING));
      widths[i] =
          filled ? lines.stream().mapToInt(line -> line.get(column).length()).max().orElse(0) : 0;
    }
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        if (widths[i] > 0) {
          String padding = " ".repeat(widths[i] - line.get(i).length());
          text.append(i < names ? line.get(i) + padding : padding + line.get(i)).append("  ");
        }
      }
      out.println(text.toString().stripTrailing());
    }
  }

  /// A time with its unit.
  public static String seconds(double seconds) {
    double s = seconds;
    for (String unit : List.of("s", "ms", "µs")) {
      if (s >= 1) {
        return "%s %s".formatted(digits(s), unit);
      }
      s *= 1e3;
    }
    return digits(s) + " ns";
  }

  private static String rate(double amount, double seconds) {
    return amount == 0 ? NOTHING : digits(amount / seconds * 1e-9);
  }

  private static String percent(double part) {
    return Double.isNaN(part) ? NOTHING : "%.1f %%".formatted(100 * part);
  }

  /// Three digits.
  private static String digits(double value) {
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
