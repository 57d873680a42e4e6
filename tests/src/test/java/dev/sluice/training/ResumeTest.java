package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.checkpoint.CheckpointStore;
import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.data.Dataset;
import dev.sluice.data.MqarDataset;
import dev.sluice.data.MqarOptions;
import dev.sluice.data.Split;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.SmallModels;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A run that was stopped and resumed has the numbers of one that was not.
class ResumeTest {
  private static final int STEPS = 6;
  private static final int STOP = 3;
  private static final int BATCH = 2;
  private static final long SEED = 7;

  private static final MqarOptions DATA = new MqarOptions(16, 8, 2);
  private static final ModelConfig CONFIG = SmallModels.of("gla", 16, 8, 1, 0.02);

  @Test
  void resumedRunRepeatsEveryBit(@TempDir Path folder) {
    List<LogEntry> whole = train(folder.resolve("whole"), false, STEPS);
    List<LogEntry> parts = new ArrayList<>(train(folder.resolve("parts"), false, STOP));
    assertEquals(STOP, parts.size());
    parts.addAll(train(folder.resolve("parts"), true, STEPS));

    assertEquals(numbersOf(whole), numbersOf(parts));
    assertEquals(numbersOf(whole), numbersOf(RunLog.read(folder.resolve("parts"))));
  }

  private static List<LogEntry> train(Path run, boolean resume, long stopAt) {
    List<LogEntry> entries = new ArrayList<>();
    Dataset training = new MqarDataset(DATA, SEED, Split.TRAINING);
    Dataset heldOut = new MqarDataset(DATA, SEED, Split.HELD_OUT).first(4);
    Trainer.Options options =
        new Trainer.Options(
            new Schedule(Schedule.Shape.COSINE, 1e-2, 0, 2, STEPS, 0),
            BATCH,
            2,
            0.1,
            1,
            1,
            STEPS,
            STEPS,
            SEED);
    try (CheckpointStore store = CheckpointStore.open(run, 1);
        TrainingProgram program =
            new TrainingProgram(
                new LanguageModel(CONFIG),
                Devices.preferred(),
                Choices.automatic(),
                BATCH,
                DATA.length(),
                0.1f);
        RunLog log = RunLog.open(run, resume ? STOP : 0)) {
      Trainer trainer =
          new Trainer(
              CONFIG,
              program,
              training,
              heldOut,
              options,
              JsonFiles.parse("options", "{}"),
              store,
              log);
      if (resume) {
        trainer.resume(store.latest().orElseThrow());
        assertEquals(STOP, trainer.step());
      }
      trainer.run(entries::add, () -> trainer.step() == stopAt);
    }
    return entries;
  }

  private static List<LogEntry> numbersOf(List<LogEntry> entries) {
    return entries.stream().map(ResumeTest::numbers).toList();
  }

  /// The entry without its speed. Records compare doubles by `Double.compare`: every bit counts.
  private static LogEntry numbers(LogEntry entry) {
    return new LogEntry(
        entry.step(),
        entry.tokens(),
        entry.loss(),
        entry.learningRate(),
        entry.gradientNorm(),
        0,
        entry.heldOutLoss(),
        entry.heldOutAccuracy());
  }
}
