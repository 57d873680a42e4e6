package dev.sluice.training;

import dev.sluice.data.Dataset;
import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import dev.sluice.tasks.ops.gradientnorm.GradientNormOp;
import dev.sluice.tasks.ops.linearcrossentropy.LinearCrossEntropyOp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A model's graphs for training on one device: `step` (forward and backward, gradients add up),
/// `update` (norm, clipping, AdamW, gradients back to zero) and `evaluate` (loss of each label, and
/// whether it is the model's first choice).
public final class TrainingProgram implements AutoCloseable {
  private static final String UPDATE = "update";
  private static final String EVALUATE = "evaluate";

  private final StepGraph step;
  private final Program program;
  private final Tensor norm;
  private final Tensor settings;
  private final Tensor evaluationIds;
  private final Tensor evaluationLabels;
  private final Tensor rowLosses;
  private final Tensor firstChoices;

  /// Builds the graphs.
  ///
  /// @param batch rows of a batch
  /// @param length tokens of a row
  /// @param dropout probability of a value being dropped
  public TrainingProgram(
      LanguageModel model, Device device, Choices choices, int batch, int length, float dropout) {
    Variables variables = new Variables();
    Shape shape = Shape.of(batch, length);
    settings = AdamWOp.settings(variables);

    step = new StepGraph(model, device, variables, choices, shape, dropout);

    Graph update = new Graph(UPDATE, device, variables, choices);
    norm = update.output(GradientNormOp.apply(update));
    AdamWOp.apply(update, norm, settings);

    Graph evaluate = new Graph(EVALUATE, device, variables, choices);
    evaluationIds = evaluate.input("ids", shape, ElementType.INT32);
    evaluationLabels = evaluate.input("labels", shape, ElementType.INT32);
    LinearCrossEntropyOp.Rows rows =
        model.judge(evaluate, evaluationIds, evaluationLabels, SequenceContext.whole());
    rowLosses = evaluate.output(rows.loss());
    firstChoices = evaluate.output(rows.right());

    program = Program.captured(device, variables, List.of(step.graph(), update, evaluate));
  }

  /// Bytes of parameters, gradients, moments and activations.
  public long plannedBytes() {
    return program.plannedBytes();
  }

  /// The program, to read and write parameters.
  public Program program() {
    return program;
  }

  /// The moments of AdamW.
  public Collection<Tensor> moments() {
    List<Tensor> moments = new ArrayList<>();
    for (Tensor tensor : program.variables().others()) {
      if (tensor.name().endsWith(AdamWOp.FIRST_MOMENT)
          || tensor.name().endsWith(AdamWOp.SECOND_MOMENT)) {
        moments.add(tensor);
      }
    }
    return moments;
  }

  /// Adds the gradients of one batch and returns its part of the step's loss.
  ///
  /// @param labelsOfStep labels that count in all batches of the step
  public float accumulate(
      int[] batchIds, int[] batchLabels, int labelsOfStep, long seed, long step, int microStep) {
    return this.step.run(program, batchIds, batchLabels, labelsOfStep, seed, step, microStep);
  }

  /// Clips and updates; returns the norm of the gradient before clipping. Nothing is updated if it
  /// is not finite.
  ///
  /// @param values of the optimizer, from `AdamWOp.settingsOf`
  public float update(float[] values) {
    program.write(settings, values);
    program.run(UPDATE);
    return program.read(norm)[0];
  }

  /// Runs forward and backward pass of the last batch and an update once more and says how many
  /// seconds each of their tasks took; see [Program#taskSeconds].
  public SequencedMap<String, Double> taskSeconds() {
    SequencedMap<String, Double> seconds = program.taskSeconds(step.graph().name());
    seconds.putAll(program.taskSeconds(UPDATE));
    return seconds;
  }

  /// Loss, accuracy and number of labels over a batch.
  public Score score(int[] batchIds, int[] batchLabels) {
    program.write(evaluationIds, batchIds);
    program.write(evaluationLabels, batchLabels);
    program.run(EVALUATE);
    float[] losses = program.read(rowLosses);
    float[] first = program.read(firstChoices);
    double sum = 0;
    long right = 0;
    long count = 0;
    for (int row = 0; row < batchLabels.length; row++) {
      if (batchLabels[row] != Dataset.IGNORED) {
        sum += losses[row];
        right += (long) first[row];
        count++;
      }
    }
    return new Score(sum, right, count);
  }

  /// Sums over the labels of some batches.
  ///
  /// @param negativeLogLikelihood sum over the labels
  /// @param right labels that are the model's first choice
  /// @param labels that count
  public record Score(double negativeLogLikelihood, long right, long labels) {
    /// This and another.
    public Score plus(Score other) {
      return new Score(
          negativeLogLikelihood + other.negativeLogLikelihood,
          right + other.right,
          labels + other.labels);
    }

    /// Mean loss of a label.
    public double loss() {
      return negativeLogLikelihood / labels;
    }

    /// Part of the labels that are the model's first choice.
    public double accuracy() {
      return (double) right / labels;
    }
  }

  /// The first tensor of a batch's forward and backward pass that is not finite, by running it once
  /// more with every tensor kept; nothing if all are. Parameters stay as they are.
  ///
  /// @throws OutOfMemoryError if there is no room to keep them all
  public Optional<String> firstNotFinite(
      int[] batchIds, int[] batchLabels, int labelsOfStep, long seed, long step, int microStep) {
    return this.step.firstNotFinite(
        program, batchIds, batchLabels, labelsOfStep, seed, step, microStep);
  }

  @Override
  public void close() throws GraphException {
    program.close();
  }
}
