package dev.sluice.tasks.ops.columns;

/// Parts of rows in double precision.
public final class ColumnsReference {
  private ColumnsReference() {}

  /// Columns `from … to−1` of each row.
  ///
  /// @param x `[R, D]`, Read
  /// @return y `[R, to − from]`
  public static double[] slice(double[] x, int from, int to, int R, int D) {
    double[] y = new double[R * (to - from)];
    for (int r = 0; r < R; r++) {
      System.arraycopy(x, r * D + from, y, r * (to - from), to - from);
    }
    return y;
  }

  /// Rows of `a` with the rows of `b` behind them.
  ///
  /// @param a `[R, D]`, Read
  /// @param b `[R, E]`, Read
  /// @return y `[R, D + E]`
  public static double[] concat(double[] a, double[] b, int R, int D, int E) {
    double[] y = new double[R * (D + E)];
    for (int r = 0; r < R; r++) {
      System.arraycopy(a, r * D, y, r * (D + E), D);
      System.arraycopy(b, r * E, y, r * (D + E) + D, E);
    }
    return y;
  }

  /// Gradient of [#slice]: `dY` in its columns, zero elsewhere.
  ///
  /// @param dX `[R, D]`, Overwritten
  public static void backwardSlice(double[] dY, int from, int to, double[] dX, int R, int D) {
    for (int i = 0; i < R * D; i++) {
      int d = i % D;
      dX[i] = d >= from && d < to ? dY[i / D * (to - from) + d - from] : 0.0;
    }
  }

  /// Gradients of [#concat]: the two parts of `dY`.
  ///
  /// @param dA `[R, D]`, Overwritten
  /// @param dB `[R, E]`, Overwritten
  public static void backwardConcat(double[] dY, double[] dA, double[] dB, int R, int D, int E) {
    System.arraycopy(slice(dY, 0, D, R, D + E), 0, dA, 0, R * D);
    System.arraycopy(slice(dY, D, D + E, R, D + E), 0, dB, 0, R * E);
  }
}
