package dev.sluice.cli.bench.cpu;

import dev.sluice.cli.bench.Machine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/// The rows as lines for people, as JSON, and as a page of the documentation.
final class CpuReport {
  private static final String METHOD =
      """
      Each figure is that of the fastest run of many, after the code is warm: what a run cannot do faster is the work, the rest is neighbours. So everything is measured in more than one round, some
      minutes apart, and of the work as of what it is compared with the fastest of all rounds counts. Pieces of work that are compared take turns in the same process. `of peak` is a fraction of what a loop of multiply-adds on registers reached in the same run, on as many threads; a multiply-add counts as two operations. Operations of a
      model are 6 a weight and token, the table of embeddings left out, and 15 a token and element of a state; of gated linear attention alone 5 forward and 15 with the backward pass; of the
      delta rule 7 and 21. `of copy` is a fraction of the speed at which a copy moves the same number of bytes, inputs read and results written, each counted once. The copy is made in blocks
      with ordinary stores, as an op's results are; stores past the caches, which no loop in Java can make, copied up to a half more a second. Where an op's arithmetic takes
      longer than such a copy, it counts instead: `of arithmetic` is the time that it would take at the measured rates of multiply-adds and divisions over the time taken. Counted are the
      multiplications, additions and multiply-adds of floats that the op cannot do without, each as one multiply-add, an exponential as 11, and its divisions; the integer products of random
      numbers by the vectors they fill; not comparisons, shifts, exclusive ors, and what moves between registers. Of a matrix product's four transposes the slowest
      counts. OpenBLAS is the system's, called through the foreign-function API. A row is short below its mark, and fails below 0.9 of it.
      """;

  private CpuReport() {}

  static String line(CpuRow row) {
    String name = "%s, %s".formatted(row.work(), threads(row.threads()));
    if (!row.measured()) {
      return "%s: %s (%s)".formatted(name, row.note(), row.figure());
    }
    return "%-62s %10s  %s %s / %s %s  %s"
        .formatted(
            name,
            time(row),
            value(row.reached()),
            row.figure(),
            sign(row),
            value(row.wanted()),
            verdict(row))
        .stripTrailing();
  }

  /// The machine and the most that it was seen to do.
  static String machine(CpuBench bench) {
    return "%s: one thread %.0f Gflop/s multiply-add; all %d %.0f, and %.1f GB/s copied"
        .formatted(
            Machine.description(bench.device()),
            bench.peak(1) * 1e-9,
            bench.threads(),
            bench.peak(bench.threads()) * 1e-9,
            bench.copyRate() * 1e-9);
  }

  /// The page.
  static String page(CpuBench bench) {
    StringBuilder page = new StringBuilder("# Speed on the JVM\n\n");
    page.append("Written by `sluice bench cpu --page docs/performance.md`; do not edit it.\n\n");
    page.append(METHOD).append('\n');
    page.append("Machine: ").append(machine(bench)).append(".\n\n");
    if (bench.load() >= 0) {
      page.append(
          "Load of the machine when the run began: %.1f. What others take is missing from the figures, most on all threads.\n\n"
              .formatted(bench.load()));
    }
    page.append("| work | threads | fastest | reached | mark | |\n");
    page.append("| --- | --- | --- | --- | --- | --- |\n");
    for (CpuRow row : bench.rows()) {
      String reached = row.measured() ? value(row.reached()) + " " + row.figure() : row.note();
      page.append(
          "| %s | %d | %s | %s | %s %s | %s |\n"
              .formatted(
                  row.work(),
                  row.threads(),
                  time(row),
                  reached,
                  sign(row),
                  value(row.wanted()),
                  verdict(row)));
    }
    roofline(page, bench);
    return page.toString();
  }

  private static void roofline(StringBuilder page, CpuBench bench) {
    page.append(
        """

        ## Roofline

        An op with so many operations for each byte that it has to move can reach the lower of the peak and of bandwidth times that number.

        | work | threads | operations a byte | bound by | reached of what binds |
        | --- | --- | --- | --- | --- |
        """);
    for (CpuRow row : bench.rows()) {
      boolean computed = row.figure().equals(CpuRow.OF_PEAK) && !Double.isNaN(row.intensity());
      if (row.moves()) {
        page.append(
            "| %s | %d | %.1f | %s | %s |\n"
                .formatted(
                    row.work(),
                    row.threads(),
                    row.intensity(),
                    row.figure().equals(CpuRow.OF_COPY) ? "memory" : "arithmetic",
                    value(row.reached())));
      } else if (computed) {
        double peak = bench.peak(row.threads());
        double byMemory = row.intensity() * bench.copyRate();
        double roof = Math.min(peak, byMemory);
        page.append(
            "| %s | %d | %.0f | %s | %s |\n"
                .formatted(
                    row.work(),
                    row.threads(),
                    row.intensity(),
                    byMemory < peak ? "memory" : "arithmetic",
                    value(row.reached() * peak / roof)));
      }
    }
  }

  static SequencedMap<String, Object> json(Machine machine, List<CpuRow> rows) {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("benchmark", "cpu");
    map.put("machine", machine.toMap());
    map.put("rows", rows.stream().map(CpuRow::toMap).toList());
    return map;
  }

  private static String threads(int count) {
    return count == 1 ? "1 thread" : count + " threads";
  }

  private static String verdict(CpuRow row) {
    return !row.measured() ? "" : row.failed() ? "fails" : row.part() < 1 ? "short" : "";
  }

  private static String sign(CpuRow row) {
    return row.atMost() ? "≤" : "≥";
  }

  private static String value(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String time(CpuRow row) {
    double s = row.seconds();
    if (s == 0) {
      return "-";
    }
    return s >= 1
        ? String.format(Locale.ROOT, "%.2f s", s)
        : s >= 1e-3
            ? String.format(Locale.ROOT, "%.2f ms", s * 1e3)
            : String.format(Locale.ROOT, "%.1f µs", s * 1e6);
  }
}
