package dev.sluice.tasks.ops.rmsnorm;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Root-mean-square normalization, one row a work-item.
public final class RmsNormKernels {
  private RmsNormKernels() {}

  /// `y[r,d] = x[r,d] · w[d] · s[r]`, `s[r] = 1/√(mean_d x[r,d]² + eps)`
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param y `[R, D]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  public static void forward(
      FloatArray x, FloatArray w, FloatArray y, FloatArray s, float eps, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      float sum = 0.0f;
      for (int d = 0; d < D; d++) {
        float value = x.get(r * D + d);
        sum += value * value;
      }
      float reciprocal = 1.0f / TornadoMath.sqrt(sum / D + eps);
      s.set(r, reciprocal);
      for (int d = 0; d < D; d++) {
        y.set(r * D + d, x.get(r * D + d) * w.get(d) * reciprocal);
      }
    }
  }

  /// `dX[r,d] = s·(w·dY − x·s²·mean(w·dY·x))`
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulate` is 1
  /// @param s `[R]`, Read; of the forward pass
  public static void backwardInput(
      FloatArray x,
      FloatArray w,
      FloatArray dY,
      FloatArray dX,
      FloatArray s,
      int accumulate,
      int R,
      int D) {
    for (@Parallel int r = 0; r < R; r++) {
      float dot = 0.0f;
      for (int d = 0; d < D; d++) {
        dot += w.get(d) * dY.get(r * D + d) * x.get(r * D + d);
      }
      float reciprocal = s.get(r);
      float mean = dot / D * reciprocal * reciprocal;
      for (int d = 0; d < D; d++) {
        float gradient = reciprocal * (w.get(d) * dY.get(r * D + d) - x.get(r * D + d) * mean);
        if (accumulate == 1) {
          gradient += dX.get(r * D + d);
        }
        dX.set(r * D + d, gradient);
      }
    }
  }

  /// Sums over blocks of rows, so that the order of addition is fixed: `partial[b,d] = Σ_{r in
  /// block b} dY[r,d] · x[r,d] · s[r]`
  ///
  /// @param x `[R, D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param partial `[blocks, D]`, Overwritten
  /// @param s `[R]`, Read; of the forward pass
  public static void backwardWeightPartial(
      FloatArray x, FloatArray dY, FloatArray partial, FloatArray s, int blocks, int R, int D) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int d = 0; d < D; d++) {
        int rows = (R + blocks - 1) / blocks;
        int end = Math.min(R, (b + 1) * rows);
        float sum = 0.0f;
        for (int r = b * rows; r < end; r++) {
          sum += dY.get(r * D + d) * x.get(r * D + d) * s.get(r);
        }
        partial.set(b * D + d, sum);
      }
    }
  }

  /// `dW[d] (+)= Σ_b partial[b,d]`
  ///
  /// @param partial `[blocks, D]`, Read
  /// @param dW `[D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardWeight(
      FloatArray partial, FloatArray dW, int accumulate, int blocks, int D) {
    for (@Parallel int d = 0; d < D; d++) {
      float sum = accumulate == 1 ? dW.get(d) : 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial.get(b * D + d);
      }
      dW.set(d, sum);
    }
  }
}
