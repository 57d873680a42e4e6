package dev.sluice.tasks.ops.gatedrmsnorm;

import java.util.Arrays;

/// Gated root-mean-square normalization in double precision.
public final class GatedRmsNormReference {
  private GatedRmsNormReference() {}

  /// `y[r,d] = x[r,d]·s[r]·w[d]·silu(gate[r,d])`, `s[r] = 1/√(mean_d x[r,d]² + eps)`
  ///
  /// @param x `[R, D]`, Read
  /// @param gate `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @return y `[R, D]`
  public static double[] forward(double[] x, double[] gate, double[] w, double eps, int R, int D) {
    double[] y = new double[R * D];
    for (int r = 0; r < R; r++) {
      double s = reciprocal(x, eps, r, D);
      for (int d = 0; d < D; d++) {
        int i = r * D + d;
        y[i] = x[i] * s * w[d] * gate[i] / (1.0 + Math.exp(-gate[i]));
      }
    }
    return y;
  }

  /// Gradients of [#forward]. With `h = silu(gate)`: `dW = Σ_r dY⊙x·s⊙h`, `dGate = dY⊙x·s⊙w⊙h'`,
  /// `dX = s·(w⊙h⊙dY − x·s²·mean(w⊙h⊙dY⊙x))`.
  ///
  /// @param dX `[R, D]`, Overwritten
  /// @param dGate `[R, D]`, Overwritten
  /// @param dW `[D]`, Overwritten
  public static void backward(
      double[] x,
      double[] gate,
      double[] w,
      double[] dY,
      double eps,
      double[] dX,
      double[] dGate,
      double[] dW,
      int R,
      int D) {
    Arrays.fill(dW, 0.0);
    for (int r = 0; r < R; r++) {
      double s = reciprocal(x, eps, r, D);
      double dot = 0;
      for (int d = 0; d < D; d++) {
        int i = r * D + d;
        double sigmoid = 1.0 / (1.0 + Math.exp(-gate[i]));
        double h = gate[i] * sigmoid;
        dX[i] = w[d] * h * dY[i];
        dot += dX[i] * x[i];
        dW[d] += dY[i] * x[i] * s * h;
        dGate[i] = dY[i] * x[i] * s * w[d] * sigmoid * (1.0 + gate[i] * (1.0 - sigmoid));
      }
      for (int d = 0; d < D; d++) {
        int i = r * D + d;
        dX[i] = s * (dX[i] - x[i] * s * s * dot / D);
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
