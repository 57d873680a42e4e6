package dev.sluice.cli.bench;

import dev.sluice.data.BatchSource;
import dev.sluice.data.Dataset;
import dev.sluice.data.MqarDataset;
import dev.sluice.data.Split;
import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.MixerConfig;
import dev.sluice.models.MixerSizes;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.ModelTypes;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import dev.sluice.training.Schedule;
import dev.sluice.training.Trainer;
import dev.sluice.training.TrainingProgram;
import java.util.Arrays;
import java.util.Collections;

/// Trains one cell of the recall table, as `sluice train --task mqar` does.
final class RecallRun {
  private static final int CONVOLUTION = 4;
  private static final int HELD_OUT = 512;
  private static final int RISE = 20;
  private static final double WEIGHT_DECAY = 0.1;

  private RecallRun() {}

  static RecallResult of(RecallCell cell, Device device) {
    var setup = cell.setup();
    LanguageModel model = new LanguageModel(config(cell));
    Dataset training = new MqarDataset(cell.task(), setup.seed(), Split.TRAINING);
    Dataset heldOut = new MqarDataset(cell.task(), setup.seed(), Split.HELD_OUT).first(HELD_OUT);
    BatchSource source = BatchSource.shuffled(training, setup.batch(), setup.seed());
    long rise = setup.steps() / RISE;
    Schedule schedule =
        new Schedule(Schedule.Shape.COSINE, setup.rate(), 0, rise, setup.steps(), 0);
    int[] ids = new int[setup.batch() * cell.length()];
    int[] labels = new int[ids.length];
    double[] seconds = new double[(int) setup.steps()];
    try (TrainingProgram program =
        new TrainingProgram(model, device, Choices.automatic(), setup.batch(), cell.length(), 0)) {
      program.program().initialize(setup.seed());
      long parameters = program.program().variables().parameterCount();
      long state = state(model, device, cell.length());
      for (int step = 0; step < seconds.length; step++) {
        int counted = source.next(ids, labels);
        float[] settings =
            AdamWOp.settingsOf(schedule.at(step), 0.9, 0.95, 1e-8, WEIGHT_DECAY, 1, step + 1L);
        long began = System.nanoTime();
        float loss = program.accumulate(ids, labels, counted, setup.seed(), step, 0);
        float norm = program.update(settings);
        seconds[step] = (System.nanoTime() - began) * 1e-9;
        if (!Float.isFinite(loss) || !Float.isFinite(norm)) {
          double[] done = Arrays.copyOf(seconds, step + 1);
          return new RecallResult(
              Double.NaN,
              Double.NaN,
              parameters,
              state,
              ids.length / Timing.of(done).median(),
              Machine.description(device));
        }
      }
      TrainingProgram.Score score = Trainer.evaluate(program, heldOut, setup.batch());
      return new RecallResult(
          score.accuracy(),
          score.loss(),
          parameters,
          state,
          ids.length / Timing.of(seconds).median(),
          Machine.description(device));
    }
  }

  private static ModelConfig config(RecallCell cell) {
    var setup = cell.setup();
    MixerConfig mixer =
        ModelTypes.preset(
            cell.mixer(), new MixerSizes(cell.width(), setup.heads(), CONVOLUTION, cell.length()));
    return ModelConfig.of(
        setup.vocabulary(), cell.width(), Collections.nCopies(setup.layers(), mixer));
  }

  /// Floats that generation keeps from token to token, of one sequence of `length` tokens.
  private static long state(LanguageModel model, Device device, int length) {
    Variables variables = new Variables();
    Graph decode = new Graph("decode", device, variables, Choices.automatic());
    Tensor token = decode.input("ids", Shape.of(1, 1), ElementType.INT32);
    decode.output(model.logits(decode, token, SequenceContext.continued(decode, length, 1)));
    return variables.others().stream()
        .filter(tensor -> tensor.role() == Tensor.Role.VARIABLE)
        .mapToLong(Tensor::size)
        .sum();
  }
}
