package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.assign.AssignOp;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
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

  /// `x + added`, and that times `weight / √(mean² + eps)`
  ///
  /// @param added shape of `x`
  public RmsNormOp.Sum forwardSum(Scope scope, Tensor x, Tensor added) {
    return RmsNormOp.applyToSum(scope.graph(), x, added, weight(scope), eps);
  }

  /// `x · weight / √(mean x² + eps) · gate · σ(gate)`
  ///
  /// @param gate shape of `x`
  public Tensor gated(Scope scope, Tensor x, Tensor gate) {
    return GatedRmsNormOp.apply(scope.graph(), x, gate, weight(scope), eps);
  }

  /// `x · weight / √(mean x² + eps)`, the mean over each of `groups` parts of the innermost axis.
  ///
  /// @param groups a divisor of `size`
  public Tensor grouped(Scope scope, Tensor x, int groups) {
    if (groups == 1) {
      return forward(scope, x);
    }
    Graph graph = scope.graph();
    int part = size / groups;
    Tensor ones = AssignOp.constant(graph, Shape.of(part), 1);
    Tensor parts = x.view(x.shape().rows(), groups, part);
    Tensor normalized = RmsNormOp.apply(graph, parts, ones, eps).view(x.shape().extents());
    return ElementwiseOp.multiplyRow(graph, normalized, weight(scope));
  }

  private Tensor weight(Scope scope) {
    return scope.parameter("weight", Shape.of(size), Initializers.ones());
  }
}
