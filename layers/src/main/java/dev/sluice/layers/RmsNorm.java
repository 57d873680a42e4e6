package dev.sluice.layers;

import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gatedrmsnorm.GatedRmsNormOp;
import dev.sluice.tasks.ops.rmsnorm.RmsNormOp;

/// Root-mean-square normalization of the innermost axis, alone or with a gate.
///
/// Parameter: `weight` `[size]`, begun at one. Shape in = shape out.
///
/// @param size innermost extent
/// @param eps added to the mean square
public record RmsNorm(int size, float eps) {
  /// `x · weight / √(mean x² + eps)`
  public Tensor forward(Scope scope, Tensor x) {
    return RmsNormOp.apply(scope.graph(), x, weight(scope), eps);
  }

  /// `x · weight / √(mean x² + eps) · gate · σ(gate)`
  ///
  /// @param gate shape of `x`
  public Tensor gated(Scope scope, Tensor x, Tensor gate) {
    return GatedRmsNormOp.apply(scope.graph(), x, gate, weight(scope), eps);
  }

  private Tensor weight(Scope scope) {
    return scope.parameter("weight", Shape.of(size), Initializers.ones());
  }
}
