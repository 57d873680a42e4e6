package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// One implementation's nodes.
interface GlaForm {
  /// Appends the nodes that overwrite `output` `[B, T, H, V]` and `finalState` `[N, H, K, V]`.
  ///
  /// @return tensors saved for [#backward]
  List<Tensor> forward(
      Graph graph, GlaInputs inputs, Tensor output, Tensor finalState, GlaDimensions dims);

  /// Appends the nodes that overwrite the gradients.
  void backward(
      Graph graph,
      GlaInputs inputs,
      List<Tensor> saved,
      GlaGradients gradients,
      GlaDimensions dims);
}
