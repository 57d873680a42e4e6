package dev.sluice.cli.bench;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.cli.options.OptionChecks;
import dev.sluice.tasks.device.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/// One run of a benchmark: knows the machine, takes rows, and shows and keeps them at the end.
public final class BenchSession {
  private final CommandSpec spec;
  private final BenchOptions options;
  private final String benchmark;
  private final Map<String, Double> earlier;
  private final Device device;
  private @Nullable Machine machine;
  private final List<BenchRow> rows = new ArrayList<>();

  private BenchSession(
      CommandSpec spec,
      BenchOptions options,
      String benchmark,
      Map<String, Double> earlier,
      Device device) {
    this.spec = spec;
    this.options = options;
    this.benchmark = benchmark;
    this.earlier = earlier;
    this.device = device;
  }

  /// Checks the options.
  ///
  /// @param benchmark its name in the report
  public static BenchSession begin(CommandSpec spec, BenchOptions options, String benchmark) {
    options.stopwatch();
    Device device = options.where().device();
    Path compare = options.compare();
    Map<String, Double> earlier = Map.of();
    if (compare != null) {
      OptionChecks.present("--compare", compare);
      earlier = BenchReport.medians(compare, benchmark);
    }
    Path output = options.output();
    if (output != null) {
      BenchOptions.expectWritable("--output", output);
    }
    return new BenchSession(spec, options, benchmark, earlier, device);
  }

  /// The device that is measured.
  public Device device() {
    return device;
  }

  /// The machine; what it can do is measured when this is first asked for.
  public Machine machine() {
    Machine known = machine;
    if (known == null) {
      known = Machine.of(device);
      machine = known;
    }
    return known;
  }

  /// The stopwatch that was asked for.
  public Stopwatch stopwatch() {
    return options.stopwatch();
  }

  /// The rows so far.
  public List<BenchRow> rows() {
    return List.copyOf(rows);
  }

  /// Takes a row, and says so to those who wait.
  public void add(BenchRow row) {
    rows.add(row);
    PrintWriter err = spec.commandLine().getErr();
    err.println("  " + row.name() + ": " + BenchTable.seconds(row.timing().median()));
    err.flush();
  }

  /// Shows the rows, and writes them where that was asked for.
  public void end() {
    PrintWriter out = spec.commandLine().getOut();
    var map = BenchReport.toMap(benchmark, machine(), rows);
    if (options.json()) {
      out.println(JsonFiles.line(map));
    } else {
      out.println(machine().line());
      BenchTable.print(out, rows, earlier);
    }
    out.flush();
    Path output = options.output();
    if (output != null) {
      JsonFiles.store(output, map);
    }
  }
}
