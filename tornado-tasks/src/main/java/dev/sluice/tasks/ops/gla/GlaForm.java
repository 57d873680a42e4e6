package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;

/// One implementation's nodes.
interface GlaForm {
  /// Appends the nodes that overwrite `output` `[B, T, H, V]` and `finalState` `[N, H, K, V]`.
  void forward(Graph graph, GlaInputs inputs, Tensor output, Tensor finalState, GlaDimensions dims);

  /// Appends the nodes that overwrite the gradients.
  void backward(Graph graph, GlaInputs inputs, GlaGradients gradients, GlaDimensions dims);
}
