package dev.sluice.cli.bench.cpu;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.cli.bench.Machine;
import dev.sluice.cli.exit.ExitCode;
import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice bench cpu`.
@Command(
    name = "cpu",
    description = {
      "Measures the JVM's device against what the machine can do: matrix products, ops, whole steps, generation, start.",
      "Exit code 1 if a row is below 0.9 of its mark."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class BenchCpuCommand implements Callable<Integer> {
  static final String FIRST_STEP = "--first-step";

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "The report as one line of JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description = "Write the report there too, as a page in Markdown.")
  private @Nullable Path page;

  @Option(
      names = "--only",
      paramLabel = "GROUP",
      description = "Measure only this group: products, ops, models or start.")
  private @Nullable String only;

  @Option(
      names = "--work",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Measure only the rows whose name has this in it, such as 'RMSNorm'.")
  private String work;

  @Mixin private CpuRounds rounds;

  @Option(names = FIRST_STEP, hidden = true, description = "Do one step of the small model.")
  private boolean firstStep;

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public BenchCpuCommand() {}

  @Override
  public Integer call() {
    if (firstStep) {
      CpuStart.firstStep();
      return 0;
    }
    CpuClock clock = rounds.clock();
    Device device = Devices.preferred();
    if (device.backend() != Backend.JVM || !device.has(Feature.VECTOR_API)) {
      throw new IllegalArgumentException(
          "bench cpu measures the JVM's device with the Vector API, and the device here is %s; unset TORNADOVM_HOME"
              .formatted(device.id()));
    }
    PrintWriter err = spec.commandLine().getErr();
    CpuBench bench = new CpuBench(device, clock, err, work);
    Map<String, Runnable> groups = new LinkedHashMap<>();
    groups.put("products", () -> new CpuProducts(bench).measure());
    groups.put(
        "ops",
        () -> {
          new CpuOps(bench).measure();
          new CpuMoves(bench).measure();
        });
    groups.put("models", () -> new CpuModels(bench).measure());
    groups.put("start", () -> new CpuStart(bench).measure());
    if (only != null && !groups.containsKey(only)) {
      throw new IllegalArgumentException(
          "--only %s: there are %s".formatted(only, String.join(", ", groups.keySet())));
    }
    rounds.run(() -> {
      bench.measureCeilings();
      groups.forEach((name, group) -> {
        if (only == null || only.equals(name)) {
          group.run();
        }
      });
    });
    return report(bench);
  }

  private int report(CpuBench bench) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonFiles.line(CpuReport.json(Machine.of(bench.device()), bench.rows())));
    } else {
      out.println(CpuReport.machine(bench));
      bench.rows().forEach(row -> out.println(CpuReport.line(row)));
    }
    out.flush();
    if (page != null) {
      try {
        Files.writeString(page, CpuReport.page(bench));
      } catch (IOException e) {
        throw new IllegalArgumentException("--page %s: cannot be written".formatted(page), e);
      }
    }
    return bench.rows().stream().anyMatch(CpuRow::failed) ? ExitCode.FAILED : 0;
  }
}
