package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import org.jspecify.annotations.Nullable;

/// Gated linear attention: `S ← diag(e^g) S + k vᵀ`, `o = (scale·q)ᵀ S`, per head.
///
/// Source: Yang et al., "Gated Linear Attention Transformers with Hardware-Efficient Training",
/// 2024. HGRN2 is this op with `k = 1 − e^g`.
public final class GlaOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "gla";

  private GlaOp() {}

  /// Appends the op.
  ///
  /// @param q queries `[B, T, H, K]`
  /// @param k keys `[B, T, H, K]`
  /// @param v values `[B, T, H, V]`
  /// @param g log gate `[B, T, H, K]`, at most 0
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
        graph, NAME, q, k, v, g, GateKind.KEY, scale, initialState, cuSeqlens);
  }
}
