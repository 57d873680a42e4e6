package dev.sluice.tasks.ops.rmsnorm;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Root-mean-square normalization, one row a work-group: neighbours read neighbours.
public final class RmsNormGroupKernels {
  /// Work-items that share a row.
  public static final int GROUP = 64;

  private RmsNormGroupKernels() {}

  /// As [RmsNormKernels#forward]; groups `(R)`.
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param y `[R, D]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  public static void forward(
      KernelContext context,
      FloatArray x,
      FloatArray w,
      FloatArray y,
      FloatArray s,
      float eps,
      int D) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int first = context.groupIdx * D;
    float sum = 0.0f;
    for (int d = item; d < D; d += GROUP) {
      float value = x.get(first + d);
      sum += value * value;
    }
    sums[item] = sum;
    for (int width = GROUP / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (item < width) {
        sums[item] += sums[item + width];
      }
    }
    context.localBarrier();
    float reciprocal = 1.0f / TornadoMath.sqrt(sums[0] / D + eps);
    if (item == 0) {
      s.set(context.groupIdx, reciprocal);
    }
    for (int d = item; d < D; d += GROUP) {
      y.set(first + d, x.get(first + d) * w.get(d) * reciprocal);
    }
  }

  /// As [RmsNormKernels#backwardInput]; groups `(R)`.
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulate` is 1
  /// @param s `[R]`, Read; of the forward pass
  public static void backwardInput(
      KernelContext context,
      FloatArray x,
      FloatArray w,
      FloatArray dY,
      FloatArray dX,
      FloatArray s,
      int accumulate,
      int D) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int first = context.groupIdx * D;
    float sum = 0.0f;
    for (int d = item; d < D; d += GROUP) {
      sum += w.get(d) * dY.get(first + d) * x.get(first + d);
    }
    sums[item] = sum;
    for (int width = GROUP / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (item < width) {
        sums[item] += sums[item + width];
      }
    }
    context.localBarrier();
    float reciprocal = s.get(context.groupIdx);
    float mean = sums[0] / D * reciprocal * reciprocal;
    for (int d = item; d < D; d += GROUP) {
      float gradient = reciprocal * (w.get(d) * dY.get(first + d) - x.get(first + d) * mean);
      if (accumulate == 1) {
        gradient += dX.get(first + d);
      }
      dX.set(first + d, gradient);
    }
  }
}
