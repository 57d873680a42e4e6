package dev.sluice.tasks.ops.gateddeltarule;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The L2 norm of `q` and `k` before and behind a form that takes them divided by their length; a
/// work-item a row.
public final class QkNormKernels {
  private QkNormKernels() {}

  /// `y[r] = x[r] s[r]`, `s[r] = 1/√(Σ_d x[r,d]² + eps)`
  ///
  /// @param x `[R, K]`, Read
  /// @param y `[R, K]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  public static void divideByLength(
      FloatArray x, FloatArray y, FloatArray s, float eps, int R, int K) {
    for (@Parallel int r = 0; r < R; r++) {
      float sum = 0.0f;
      for (int d = 0; d < K; d++) {
        float value = x.get(r * K + d);
        sum += value * value;
      }
      float reciprocal = 1.0f / TornadoMath.sqrt(sum + eps);
      s.set(r, reciprocal);
      for (int d = 0; d < K; d++) {
        y.set(r * K + d, x.get(r * K + d) * reciprocal);
      }
    }
  }

  /// From the gradient of `y` to that of `x`: `d ← s (d − y (y·d))`
  ///
  /// @param y `[R, K]`, Read; of the forward pass
  /// @param s `[R]`, Read; of the forward pass
  /// @param d `[R, K]`, Read and Overwritten
  public static void throughNorm(FloatArray y, FloatArray s, FloatArray d, int R, int K) {
    for (@Parallel int r = 0; r < R; r++) {
      float along = 0.0f;
      for (int i = 0; i < K; i++) {
        along += y.get(r * K + i) * d.get(r * K + i);
      }
      for (int i = 0; i < K; i++) {
        float across = d.get(r * K + i) - y.get(r * K + i) * along;
        d.set(r * K + i, s.get(r) * across);
      }
    }
  }
}
