package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One way to compute the op, as nodes of a graph.
interface GatedDeltaRuleForm {
  /// What the op reads.
  ///
  /// @param name of the op, in front of the names of nodes and tensors
  record Inputs(
      String name,
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor g,
      Tensor beta,
      @Nullable Tensor initial,
      @Nullable Tensor cuSeqlens) {
    /// All tensors there are.
    List<Tensor> all() {
      return present(q, k, v, g, beta, initial, cuSeqlens);
    }
  }

  /// What the backward pass reads and writes beside [Inputs].
  ///
  /// @param dO gradient of the output
  /// @param dLast gradient of the final states, or null for zero
  /// @param dG null where there is no gate
  /// @param dInitial Overwritten even if there is no initial state
  record Cotangents(
      Tensor dO,
      @Nullable Tensor dLast,
      Tensor dQ,
      Tensor dK,
      Tensor dV,
      @Nullable Tensor dG,
      Tensor dBeta,
      Tensor dInitial) {
    Tensor[] written() {
      return present(dQ, dK, dV, dG, dBeta, dInitial).toArray(Tensor[]::new);
    }
  }

  /// Appends the forward pass.
  ///
  /// @return tensors saved for [#backward]
  List<Tensor> forward(
      Graph graph, Inputs in, Tensor output, Tensor last, GatedDeltaRuleDimensions dims);

  /// Appends the backward pass.
  void backward(
      Graph graph, Inputs in, List<Tensor> saved, Cotangents d, GatedDeltaRuleDimensions dims);

  /// Those that are not null.
  static List<Tensor> present(@Nullable Tensor... tensors) {
    List<Tensor> list = new ArrayList<>();
    for (Tensor tensor : tensors) {
      if (tensor != null) {
        list.add(tensor);
      }
    }
    return list;
  }
}
