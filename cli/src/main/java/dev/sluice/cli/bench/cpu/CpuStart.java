package dev.sluice.cli.bench.cpu;

import dev.sluice.models.LanguageModel;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.training.Rehearsal;
import dev.sluice.training.TrainingProgram;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// How long it takes from starting the command to its first result, with the options of this JVM.
final class CpuStart {
  private static final double VERSION = 0.3;
  private static final double FIRST_STEP = 2.0;
  private static final int TRIES = 5;
  private static final double NANO = 1e-9;

  private final CpuBench bench;

  CpuStart(CpuBench bench) {
    this.bench = bench;
  }

  void measure() {
    row("sluice --version", VERSION, "--version");
    row(
        "first training step GLA " + CpuModels.SMALL,
        FIRST_STEP,
        "bench",
        "cpu",
        BenchCpuCommand.FIRST_STEP);
  }

  /// Builds the small model and does one step, as `sluice train` does.
  static void firstStep() {
    CpuModels.Size size = CpuModels.SMALL;
    Device device = Devices.preferred();
    try (Rehearsal rehearsal =
            Rehearsal.begin(size.config(), device, Choices::automatic, size.length(), 0);
        TrainingProgram program =
            new TrainingProgram(
                new LanguageModel(size.config()),
                device,
                Choices.automatic(),
                size.batch(),
                size.length(),
                0)) {
      program.program().initialize(1);
      rehearsal.await();
      CpuModels.step(program, size).run();
    }
  }

  private void row(String work, double wanted, String... arguments) {
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TRIES; i++) {
      best = Math.min(best, start(arguments));
    }
    bench.add(CpuRow.atMost(work, bench.threads(), best, "seconds", best, wanted));
  }

  private static double start(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("dev.sluice.cli.Sluice");
    command.addAll(List.of(arguments));
    try {
      long start = System.nanoTime();
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            "'sluice %s' ended with code %d".formatted(String.join(" ", arguments), code));
      }
      return (System.nanoTime() - start) * NANO;
    } catch (IOException e) {
      throw new IllegalStateException("cannot start " + command.getFirst(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
