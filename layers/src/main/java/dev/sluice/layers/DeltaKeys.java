package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.l2norm.L2NormOp;

/// What the layers of the delta rule have in common.
final class DeltaKeys {
  private static final float EPS = 1e-6f;

  private DeltaKeys() {}

  /// `x / √(Σ x² + 1e-6)` a head.
  ///
  /// @param x `[B, T, H, K]`
  static Tensor unit(Graph graph, Tensor x) {
    return L2NormOp.apply(graph, x, EPS);
  }

  /// How much of a value is written: `σ(W_b x)`, twice that if eigenvalues may be negative.
  ///
  /// @return `[B, T, H]`
  static Tensor beta(
      Scope scope, Tensor x, int heads, boolean negativeEigenvalues, Initializer initializer) {
    Tensor logits =
        Linear.withoutBias(x.shape().columns(), heads, initializer)
            .forward(scope.child("b_proj"), x);
    Tensor beta = ElementwiseOp.sigmoid(scope.graph(), logits);
    return negativeEigenvalues ? ElementwiseOp.scale(scope.graph(), beta, 2) : beta;
  }
}
