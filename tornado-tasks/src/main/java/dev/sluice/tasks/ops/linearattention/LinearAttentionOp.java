package dev.sluice.tasks.ops.linearattention;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gla.GateKind;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import dev.sluice.tasks.ops.gla.GlaKernels;
import org.jspecify.annotations.Nullable;

/// Causal linear attention without normalizer: `S ← S + k vᵀ`, `o = (scale·q)ᵀ S`.
///
/// Source: Katharopoulos et al., "Transformers are RNNs", 2020.
public final class LinearAttentionOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "linear_attention";

  private LinearAttentionOp() {}

  /// Appends the op.
  ///
  /// @param q queries `[B, T, H, K]`
  /// @param k keys `[B, T, H, K]`
  /// @param v values `[B, T, H, V]`
  /// @param scale factor of the queries
  /// @param initialState `[N, H, K, V]`, or null for zero
  /// @param cuSeqlens `[N + 1]` int32 offsets of packed sequences (batch 1), or null
  /// @return the output `[B, T, H, V]` and the final state `[N, H, K, V]`
  /// @throws dev.sluice.tasks.graph.GraphException if a shape does not fit
  public static GatedLinearAttention.Result apply(
      Graph graph,
      Tensor q,
      Tensor k,
      Tensor v,
      float scale,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    int heads = q.shape().extent(-2);
    Tensor gates = graph.activation("linear_attention.gates", Shape.of(heads));
    graph
        .node("linear_attention.gates")
        .writes(gates)
        .lower(t -> t.task("gates", Grid.PARALLEL, GlaKernels::clear, t.floats(gates), heads));
    return GatedLinearAttention.apply(
        graph, NAME, q, k, v, gates, GateKind.FIXED, scale, initialState, cuSeqlens);
  }
}
