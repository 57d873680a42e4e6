package dev.sluice.tasks.ops.l2norm;

/// Division of rows by their length in double precision.
public final class L2NormReference {
  private L2NormReference() {}

  /// `y[r,d] = x[r,d]·s[r]`, `s[r] = 1/√(Σ_d x[r,d]² + eps)`
  ///
  /// @param x `[R, D]`, Read
  /// @return y `[R, D]`
  public static double[] forward(double[] x, double eps, int R, int D) {
    double[] y = new double[R * D];
    for (int r = 0; r < R; r++) {
      double s = reciprocal(x, eps, r, D);
      for (int d = 0; d < D; d++) {
        y[r * D + d] = x[r * D + d] * s;
      }
    }
    return y;
  }

  /// Gradient of [#forward]: `dX = s·(dY − x·s²·Σ_d dY·x)`.
  ///
  /// @param dX `[R, D]`, Overwritten
  public static void backward(double[] x, double[] dY, double eps, double[] dX, int R, int D) {
    for (int r = 0; r < R; r++) {
      double s = reciprocal(x, eps, r, D);
      double dot = 0;
      for (int d = 0; d < D; d++) {
        dot += dY[r * D + d] * x[r * D + d];
      }
      for (int d = 0; d < D; d++) {
        int i = r * D + d;
        dX[i] = s * (dY[i] - x[i] * s * s * dot);
      }
    }
  }

  private static double reciprocal(double[] x, double eps, int r, int D) {
    double sum = 0;
    for (int d = 0; d < D; d++) {
      sum += x[r * D + d] * x[r * D + d];
    }
    return 1.0 / Math.sqrt(sum + eps);
  }
}
