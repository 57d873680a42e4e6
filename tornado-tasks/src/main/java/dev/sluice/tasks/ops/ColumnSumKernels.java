package dev.sluice.tasks.ops;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Sums over the rows of a matrix `[R, D]` in two steps, so that the order of addition is fixed and
/// neighbours read neighbours: a work-group adds up a block of rows in [#COLUMNS] columns, then one
/// adds up the blocks. [ColumnSums] says how many there are; ops that sum what they compute have
/// kernels of their own for the first step.
public final class ColumnSumKernels {
  /// Work-items of a group: [#COLUMNS] times the rows that are read at the same time.
  public static final int GROUP = 256;

  /// Columns of a group.
  public static final int COLUMNS = 32;

  /// Rows that a group reads at the same time.
  public static final int LANES = GROUP / COLUMNS;

  private ColumnSumKernels() {}

  /// `partial[b,d] = Σ_{r in block b} x[r,d]`; groups `(blocks, tiles of columns)`.
  ///
  /// @param x `[R, D]`, Read
  /// @param partial `[blocks, D]`, Overwritten
  /// @param rows of a block
  public static void sumRows(
      KernelContext context, FloatArray x, FloatArray partial, int rows, int R, int D) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int d = context.groupIdy * COLUMNS + item % COLUMNS;
    int end = Math.min(R, (context.groupIdx + 1) * rows);
    float sum = 0.0f;
    if (d < D) {
      for (int r = context.groupIdx * rows + item / COLUMNS; r < end; r += LANES) {
        sum += x.get(r * D + d);
      }
    }
    sums[item] = sum;
    context.localBarrier();
    if (item < COLUMNS && d < D) {
      float total = 0.0f;
      for (int i = item; i < GROUP; i += COLUMNS) {
        total += sums[i];
      }
      partial.set(context.groupIdx * D + d, total);
    }
  }

  /// `total[d] (+)= Σ_b partial[b,d]`; groups `(tiles of columns)`.
  ///
  /// @param partial `[blocks, D]`, Read
  /// @param total `[D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void sumBlocks(
      KernelContext context,
      FloatArray partial,
      FloatArray total,
      int accumulate,
      int blocks,
      int D) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int d = context.groupIdx * COLUMNS + item % COLUMNS;
    float sum = 0.0f;
    if (d < D) {
      for (int b = item / COLUMNS; b < blocks; b += LANES) {
        sum += partial.get(b * D + d);
      }
    }
    sums[item] = sum;
    context.localBarrier();
    if (item < COLUMNS && d < D) {
      float all = accumulate == 1 ? total.get(d) : 0.0f;
      for (int i = item; i < GROUP; i += COLUMNS) {
        all += sums[i];
      }
      total.set(d, all);
    }
  }
}
