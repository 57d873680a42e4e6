package dev.sluice.tasks.ops.retention;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gla.GateKind;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import org.jspecify.annotations.Nullable;

/// Retention: `S ← e^g S + k vᵀ`, `o = (scale·q)ᵀ S` with `g = ln(1 − 2^(−5−h))` for head `h`.
///
/// Source: Sun et al., "Retentive Network: A Successor to Transformer for Large Language Models",
/// 2023.
public final class RetentionOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "retention";

  private RetentionOp() {}

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
    Tensor gates = graph.activation("retention.gates", Shape.of(heads));
    graph
        .node("retention.gates")
        .writes(gates)
        .lower(t ->
            t.task("gates", Grid.PARALLEL, RetentionKernels::fixGates, t.floats(gates), heads));
    return GatedLinearAttention.apply(
        graph, NAME, q, k, v, gates, GateKind.FIXED, scale, initialState, cuSeqlens);
  }
}
