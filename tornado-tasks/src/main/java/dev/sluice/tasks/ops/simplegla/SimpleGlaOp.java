package dev.sluice.tasks.ops.simplegla;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gla.GateKind;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import org.jspecify.annotations.Nullable;

/// Gated linear attention with one gate a head: `S ← e^g S + k vᵀ`, `o = (scale·q)ᵀ S`.
///
/// Source: Yang et al., "Gated Linear Attention Transformers with Hardware-Efficient Training",
/// 2024.
public final class SimpleGlaOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "simple_gla";

  private SimpleGlaOp() {}

  /// Appends the op.
  ///
  /// @param q queries `[B, T, H, K]`
  /// @param k keys `[B, T, H, K]`
  /// @param v values `[B, T, H, V]`
  /// @param g log gate `[B, T, H]`, at most 0
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
      Tensor g,
      float scale,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    return GatedLinearAttention.apply(
        graph, NAME, q, k, v, g, GateKind.HEAD, scale, initialState, cuSeqlens);
  }
}
