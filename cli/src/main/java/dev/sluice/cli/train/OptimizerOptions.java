package dev.sluice.cli.train;

import dev.sluice.cli.options.OptionChecks;
import dev.sluice.training.Schedule;
import dev.sluice.training.Trainer;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How long and how a model is trained.
final class OptimizerOptions {
  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Examples of a batch. Default: 64 for mqar, 4 for text.")
  private @Nullable Integer batch;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      defaultValue = "1",
      description = "Batches whose gradients make one step. Default: ${DEFAULT-VALUE}.")
  private int accumulate;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Optimizer steps. Default: 1200 for mqar, 1000 for text.")
  private @Nullable Long steps;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = "Highest learning rate. Default: 1e-2 for mqar, 5e-3 for text.")
  private @Nullable Double rate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description =
          "How the rate goes on after the warm-up: constant, cosine, linear or warmup-stable-decay. Default: ${DEFAULT-VALUE}.")
  private String schedule = "cosine";

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description = "Steps in which the rate rises from 0. Default: a twentieth of the steps.")
  private @Nullable Long warmup;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0.1",
      description = "Weight decay of AdamW, decoupled. Default: ${DEFAULT-VALUE}.")
  private double weightDecay;

  @Option(
      names = "--clip",
      paramLabel = "X",
      defaultValue = "1",
      description =
          "Norm to which larger gradients are scaled down; 0 for no limit. Default: ${DEFAULT-VALUE}.")
  private double clip;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0",
      description = "Probability of dropout, below 1. Default: ${DEFAULT-VALUE}.")
  private float dropout;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Seed of first parameters, order of the data and dropout. Default: ${DEFAULT-VALUE}.")
  private long seed;

  /// @throws IllegalArgumentException if a value cannot be
  void check(DataOptions.Task task) {
    OptionChecks.positive("--batch", batch(task));
    OptionChecks.positive("--accumulate", accumulate);
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "--dropout %s: must be from 0 to below 1".formatted(dropout));
    }
  }

  int batch(DataOptions.Task task) {
    return batch != null ? batch : task.batch;
  }

  long steps(DataOptions.Task task) {
    return steps != null ? steps : task.steps;
  }

  float dropout() {
    return dropout;
  }

  long seed() {
    return seed;
  }

  /// The trainer's options; what happens every so many steps is given.
  Trainer.Options options(
      DataOptions.Task task, long logEvery, long evaluateEvery, long saveEvery) {
    long total = steps(task);
    long rise = warmup == null ? total / 20 : warmup;
    return new Trainer.Options(
        new Schedule(
            Schedule.Shape.parse(schedule), rate(task), 0, rise, total, (total - rise) / 5),
        batch(task),
        accumulate,
        weightDecay,
        clip,
        logEvery,
        evaluateEvery,
        saveEvery,
        seed);
  }

  /// What a resumed run must have in common with the one that it goes on with.
  void record(DataOptions.Task task, SequencedMap<String, Object> into) {
    into.put("batch", batch(task));
    into.put("accumulate", accumulate);
    into.put("steps", steps(task));
    into.put("lr", rate(task));
    into.put("schedule", schedule);
    into.put("weight_decay", weightDecay);
    into.put("clip", clip);
    into.put("dropout", Double.valueOf(Float.toString(dropout)));
    into.put("seed", seed);
  }

  private double rate(DataOptions.Task task) {
    return rate != null ? rate : task.rate;
  }
}
