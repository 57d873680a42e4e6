package dev.sluice.cli.bench;

import dev.sluice.cli.options.OptionChecks;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.MixerPattern;
import dev.sluice.models.MixerSizes;
import dev.sluice.models.ModelConfig;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import dev.sluice.training.TrainingProgram;
import java.io.PrintWriter;
import java.util.Random;
import picocli.CommandLine.Model.CommandSpec;

/// Measures a whole training step of a language model: forward, backward, clipping, AdamW.
final class StepBench {
  static final String NAME = "step";

  /// Of the peak, over the step, on a CPU.
  private static final double OF_PEAK = 0.15;

  private static final int FLOPS_A_WEIGHT = 6;
  private static final float[] OPTIMIZER = AdamWOp.settingsOf(1e-3, 0.9, 0.95, 1e-8, 0.1, 1, 1);

  /// What is trained.
  record Size(
      String mixer, int width, int layers, int heads, int batch, int length, int vocabulary) {
    String text() {
      return "d%d L%d H%d B%d T%d V%d".formatted(width, layers, heads, batch, length, vocabulary);
    }
  }

  private StepBench() {}

  static int run(CommandSpec spec, StepOptions step) {
    return run(spec, step.bench, step.size(), step.tasks);
  }

  private static int run(CommandSpec spec, BenchOptions options, Size size, boolean tasks) {
    ModelConfig config = config(size);
    BenchSession session = BenchSession.begin(spec, options, NAME);
    Device device = session.device();
    Choices choices = options.where().choices();
    PrintWriter err = spec.commandLine().getErr();
    // Measured before the ceiling, which takes large arrays.
    long baseline = Machine.memory(false);
    try (TrainingProgram program =
        new TrainingProgram(
            new LanguageModel(config), device, choices, size.batch(), size.length(), 0)) {
      program.program().initialize(1);
      options.where().report(choices, err);
      int tokens = size.batch() * size.length();
      int[] ids = new Random(1).ints(tokens, 0, size.vocabulary()).toArray();
      int[] labels = new Random(2).ints(tokens, 0, size.vocabulary()).toArray();
      Runnable step =
          () -> {
            program.accumulate(ids, labels, tokens, 1, 0, 0);
            program.update(OPTIMIZER);
          };
      double first = Stopwatch.once(step);
      Timing timing = session.stopwatch().time(step);
      long weights =
          program.program().variables().parameterCount() - (long) size.vocabulary() * size.width();
      double operations = (double) FLOPS_A_WEIGHT * weights * tokens;
      long process = Machine.memory(true);
      BenchRow row =
          BenchRow.of(
                  BenchRow.labels("mixer", size.mixer(), "size", size.text()),
                  timing,
                  operations,
                  0,
                  session.machine().ceiling())
              .with("first_s", first)
              .with("tokens_per_s", tokens / timing.median())
              .with("planned_bytes", (double) program.plannedBytes())
              .with("baseline_bytes", (double) baseline)
              .with("process_bytes", (double) process);
      session.add(row.with(Mark.atLeast("of peak", row.ofPeak(), OF_PEAK)));
      session.end();
      err.printf("%.0f tokens/s, first step %.2f s%n", tokens / timing.median(), first);
      err.printf(
          "memory: planned %.0f MB; the process held at most %.0f MB, of which %.0f MB before the"
              + " model was built: %.2f × planned above that%n",
          program.plannedBytes() * 1e-6,
          process * 1e-6,
          baseline * 1e-6,
          (double) (process - baseline) / program.plannedBytes());
      if (tasks) {
        TaskTimes.of(program).print(err);
      }
      err.flush();
    }
    return 0;
  }

  private static ModelConfig config(Size s) {
    MixerSizes sizes = new MixerSizes(s.width(), s.heads(), 0, s.length());
    return OptionChecks.named(() ->
        ModelConfig.of(
            s.vocabulary(), s.width(), MixerPattern.parse(s.mixer()).mixers(sizes, s.layers())));
  }
}
