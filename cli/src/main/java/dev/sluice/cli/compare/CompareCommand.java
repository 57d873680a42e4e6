package dev.sluice.cli.compare;

import dev.sluice.checkpoint.CheckpointException;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.cli.bench.BenchOp;
import dev.sluice.cli.bench.BenchOps;
import dev.sluice.cli.bench.BenchOptions;
import dev.sluice.cli.bench.Machine;
import dev.sluice.cli.bench.SequenceSize;
import dev.sluice.cli.bench.SizeOptions;
import dev.sluice.cli.bench.Stopwatch;
import dev.sluice.cli.exit.ExitCode;
import dev.sluice.cli.options.OptionChecks;
import dev.sluice.models.ModelTypes;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.GraphException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice compare`.
@Command(
    name = "compare",
    description =
        "Does the same work on every device and in every implementation, checks that the results agree, and writes a page with charts.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all results agree",
      "1:some do not, or something did not run",
      "2:asked for wrongly"
    },
    footer = {
      "",
      "A runtime sees its own devices only: run it once with TORNADOVM_HOME and once without, or on several machines, and merge.",
      "",
      "Examples:",
      "  sluice compare --output jvm.json",
      "  sluice compare --merge jvm.json,gpu.json --html devices.html"
    })
public final class CompareCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final String NONE = "none";

  @Spec private CommandSpec spec;

  @Option(
      names = "--devices",
      split = ",",
      paramLabel = "ID",
      defaultValue = ALL,
      description =
          "Devices by their names in 'sluice devices', or all. Default: ${DEFAULT-VALUE}.")
  private List<String> devices = List.of();

  @Option(
      names = "--ops",
      split = ",",
      paramLabel = "NAME",
      description = "Only these ops, separated by commas, or none. Default: all.")
  private List<String> ops = new ArrayList<>();

  @Option(
      names = "--model",
      split = ",",
      paramLabel = "MIXER",
      defaultValue = "gla",
      description =
          "Mixers of the small models that are trained to compare their losses, or none. Default: ${DEFAULT-VALUE}.")
  private List<String> models = List.of();

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "50",
      description = "Steps of their training. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--lengths",
      split = ",",
      paramLabel = "N",
      defaultValue = "512",
      description = "Tokens of the ops' sequences, each in turn. Default: ${DEFAULT-VALUE}.")
  private List<Integer> lengths = List.of();

  @Mixin private SizeOptions sizes = new SizeOptions();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "0.3",
      description =
          "Seconds of measuring an implementation, after as many of warming up. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--merge",
      split = ",",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Run nothing, put the results of earlier comparisons (--output) together.")
  private List<Path> merged = new ArrayList<>();

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = "compare.json",
      description = "File for the results, as JSON. Default: ${DEFAULT-VALUE}.")
  private Path output = Path.of("compare.json");

  @Option(
      names = "--html",
      paramLabel = "FILE",
      defaultValue = "compare.html",
      description = "File for the page. Default: ${DEFAULT-VALUE}.")
  private Path page = Path.of("compare.html");

  @Option(names = "--json", description = "Show the results as a line of JSON instead of a table.")
  private boolean json;

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public CompareCommand() {}

  @Override
  public Integer call() {
    BenchOptions.expectWritable("--output", output);
    BenchOptions.expectWritable("--html", page);
    merged.forEach(path -> OptionChecks.present("--merge", path));
    CompareFile file = new CompareFile();
    if (merged.isEmpty()) {
      run(file);
    } else {
      merged.forEach(file::merge);
      file.group();
      file.store(output);
    }
    try {
      Files.writeString(page, ComparePage.of(file));
    } catch (IOException e) {
      throw new CheckpointException(
          "--html %s: cannot be written: %s".formatted(page, e.getMessage()), e);
    }
    List<Agreement> judged = Agreement.judge(file.ofKnownCeilings());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonFiles.line(file.toMap()));
    } else {
      CompareTable.print(out, judged);
      out.printf("results: %s, page: %s%n", output, page);
    }
    out.flush();
    return judged.stream().allMatch(Agreement::agrees) ? 0 : ExitCode.FAILED;
  }

  private void run(CompareFile file) {
    List<BenchOp> wanted = ops.equals(List.of(NONE)) ? List.of() : BenchOps.named(ops);
    List<String> mixers = models.equals(List.of(NONE)) ? List.of() : models;
    OptionChecks.check(() -> mixers.forEach(ModelTypes::checkMixer));
    List<SequenceSize> wantedSizes = sizes.sizes(lengths);
    Stopwatch stopwatch = stopwatch();
    List<Device> present =
        devices.equals(List.of(ALL))
            ? Devices.all()
            : devices.stream().map(id -> OptionChecks.named(() -> Devices.named(id))).toList();
    PrintWriter err = spec.commandLine().getErr();
    for (Device device : present) {
      Machine machine;
      try {
        machine = Machine.of(device);
      } catch (GraphException e) {
        throw new GraphException(device + " cannot be measured: " + e.getMessage(), e);
      }
      String label = file.device(device.id(), machine.toMap());
      CompareRun run = new CompareRun(machine, label, stopwatch);
      for (BenchOp op : wanted) {
        for (SequenceSize size : wantedSizes) {
          for (boolean gradients : List.of(false, true)) {
            run.op(op, size, gradients).forEach(entry -> add(file, entry, err));
          }
        }
      }
      for (String mixer : mixers) {
        add(file, CompareTraining.run(mixer, steps, machine, label), err);
      }
    }
  }

  private Stopwatch stopwatch() {
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("--seconds %s: must be above 0".formatted(seconds));
    }
    OptionChecks.positive("--steps", steps);
    return Stopwatch.of(seconds);
  }

  /// Keeps a result: in the file, too, so that none is lost when a later one does not end.
  private void add(CompareFile file, CompareEntry entry, PrintWriter err) {
    file.add(entry);
    file.store(output);
    err.println("  " + entry.series() + ": " + entry.work());
    err.flush();
  }
}
