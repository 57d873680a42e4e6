package dev.sluice.cli.compare;

import dev.sluice.cli.bench.BenchTable;
import dev.sluice.cli.bench.Timing;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A comparison as a table.
final class CompareTable {
  /// Columns that say what it is; the others are figures.
  static final int NAMES = 3;

  /// The names of the columns.
  static final List<String> HEAD =
      List.of(
          "work",
          "device",
          "form",
          "median",
          "first run",
          "of peak",
          "of copy",
          "difference",
          "allowed",
          "result");

  private static final String NOTHING = "-";

  private CompareTable() {}

  static void print(PrintWriter out, List<Agreement> judged) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEAD);
    judged.forEach(agreement -> lines.add(line(agreement)));
    BenchTable.align(out, lines, NAMES);
  }

  static List<String> line(Agreement agreement) {
    CompareEntry entry = agreement.entry();
    Timing timing = entry.timing();
    String failure = entry.failure();
    return List.of(
        entry.work(),
        entry.device(),
        entry.form(),
        timing == null ? NOTHING : BenchTable.seconds(timing.median()),
        Double.isNaN(entry.first()) ? NOTHING : BenchTable.seconds(entry.first()),
        percent(entry.ofPeak()),
        percent(entry.ofCopy()),
        number(agreement.difference()),
        number(agreement.tolerance()),
        failure == null ? agreement.verdict() : agreement.verdict() + ": " + failure);
  }

  private static String percent(double part) {
    return Double.isNaN(part) ? NOTHING : String.format(Locale.ROOT, "%.1f %%", 100 * part);
  }

  private static String number(double value) {
    return Double.isNaN(value) ? NOTHING : String.format(Locale.ROOT, "%.1e", value);
  }
}
