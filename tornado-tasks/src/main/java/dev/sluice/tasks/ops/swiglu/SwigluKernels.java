package dev.sluice.tasks.ops.swiglu;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The gated unit, one element a work-item.
public final class SwigluKernels {
  private SwigluKernels() {}

  /// `y = silu(gate)·up`
  ///
  /// @param gate `[size]`, Read
  /// @param up `[size]`, Read
  /// @param y `[size]`, Overwritten
  public static void forward(FloatArray gate, FloatArray up, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float x = gate.get(i);
      y.set(i, x / (1.0f + TornadoMath.exp(-x)) * up.get(i));
    }
  }

  /// `dGate (+)= dY·up·σ·(1 + gate·(1 − σ))`, `dUp (+)= dY·silu(gate)`
  ///
  /// @param gate `[size]`, Read
  /// @param up `[size]`, Read
  /// @param dY `[size]`, Read
  /// @param dGate `[size]`, Overwritten, or Accumulated where `accumulateGate` is 1
  /// @param dUp `[size]`, Overwritten, or Accumulated where `accumulateUp` is 1
  public static void backward(
      FloatArray gate,
      FloatArray up,
      FloatArray dY,
      FloatArray dGate,
      FloatArray dUp,
      int accumulateGate,
      int accumulateUp,
      int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float x = gate.get(i);
      float s = 1.0f / (1.0f + TornadoMath.exp(-x));
      float gradientGate = dY.get(i) * up.get(i) * s * (1.0f + x * (1.0f - s));
      float gradientUp = dY.get(i) * x * s;
      if (accumulateGate == 1) {
        gradientGate += dGate.get(i);
      }
      if (accumulateUp == 1) {
        gradientUp += dUp.get(i);
      }
      dGate.set(i, gradientGate);
      dUp.set(i, gradientUp);
    }
  }
}
