package dev.sluice.tasks.ops.rmsnorm;

import dev.sluice.tasks.ops.ColumnSumKernels;
import dev.sluice.tasks.ops.RowGroups;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Root-mean-square normalization, `lanes` work-items a row ([RowGroups]): neighbours read
/// neighbours.
public final class RmsNormGroupKernels {
  private RmsNormGroupKernels() {}

  /// As [RmsNormKernels#forward]; groups of [RowGroups].
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
      int lanes,
      int R,
      int D) {
    float[] sums = context.allocateFloatLocalArray(RowGroups.GROUP);
    int item = context.localIdx;
    int lane = item % lanes;
    int r = context.groupIdx * (RowGroups.GROUP / lanes) + item / lanes;
    float sum = 0.0f;
    if (r < R) {
      for (int d = lane; d < D; d += lanes) {
        float value = x.get(r * D + d);
        sum += value * value;
      }
    }
    sums[item] = sum;
    for (int width = lanes / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (lane < width) {
        sums[item] += sums[item + width];
      }
    }
    context.localBarrier();
    if (r < R) {
      float reciprocal = 1.0f / TornadoMath.sqrt(sums[item - lane] / D + eps);
      if (lane == 0) {
        s.set(r, reciprocal);
      }
      for (int d = lane; d < D; d += lanes) {
        y.set(r * D + d, x.get(r * D + d) * w.get(d) * reciprocal);
      }
    }
  }

  /// `x = a + b`, then [#forward]; groups of [RowGroups].
  ///
  /// @param a `[R, D]`, Read
  /// @param b `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param x `[R, D]`, Overwritten
  /// @param y `[R, D]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  public static void forwardSum(
      KernelContext context,
      FloatArray a,
      FloatArray b,
      FloatArray w,
      FloatArray x,
      FloatArray y,
      FloatArray s,
      float eps,
      int lanes,
      int R,
      int D) {
    float[] sums = context.allocateFloatLocalArray(RowGroups.GROUP);
    int item = context.localIdx;
    int lane = item % lanes;
    int r = context.groupIdx * (RowGroups.GROUP / lanes) + item / lanes;
    float sum = 0.0f;
    if (r < R) {
      for (int d = lane; d < D; d += 4 * lanes) {
        // Loads do not move above stores: four at a time are under way.
        int at = r * D + d;
        float x0 = a.get(at) + b.get(at);
        float x1 = 0.0f;
        float x2 = 0.0f;
        float x3 = 0.0f;
        if (d + lanes < D) {
          x1 = a.get(at + lanes) + b.get(at + lanes);
        }
        if (d + 2 * lanes < D) {
          x2 = a.get(at + 2 * lanes) + b.get(at + 2 * lanes);
        }
        if (d + 3 * lanes < D) {
          x3 = a.get(at + 3 * lanes) + b.get(at + 3 * lanes);
        }
        sum += x0 * x0 + x1 * x1 + x2 * x2 + x3 * x3;
        x.set(at, x0);
        if (d + lanes < D) {
          x.set(at + lanes, x1);
        }
        if (d + 2 * lanes < D) {
          x.set(at + 2 * lanes, x2);
        }
        if (d + 3 * lanes < D) {
          x.set(at + 3 * lanes, x3);
        }
      }
    }
    sums[item] = sum;
    for (int width = lanes / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (lane < width) {
        sums[item] += sums[item + width];
      }
    }
    context.localBarrier();
    if (r < R) {
      float reciprocal = 1.0f / TornadoMath.sqrt(sums[item - lane] / D + eps);
      if (lane == 0) {
        s.set(r, reciprocal);
      }
      for (int d = lane; d < D; d += lanes) {
        y.set(r * D + d, x.get(r * D + d) * w.get(d) * reciprocal);
      }
    }
  }

  /// As [RmsNormKernels#backwardInput]; groups of [RowGroups].
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
      int lanes,
      int R,
      int D) {
    float[] sums = context.allocateFloatLocalArray(RowGroups.GROUP);
    int item = context.localIdx;
    int lane = item % lanes;
    int r = context.groupIdx * (RowGroups.GROUP / lanes) + item / lanes;
    float sum = 0.0f;
    if (r < R) {
      for (int d = lane; d < D; d += lanes) {
        sum += w.get(d) * dY.get(r * D + d) * x.get(r * D + d);
      }
    }
    sums[item] = sum;
    for (int width = lanes / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (lane < width) {
        sums[item] += sums[item + width];
      }
    }
    context.localBarrier();
    if (r < R) {
      float reciprocal = s.get(r);
      float mean = sums[item - lane] / D * reciprocal * reciprocal;
      int first = r * D;
      int d = lane;
      // Loads do not move above stores: four elements at a time are under way.
      for (; d + 3 * lanes < D; d += 4 * lanes) {
        int e = d + lanes;
        int f = e + lanes;
        int g = f + lanes;
        float atD = inputGradient(x, w, dY, reciprocal, mean, first, d);
        float atE = inputGradient(x, w, dY, reciprocal, mean, first, e);
        float atF = inputGradient(x, w, dY, reciprocal, mean, first, f);
        float atG = inputGradient(x, w, dY, reciprocal, mean, first, g);
        if (accumulate == 1) {
          atD += dX.get(first + d);
          atE += dX.get(first + e);
          atF += dX.get(first + f);
          atG += dX.get(first + g);
        }
        dX.set(first + d, atD);
        dX.set(first + e, atE);
        dX.set(first + f, atF);
        dX.set(first + g, atG);
      }
      for (; d < D; d += lanes) {
        float gradient = inputGradient(x, w, dY, reciprocal, mean, first, d);
        if (accumulate == 1) {
          gradient += dX.get(first + d);
        }
        dX.set(first + d, gradient);
      }
    }
  }

  private static float inputGradient(
      FloatArray x, FloatArray w, FloatArray dY, float reciprocal, float mean, int first, int d) {
    return reciprocal * (w.get(d) * dY.get(first + d) - x.get(first + d) * mean);
  }

  /// As [RmsNormKernels#backwardWeightPartial]; blocks and groups of
  /// [dev.sluice.tasks.ops.ColumnSums].
  ///
  /// @param x `[R, D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param partial `[blocks, D]`, Overwritten
  /// @param s `[R]`, Read; of the forward pass
  /// @param rows of a block
  public static void backwardWeightPartial(
      KernelContext context,
      FloatArray x,
      FloatArray dY,
      FloatArray partial,
      FloatArray s,
      int rows,
      int R,
      int D) {
    float[] sums = context.allocateFloatLocalArray(ColumnSumKernels.GROUP);
    int item = context.localIdx;
    int d = context.groupIdy * ColumnSumKernels.COLUMNS + item % ColumnSumKernels.COLUMNS;
    int first = context.groupIdx * rows + item / ColumnSumKernels.COLUMNS;
    int end = Math.min(R, (context.groupIdx + 1) * rows);
    float sum = 0.0f;
    if (d < D) {
      for (int r = first; r < end; r += ColumnSumKernels.LANES) {
        sum += dY.get(r * D + d) * x.get(r * D + d) * s.get(r);
      }
    }
    sums[item] = sum;
    context.localBarrier();
    if (item < ColumnSumKernels.COLUMNS && d < D) {
      float total = 0.0f;
      for (int i = item; i < ColumnSumKernels.GROUP; i += ColumnSumKernels.COLUMNS) {
        total += sums[i];
      }
      partial.set(context.groupIdx * D + d, total);
    }
  }
}
