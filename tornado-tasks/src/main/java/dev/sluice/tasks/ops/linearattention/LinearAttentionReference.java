package dev.sluice.tasks.ops.linearattention;

/// What turns [dev.sluice.tasks.ops.gla.GlaReference] into the reference of this op.
public final class LinearAttentionReference {
  private LinearAttentionReference() {}

  /// `g[r,h,k] = 0`
  ///
  /// @return `[rows, H, K]`
  public static double[] gates(int rows, int H, int K) {
    return new double[rows * H * K];
  }
}
