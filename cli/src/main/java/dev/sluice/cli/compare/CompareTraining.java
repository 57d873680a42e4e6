package dev.sluice.cli.compare;

import dev.sluice.cli.bench.Machine;
import dev.sluice.cli.bench.Timing;
import dev.sluice.data.BatchSource;
import dev.sluice.data.MqarDataset;
import dev.sluice.data.MqarOptions;
import dev.sluice.data.Split;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.MixerConfig;
import dev.sluice.models.MixerSizes;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.ModelTypes;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import dev.sluice.training.TrainingProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;

/// Trains a small model from the same seed on the same data, so that the losses of devices and
/// runtimes can be laid side by side.
final class CompareTraining {
  private static final int WIDTH = 64;
  private static final int LAYERS = 2;
  private static final int HEADS = 2;
  private static final int CONVOLUTION = 4;
  private static final int VOCABULARY = 256;
  private static final int LENGTH = 64;
  private static final int PAIRS = 8;
  private static final int BATCH = 16;
  private static final long SEED = 1;
  private static final double RATE = 1e-3;

  private CompareTraining() {}

  /// What is trained, by a line that is the same everywhere.
  static String work(String mixer, int steps) {
    return "train %s d%d L%d H%d B%d T%d V%d, %d steps"
        .formatted(mixer, WIDTH, LAYERS, HEADS, BATCH, LENGTH, VOCABULARY, steps);
  }

  /// Trains on one device.
  static CompareEntry run(String mixer, int steps, Machine machine, String label) {
    String work = work(mixer, steps);
    Choices choices = Choices.automatic();
    long began = System.nanoTime();
    double first = Double.NaN;
    double[] seconds = new double[steps];
    List<Double> losses = new ArrayList<>();
    BatchSource source =
        BatchSource.shuffled(
            new MqarDataset(new MqarOptions(VOCABULARY, LENGTH, PAIRS), SEED, Split.TRAINING),
            BATCH,
            SEED);
    int[] ids = new int[BATCH * LENGTH];
    int[] labels = new int[ids.length];
    try (TrainingProgram program =
        new TrainingProgram(
            new LanguageModel(config(mixer)), machine.device(), choices, BATCH, LENGTH, 0)) {
      program.program().initialize(SEED);
      for (int step = 0; step < steps; step++) {
        int counted = source.next(ids, labels);
        long start = System.nanoTime();
        float loss = program.accumulate(ids, labels, counted, SEED, step, 0);
        if (!Float.isFinite(loss)) {
          throw new GraphException("the loss of step " + (step + 1) + " is not finite");
        }
        losses.add((double) loss);
        program.update(AdamWOp.settingsOf(RATE, 0.9, 0.95, 1e-8, 0.1, 1, step + 1L));
        seconds[step] = (System.nanoTime() - start) * 1e-9;
        if (step == 0) {
          first = (System.nanoTime() - began) * 1e-9;
        }
      }
      long weights = program.program().variables().parameterCount() - (long) VOCABULARY * WIDTH;
      // The first half warms up.
      Timing timing = Timing.of(Arrays.copyOfRange(seconds, steps / 2, steps));
      return new CompareEntry(
          work,
          label,
          "step",
          false,
          timing,
          first,
          6.0 * weights * ids.length / timing.median() / machine.ceiling().multiplyAdd(),
          Double.NaN,
          new LinkedHashMap<>(),
          losses,
          null);
    } catch (GraphException | IllegalArgumentException e) {
      return CompareEntry.failed(work, label, "step", false, CompareRun.reason(e));
    }
  }

  private static ModelConfig config(String mixer) {
    MixerConfig chosen =
        ModelTypes.preset(mixer, new MixerSizes(WIDTH, HEADS, CONVOLUTION, LENGTH));
    return ModelConfig.of(VOCABULARY, WIDTH, Collections.nCopies(LAYERS, chosen));
  }
}
