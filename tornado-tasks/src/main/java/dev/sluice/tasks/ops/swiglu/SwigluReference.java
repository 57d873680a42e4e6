package dev.sluice.tasks.ops.swiglu;

/// The gated unit in double precision.
public final class SwigluReference {
  private SwigluReference() {}

  /// `y = silu(gate)·up`, `silu(x) = x·σ(x)`
  ///
  /// @param gate `[size]`, Read
  /// @param up `[size]`, Read
  /// @return y `[size]`
  public static double[] forward(double[] gate, double[] up) {
    double[] y = new double[gate.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = gate[i] / (1.0 + Math.exp(-gate[i])) * up[i];
    }
    return y;
  }

  /// Gradients of [#forward]: `dGate = dY·up·σ·(1 + gate·(1 − σ))`, `dUp = dY·silu(gate)`.
  ///
  /// @param dGate `[size]`, Overwritten
  /// @param dUp `[size]`, Overwritten
  public static void backward(
      double[] gate, double[] up, double[] dY, double[] dGate, double[] dUp) {
    for (int i = 0; i < dY.length; i++) {
      double s = 1.0 / (1.0 + Math.exp(-gate[i]));
      dGate[i] = dY[i] * up[i] * s * (1.0 + gate[i] * (1.0 - s));
      dUp[i] = dY[i] * gate[i] * s;
    }
  }
}
