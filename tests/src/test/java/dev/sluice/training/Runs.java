package dev.sluice.training;

import dev.sluice.checkpoint.CheckpointStore;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.data.Dataset;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.SmallModels;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Short runs of a small model, for tests.
final class Runs {
  static final ModelConfig CONFIG = SmallModels.of("gla", 16, 8, 1, 0.02);
  static final long SEED = 7;

  private Runs() {}

  /// A run that logs and saves every step, its peak rate `rate`.
  static Trainer.Options options(double rate, int batch, int accumulate, long steps) {
    return new Trainer.Options(
        new Schedule(Schedule.Shape.CONSTANT, rate, 0, 0, steps, 0),
        batch,
        accumulate,
        0.1,
        1,
        1,
        steps,
        1,
        SEED);
  }

  static TrainingProgram program(int batch, int length) {
    return new TrainingProgram(
        new LanguageModel(CONFIG), Devices.preferred(), Choices.automatic(), batch, length, 0);
  }

  /// Trains to the end.
  static List<LogEntry> train(
      Path folder, TrainingProgram program, Dataset data, Trainer.Options options) {
    List<LogEntry> entries = new ArrayList<>();
    try (CheckpointStore store = CheckpointStore.open(folder, 2);
        RunLog log = RunLog.open(folder, 0)) {
      new Trainer(
              CONFIG,
              program,
              data,
              data.first(4),
              options,
              JsonFiles.parse("options", "{}"),
              store,
              log)
          .run(entries::add, () -> false);
    }
    return entries;
  }
}
