package dev.sluice.tasks.ops.rotary;

/// Rotary position embedding in double precision.
public final class RotaryReference {
  private RotaryReference() {}

  /// With `a = position[r] · base^(−2i/D)`, for `i < D/2`: `y[i] = x[i] cos a − x[i+D/2] sin a` and
  /// `y[i+D/2] = x[i] sin a + x[i+D/2] cos a`.
  ///
  /// @param x `[rows, H, D]`, Read
  /// @param positions `[rows]`, Read
  /// @param direction 1, or −1 to rotate back
  /// @return y `[rows, H, D]`
  public static double[] forward(
      double[] x, int[] positions, double base, int direction, int H, int D) {
    double[] y = new double[x.length];
    int half = D / 2;
    for (int row = 0; row < x.length / D; row++) {
      for (int i = 0; i < half; i++) {
        double angle = direction * positions[row / H] * Math.pow(base, -2.0 * i / D);
        double first = x[row * D + i];
        double second = x[row * D + half + i];
        y[row * D + i] = first * Math.cos(angle) - second * Math.sin(angle);
        y[row * D + half + i] = first * Math.sin(angle) + second * Math.cos(angle);
      }
    }
    return y;
  }

  /// The gradient of [#forward], rotated back: `dX = forward(dY, −direction)`.
  ///
  /// @return dX `[rows, H, D]`
  public static double[] backward(double[] dY, int[] positions, double base, int H, int D) {
    return forward(dY, positions, base, -1, H, D);
  }
}
