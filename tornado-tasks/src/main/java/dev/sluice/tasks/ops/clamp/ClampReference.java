package dev.sluice.tasks.ops.clamp;

/// A lower limit of elements in double precision.
public final class ClampReference {
  private ClampReference() {}

  /// `y = max(x, minimum)`
  public static double forward(double x, double minimum) {
    return Math.max(x, minimum);
  }

  /// Gradient of [#forward]: `dX = dY` where `x ≥ minimum`, else 0.
  public static double backward(double x, double dY, double minimum) {
    return x >= minimum ? dY : 0;
  }
}
