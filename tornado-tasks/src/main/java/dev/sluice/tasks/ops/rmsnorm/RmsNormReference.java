package dev.sluice.tasks.ops.rmsnorm;

/// Root-mean-square normalization in double precision.
public final class RmsNormReference {
  private RmsNormReference() {}

  /// `y[r,d] = x[r,d] · w[d] / √(mean_d x[r,d]² + eps)`
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @return y `[R, D]`
  public static double[] forward(double[] x, double[] w, double eps, int R, int D) {
    double[] y = new double[R * D];
    for (int r = 0; r < R; r++) {
      double reciprocal = reciprocal(x, eps, r, D);
      for (int d = 0; d < D; d++) {
        y[r * D + d] = x[r * D + d] * w[d] * reciprocal;
      }
    }
    return y;
  }

  /// Gradients of [#forward]: `dX = s·(w⊙dY − x·s²·mean(w⊙dY⊙x))` and `dW = Σ_r dY⊙x·s` with `s =
  /// 1/√(mean x² + eps)`.
  ///
  /// @param dX `[R, D]`, Overwritten
  /// @param dW `[D]`, Overwritten
  public static void backward(
      double[] x, double[] w, double[] dY, double eps, double[] dX, double[] dW, int R, int D) {
    java.util.Arrays.fill(dW, 0, D, 0.0);
    for (int r = 0; r < R; r++) {
      double s = reciprocal(x, eps, r, D);
      double dot = 0;
      for (int d = 0; d < D; d++) {
        int i = r * D + d;
        dot += w[d] * dY[i] * x[i];
        dW[d] += dY[i] * x[i] * s;
      }
      for (int d = 0; d < D; d++) {
        int i = r * D + d;
        dX[i] = s * (w[d] * dY[i] - x[i] * s * s * dot / D);
      }
    }
  }

  private static double reciprocal(double[] x, double eps, int r, int D) {
    double sum = 0;
    for (int d = 0; d < D; d++) {
      sum += x[r * D + d] * x[r * D + d];
    }
    return 1.0 / Math.sqrt(sum / D + eps);
  }
}
