package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.ops.crossentropy.CrossEntropyReference;
import dev.sluice.tasks.ops.linear.LinearReference;

/// Softmax cross-entropy of `x·wᵀ` in double precision.
public final class LinearCrossEntropyReference {
  private LinearCrossEntropyReference() {}

  /// `scale·Σ_{r: labels[r] ≠ ignored} (log Σ_v e^{x[r]·w[v]} − x[r]·w[labels[r]])`
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[V, D]`, Read
  /// @param labels `[R]`, Read
  /// @return the loss
  public static double forward(
      double[] x, double[] w, int[] labels, double scale, int R, int D, int V) {
    double[] logits = LinearReference.forward(x, w, null, R, D, V);
    return CrossEntropyReference.forward(logits, labels, scale, R, V);
  }

  /// Gradients of [#forward].
  ///
  /// @param dX `[R, D]`, Overwritten
  /// @param dW `[V, D]`, Overwritten
  public static void backward(
      double[] x,
      double[] w,
      int[] labels,
      double scale,
      double dLoss,
      double[] dX,
      double[] dW,
      int R,
      int D,
      int V) {
    double[] logits = LinearReference.forward(x, w, null, R, D, V);
    double[] dLogits = new double[R * V];
    CrossEntropyReference.backward(logits, labels, scale, dLoss, dLogits, R, V);
    LinearReference.backward(x, w, dLogits, dX, dW, new double[V], R, D, V);
  }
}
