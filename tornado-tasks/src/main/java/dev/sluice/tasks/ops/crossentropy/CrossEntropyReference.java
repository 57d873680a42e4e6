package dev.sluice.tasks.ops.crossentropy;

/// Softmax cross-entropy in double precision.
public final class CrossEntropyReference {
  private CrossEntropyReference() {}

  /// `scale·Σ_{r: labels[r] ≠ ignored} (log Σ_v e^{logits[r,v]} − logits[r,labels[r]])`
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[R]`, Read
  /// @return the loss
  public static double forward(double[] logits, int[] labels, double scale, int R, int V) {
    double loss = 0;
    for (int r = 0; r < R; r++) {
      if (labels[r] != CrossEntropyOp.IGNORED) {
        loss += logSumExp(logits, r, V) - logits[r * V + labels[r]];
      }
    }
    return scale * loss;
  }

  /// Gradient of [#forward]: `dLogits[r,v] = dLoss·scale·(softmax(logits[r])[v] − [v =
  /// labels[r]])`, zero in ignored rows.
  ///
  /// @param dLogits `[R, V]`, Overwritten
  public static void backward(
      double[] logits, int[] labels, double scale, double dLoss, double[] dLogits, int R, int V) {
    for (int r = 0; r < R; r++) {
      boolean counts = labels[r] != CrossEntropyOp.IGNORED;
      double logSum = logSumExp(logits, r, V);
      for (int v = 0; v < V; v++) {
        double share = Math.exp(logits[r * V + v] - logSum) - (v == labels[r] ? 1.0 : 0.0);
        dLogits[r * V + v] = counts ? dLoss * scale * share : 0.0;
      }
    }
  }

  private static double logSumExp(double[] logits, int r, int V) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int v = 0; v < V; v++) {
      largest = Math.max(largest, logits[r * V + v]);
    }
    double sum = 0;
    for (int v = 0; v < V; v++) {
      sum += Math.exp(logits[r * V + v] - largest);
    }
    return largest + Math.log(sum);
  }
}
