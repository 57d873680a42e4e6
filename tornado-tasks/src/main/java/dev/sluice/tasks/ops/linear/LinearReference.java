package dev.sluice.tasks.ops.linear;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/// Affine maps in double precision.
public final class LinearReference {
  private LinearReference() {}

  /// `y = x·wᵀ + bias`
  ///
  /// @param x `[R, I]`, Read
  /// @param w `[O, I]`, Read
  /// @param bias `[O]`, Read, or null for none
  /// @return y `[R, O]`
  public static double[] forward(
      double[] x, double[] w, double @Nullable [] bias, int R, int I, int O) {
    double[] y = new double[R * O];
    CommonOps_DDRM.multTransB(
        DMatrixRMaj.wrap(R, I, x), DMatrixRMaj.wrap(O, I, w), DMatrixRMaj.wrap(R, O, y));
    if (bias != null) {
      for (int i = 0; i < R * O; i++) {
        y[i] += bias[i % O];
      }
    }
    return y;
  }

  /// Gradients of [#forward]: `dX = dY·w`, `dW = dYᵀ·x`, `dBias = Σ_r dY[r]`.
  ///
  /// @param dX `[R, I]`, Overwritten
  /// @param dW `[O, I]`, Overwritten
  /// @param dBias `[O]`, Overwritten
  public static void backward(
      double[] x,
      double[] w,
      double[] dY,
      double[] dX,
      double[] dW,
      double[] dBias,
      int R,
      int I,
      int O) {
    DMatrixRMaj outer = DMatrixRMaj.wrap(R, O, dY);
    CommonOps_DDRM.mult(outer, DMatrixRMaj.wrap(O, I, w), DMatrixRMaj.wrap(R, I, dX));
    CommonOps_DDRM.multTransA(outer, DMatrixRMaj.wrap(R, I, x), DMatrixRMaj.wrap(O, I, dW));
    Arrays.fill(dBias, 0.0);
    for (int i = 0; i < R * O; i++) {
      dBias[i % O] += dY[i];
    }
  }
}
