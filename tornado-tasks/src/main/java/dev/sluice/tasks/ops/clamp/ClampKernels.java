package dev.sluice.tasks.ops.clamp;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// A lower limit of elements, one a work-item.
public final class ClampKernels {
  private ClampKernels() {}

  /// `y = max(x, minimum)`
  ///
  /// @param x Read
  /// @param y Overwritten
  public static void forward(FloatArray x, FloatArray y, float minimum, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, TornadoMath.max(x.get(i), minimum));
    }
  }

  /// `dX = beta·dX + (x ≥ minimum ? dY : 0)`
  ///
  /// @param x Read
  /// @param dY Read
  /// @param dX Overwritten where `beta` is 0, else Accumulated
  public static void backward(
      FloatArray x, FloatArray dY, FloatArray dX, float minimum, int beta, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float d = x.get(i) >= minimum ? dY.get(i) : 0.0f;
      float before = beta == 0 ? 0.0f : dX.get(i);
      dX.set(i, before + d);
    }
  }
}
