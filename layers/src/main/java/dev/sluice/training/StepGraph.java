package dev.sluice.training;

import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Forward and backward pass over one batch; gradients add up in the variables.
final class StepGraph {
  private static final String NAME = "step";
  private static final int KEY_WORDS = 4;

  private final LanguageModel model;
  private final float dropout;
  private final Choices choices;
  private final Graph graph;
  private final Tensor ids;
  private final Tensor labels;
  private final Tensor labelScale;
  private final Tensor lossGradient;
  private final Tensor randomKey;
  private final Tensor loss;

  /// Builds the graph.
  ///
  /// @param shape `[B, T]`
  /// @param dropout probability of a value being dropped
  StepGraph(
      LanguageModel model,
      Device device,
      Variables variables,
      Choices choices,
      Shape shape,
      float dropout) {
    this.model = model;
    this.dropout = dropout;
    this.choices = choices;
    graph = new Graph(NAME, device, variables, choices);
    randomKey = variables.setting("random_key", Shape.of(KEY_WORDS), ElementType.INT32);
    ids = graph.input("ids", shape, ElementType.INT32);
    labels = graph.input("labels", shape, ElementType.INT32);
    labelScale = graph.input("label_scale", Shape.of(1), ElementType.FLOAT32);
    lossGradient = graph.input("loss_gradient", Shape.of(1), ElementType.FLOAT32);
    loss =
        graph.output(
            model.loss(
                graph, ids, labels, labelScale, SequenceContext.training(dropout, randomKey)));
    graph.backward(Map.of(loss, lossGradient));
  }

  Graph graph() {
    return graph;
  }

  /// Runs a batch and returns its part of the step's loss; parameters as in
  /// [TrainingProgram#accumulate].
  float run(
      Program program,
      int[] batchIds,
      int[] batchLabels,
      int labelsOfStep,
      long seed,
      long step,
      int microStep) {
    program.write(ids, batchIds);
    program.write(labels, batchLabels);
    program.write(labelScale, 1f / Math.max(1, labelsOfStep));
    program.write(lossGradient, 1f);
    program.write(randomKey, (int) seed, (int) (seed >> 32), (int) step, microStep);
    program.run(NAME);
    return program.read(loss)[0];
  }

  /// The first tensor that is not finite, of a run that keeps them all.
  Optional<String> firstNotFinite(
      Program program,
      int[] batchIds,
      int[] batchLabels,
      int labelsOfStep,
      long seed,
      long step,
      int microStep) {
    Variables copies = new Variables();
    StepGraph kept = new StepGraph(model, graph.device(), copies, choices, ids.shape(), dropout);
    kept.graph.keepAll();
    try (Program again = Program.of(graph.device(), copies, List.of(kept.graph))) {
      for (Parameter parameter : program.variables().parameters()) {
        Parameter copy = copies.findParameter(parameter.name());
        if (copy != null) {
          again.write(copy.value(), program.read(parameter.value()));
        }
      }
      kept.run(again, batchIds, batchLabels, labelsOfStep, seed, step, microStep);
      return again.firstNotFinite(NAME).map(Tensor::name);
    }
  }
}
