package dev.sluice.tasks.ops.deltarule;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleOp;
import dev.sluice.tasks.ops.gateddeltarule.QkNorm;
import org.jspecify.annotations.Nullable;

/// The delta rule, with a state `S` `[K, V]` a value head:
///
///     u = β (v − Sᵀk);   S ← S + k uᵀ;   o = scale · Sᵀq
///
/// It is [GatedDeltaRuleOp] without a gate: same kernels, same implementations.
///
/// Source: Yang et al., "Parallelizing Linear Transformers with the Delta Rule over Sequence
/// Length", 2024.
public final class DeltaRuleOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = GatedDeltaRuleOp.UNGATED_NAME;

  private DeltaRuleOp() {}

  /// Appends the op.
  ///
  /// @param q `[B, T, H, K]`
  /// @param k `[B, T, H, K]`
  /// @param v `[B, T, HV, V]`; value head `j` uses key head `j / (HV/H)`
  /// @param beta `[B, T, HV]`
  /// @param norm of the rows of `q` and `k`, as in [GatedDeltaRuleOp#apply]
  /// @param scale factor of the output
  /// @param initialState `[N, HV, K, V]` or null for zero; `N` is `B` where not packed
  /// @param cuSeqlens `[N+1]` int or null, as in [GatedDeltaRuleOp#apply]
  /// @return output `[B, T, HV, V]` and final state `[N, HV, K, V]`
  /// @throws dev.sluice.tasks.graph.GraphException if the shapes do not go together
  public static GatedDeltaRuleOp.Result apply(
      Graph graph,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor beta,
      QkNorm norm,
      float scale,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    return GatedDeltaRuleOp.apply(graph, q, k, v, null, beta, norm, scale, initialState, cuSeqlens);
  }
}
