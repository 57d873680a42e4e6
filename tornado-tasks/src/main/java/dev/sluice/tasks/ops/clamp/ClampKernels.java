package dev.sluice.tasks.ops.clamp;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Clamping, one element a work-item.
public final class ClampKernels {
  private ClampKernels() {}

  /// `y[i] = min(max(x[i], low), high)`
  ///
  /// @param x `[size]`, Read
  /// @param y `[size]`, Overwritten
  public static void forward(FloatArray x, FloatArray y, float low, float high, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, TornadoMath.min(TornadoMath.max(x.get(i), low), high));
    }
  }

  /// `dX[i] (+)= dY[i]` where `x[i]` lies between the bounds or on one, else 0
  ///
  /// @param x `[size]`, Read
  /// @param dY `[size]`, Read
  /// @param dX `[size]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backward(
      FloatArray x, FloatArray dY, FloatArray dX, float low, float high, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float gradient = 0.0f;
      if (x.get(i) >= low && x.get(i) <= high) {
        gradient = dY.get(i);
      }
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }
}
