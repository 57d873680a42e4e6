package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;

/// What the layers of the delta rule have in common.
final class DeltaKeys {
  private DeltaKeys() {}

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
