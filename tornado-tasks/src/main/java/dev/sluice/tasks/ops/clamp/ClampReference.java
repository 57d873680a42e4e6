package dev.sluice.tasks.ops.clamp;

/// Clamping in double precision.
public final class ClampReference {
  private ClampReference() {}

  /// `y[i] = min(max(x[i], low), high)`
  ///
  /// @param x `[size]`, Read
  /// @return y `[size]`
  public static double[] forward(double[] x, double low, double high) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = Math.min(Math.max(x[i], low), high);
    }
    return y;
  }

  /// `dX[i] = dY[i]` where `x[i]` lies between the bounds or on one, else 0
  ///
  /// @param x `[size]`, Read
  /// @param dY `[size]`, Read
  /// @return dX `[size]`
  public static double[] backward(double[] x, double[] dY, double low, double high) {
    double[] dX = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      dX[i] = x[i] < low || x[i] > high ? 0 : dY[i];
    }
    return dX;
  }
}
