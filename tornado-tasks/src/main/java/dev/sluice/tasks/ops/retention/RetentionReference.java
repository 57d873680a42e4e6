package dev.sluice.tasks.ops.retention;

/// What turns [dev.sluice.tasks.ops.gla.GlaReference] into the reference of this op.
public final class RetentionReference {
  private RetentionReference() {}

  /// `g[r,h,k] = ln(1 − 2^(−5−h))`
  ///
  /// @return `[rows, H, K]`
  public static double[] gates(int rows, int H, int K) {
    double[] gates = new double[rows * H * K];
    for (int i = 0; i < gates.length; i++) {
      gates[i] = Math.log1p(-Math.pow(2, -5 - i / K % H));
    }
    return gates;
  }
}
