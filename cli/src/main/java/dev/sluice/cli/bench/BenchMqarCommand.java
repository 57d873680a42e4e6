package dev.sluice.cli.bench;

import dev.sluice.cli.exit.ExitCode;
import dev.sluice.cli.options.DeviceChoice;
import dev.sluice.cli.options.OptionChecks;
import dev.sluice.models.ModelException;
import dev.sluice.models.ModelTypes;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.GraphException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice bench mqar`.
@Command(
    name = "mqar",
    description = "Trains every mixer on associative recall and makes a table of what it learned.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Runs whose results are in --results already are not repeated: what was interrupted goes on where it was.",
      "",
      "Example: sluice bench mqar --mixers gla,mamba --steps 300 --table docs/mqar.md"
    })
public final class BenchMqarCommand implements Callable<Integer> {
  private static final Pattern TASK = Pattern.compile("(\\d{1,9})x(\\d{1,9})");

  @Spec private CommandSpec spec;

  @Option(
      names = "--mixers",
      split = ",",
      paramLabel = "NAME",
      description = "Only these mixers, separated by commas. Default: all.")
  private List<String> mixers = new ArrayList<>();

  @Option(
      names = "--widths",
      split = ",",
      paramLabel = "N",
      defaultValue = "32,64",
      description = "Widths of the models, each in turn. Default: ${DEFAULT-VALUE}.")
  private List<Integer> widths = List.of();

  @Option(
      names = "--tasks",
      split = ",",
      paramLabel = "LENGTHxPAIRS",
      defaultValue = "64x4,128x8",
      description =
          "Tokens and key-value pairs of an example, each in turn. Default: ${DEFAULT-VALUE}.")
  private List<String> tasks = List.of();

  @Option(
      names = "--vocab",
      paramLabel = "N",
      defaultValue = "256",
      description = "Size of the vocabulary. Default: ${DEFAULT-VALUE}.")
  private int vocabulary;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Number of layers. Default: ${DEFAULT-VALUE}.")
  private int layers;

  @Option(
      names = "--heads",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "Heads of a layer, where its mixer has any; they share the width. Default: ${DEFAULT-VALUE}.")
  private int heads;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Examples of a step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "1200",
      description = "Optimizer steps of a run. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--lr",
      split = ",",
      paramLabel = "RATE",
      defaultValue = "3e-3,1e-2",
      description =
          "Highest learning rates, each in turn; the table has the best of each row. Default: ${DEFAULT-VALUE}.")
  private List<Double> rates = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of parameters and examples. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--results",
      paramLabel = "FILE",
      defaultValue = "mqar.json",
      description = "File that keeps the results of the runs, as JSON. Default: ${DEFAULT-VALUE}.")
  private Path results = Path.of("mqar.json");

  @Option(
      names = "--table",
      paramLabel = "FILE",
      description = "Write the table to this file, as Markdown. Default: standard output.")
  private @Nullable Path table;

  @Option(
      names = "--note",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "A sentence for the table, such as what else the machine did.")
  private String note;

  @Mixin private DeviceChoice where = new DeviceChoice();

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public BenchMqarCommand() {}

  @Override
  public Integer call() {
    List<RecallCell> cells = cells();
    BenchOptions.expectWritable("--results", results);
    if (table != null) {
      BenchOptions.expectWritable("--table", table);
    }
    Device device = where.device();
    RecallTable found = RecallTable.open(results);
    PrintWriter err = spec.commandLine().getErr();
    boolean failed = false;
    for (RecallCell cell : cells) {
      if (found.find(cell).isPresent()) {
        continue;
      }
      try {
        RecallResult result = RecallRun.of(cell, device);
        found.add(cell, result);
        err.printf(
            "%s: accuracy %.3f, %.0f tokens/s%n",
            cell, result.accuracy(), result.tokensPerSecond());
      } catch (ModelException | GraphException e) {
        err.println("sluice: " + cell + ": " + e.getMessage());
        failed = true;
      }
      err.flush();
    }
    write(found.markdown(cells, note));
    return failed ? ExitCode.FAILED : 0;
  }

  private List<RecallCell> cells() {
    OptionChecks.positive("--batch", batch);
    OptionChecks.positive("--steps", steps);
    OptionChecks.positive("--layers", layers);
    OptionChecks.positive("--heads", heads);
    widths.forEach(width -> OptionChecks.positive("--widths", width));
    for (double rate : rates) {
      if (!(rate > 0 && Double.isFinite(rate))) {
        throw new IllegalArgumentException("--lr %s: must be positive".formatted(rate));
      }
    }
    OptionChecks.check(() -> mixers.forEach(ModelTypes::checkMixer));
    List<RecallCell> cells = new ArrayList<>();
    for (String task : tasks) {
      Matcher matcher = TASK.matcher(task);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "--tasks '%s': length and pairs are needed, such as 64x4".formatted(task));
      }
      int length = Integer.parseInt(matcher.group(1));
      int pairs = Integer.parseInt(matcher.group(2));
      for (String mixer : mixers.isEmpty() ? ModelTypes.mixers() : mixers) {
        for (int width : widths) {
          for (double rate : rates) {
            var setup = new RecallCell.Setup(vocabulary, layers, heads, batch, steps, rate, seed);
            RecallCell cell = new RecallCell(mixer, width, length, pairs, setup);
            OptionChecks.named(cell::task);
            cells.add(cell);
          }
        }
      }
    }
    return cells;
  }

  private void write(String text) {
    if (table == null) {
      PrintWriter out = spec.commandLine().getOut();
      out.print(text);
      out.flush();
      return;
    }
    try {
      Files.writeString(table, text);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--table %s: cannot be written: %s".formatted(table, e.getMessage()), e);
    }
  }
}
