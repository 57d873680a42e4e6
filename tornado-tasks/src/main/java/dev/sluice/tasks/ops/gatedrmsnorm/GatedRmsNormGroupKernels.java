package dev.sluice.tasks.ops.gatedrmsnorm;

import dev.sluice.tasks.ops.ColumnSumKernels;
import dev.sluice.tasks.ops.RowGroups;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Gated root-mean-square normalization, `lanes` work-items a row ([RowGroups]): neighbours read
/// neighbours.
public final class GatedRmsNormGroupKernels {
  private GatedRmsNormGroupKernels() {}

  /// As [GatedRmsNormKernels#forward]; groups of [RowGroups].
  ///
  /// @param x `[R, D]`, Read
  /// @param gate `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param y `[R, D]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  public static void forward(
      KernelContext context,
      FloatArray x,
      FloatArray gate,
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
        float z = gate.get(r * D + d);
        float h = z / (1.0f + TornadoMath.exp(-z));
        y.set(r * D + d, x.get(r * D + d) * reciprocal * w.get(d) * h);
      }
    }
  }

  /// As [GatedRmsNormKernels#backwardInput]; groups of [RowGroups].
  ///
  /// @param x `[R, D]`, Read
  /// @param gate `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulateX` is 1
  /// @param dGate `[R, D]`, Overwritten, or Accumulated where `accumulateGate` is 1
  /// @param s `[R]`, Read; of the forward pass
  public static void backwardInput(
      KernelContext context,
      FloatArray x,
      FloatArray gate,
      FloatArray w,
      FloatArray dY,
      FloatArray dX,
      FloatArray dGate,
      FloatArray s,
      int accumulateX,
      int accumulateGate,
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
        float z = gate.get(r * D + d);
        float h = z / (1.0f + TornadoMath.exp(-z));
        sum += w.get(d) * dY.get(r * D + d) * x.get(r * D + d) * h;
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
      for (int d = lane; d < D; d += lanes) {
        float z = gate.get(r * D + d);
        float value = x.get(r * D + d);
        float gradient = w.get(d) * dY.get(r * D + d);
        float sigmoid = 1.0f / (1.0f + TornadoMath.exp(-z));
        float gradientX = reciprocal * (gradient * z * sigmoid - value * mean);
        float gradientGate =
            gradient * value * reciprocal * sigmoid * (1.0f + z * (1.0f - sigmoid));
        if (accumulateX == 1) {
          gradientX += dX.get(r * D + d);
        }
        if (accumulateGate == 1) {
          gradientGate += dGate.get(r * D + d);
        }
        dX.set(r * D + d, gradientX);
        dGate.set(r * D + d, gradientGate);
      }
    }
  }

  /// As [GatedRmsNormKernels#backwardWeightPartial]; blocks and groups of
  /// [dev.sluice.tasks.ops.ColumnSums].
  ///
  /// @param x `[R, D]`, Read
  /// @param gate `[R, D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param partial `[blocks, D]`, Overwritten
  /// @param s `[R]`, Read; of the forward pass
  /// @param rows of a block
  public static void backwardWeightPartial(
      KernelContext context,
      FloatArray x,
      FloatArray gate,
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
        float z = gate.get(r * D + d);
        float h = z / (1.0f + TornadoMath.exp(-z));
        sum += dY.get(r * D + d) * x.get(r * D + d) * s.get(r) * h;
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
