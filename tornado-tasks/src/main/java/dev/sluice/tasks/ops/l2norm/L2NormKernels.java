package dev.sluice.tasks.ops.l2norm;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Division of rows by their length, one row a work-item.
public final class L2NormKernels {
  private L2NormKernels() {}

  /// `y[r,d] = x[r,d]·s[r]`, `s[r] = 1/√(Σ_d x[r,d]² + eps)`
  ///
  /// @param x `[R, D]`, Read
  /// @param y `[R, D]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  public static void forward(FloatArray x, FloatArray y, FloatArray s, float eps, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      float sum = 0.0f;
      for (int d = 0; d < D; d++) {
        float value = x.get(r * D + d);
        sum += value * value;
      }
      float reciprocal = 1.0f / TornadoMath.sqrt(sum + eps);
      s.set(r, reciprocal);
      for (int d = 0; d < D; d++) {
        y.set(r * D + d, x.get(r * D + d) * reciprocal);
      }
    }
  }

  /// `dX (+)= s·(dY − x·s²·Σ_d dY·x)`
  ///
  /// @param x `[R, D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulate` is 1
  /// @param s `[R]`, Read; of the forward pass
  public static void backward(
      FloatArray x, FloatArray dY, FloatArray dX, FloatArray s, int accumulate, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      float dot = 0.0f;
      for (int d = 0; d < D; d++) {
        dot += dY.get(r * D + d) * x.get(r * D + d);
      }
      float reciprocal = s.get(r);
      float along = dot * reciprocal * reciprocal;
      for (int d = 0; d < D; d++) {
        float gradient = reciprocal * (dY.get(r * D + d) - x.get(r * D + d) * along);
        if (accumulate == 1) {
          gradient += dX.get(r * D + d);
        }
        dX.set(r * D + d, gradient);
      }
    }
  }
}
