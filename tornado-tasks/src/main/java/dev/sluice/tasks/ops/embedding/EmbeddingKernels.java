package dev.sluice.tasks.ops.embedding;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Look-up of rows. The gradient of a row of the table is summed in the order of its uses, without
/// atomics: [#linkUses] chains the uses of each row, [#backward] walks each chain from its head.
public final class EmbeddingKernels {
  private EmbeddingKernels() {}

  /// `y[r,d] = table[ids[r],d]`
  ///
  /// @param ids `[R]`, Read
  /// @param table `[V, D]`, Read
  /// @param y `[R, D]`, Overwritten
  public static void forward(IntArray ids, FloatArray table, FloatArray y, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        y.set(r * D + d, table.get(ids.get(r) * D + d));
      }
    }
  }

  /// For each use of a row: whether it is the row's first, and which is the row's next. The loops
  /// have no early exit, which device compilers take badly.
  ///
  /// @param ids `[R]`, Read
  /// @param first `[R]`, Overwritten: 1 for the first use of a row, else 0
  /// @param next `[R]`, Overwritten: the next use of the same row, R if there is none
  public static void linkUses(IntArray ids, IntArray first, IntArray next, int R) {
    for (@Parallel int r = 0; r < R; r++) {
      int id = ids.get(r);
      int before = 0;
      int after = R;
      for (int s = 0; s < r; s++) {
        if (ids.get(s) == id) {
          before++;
        }
      }
      for (int s = r + 1; s < R; s++) {
        if (ids.get(s) == id) {
          after = Math.min(after, s);
        }
      }
      first.set(r, before == 0 ? 1 : 0);
      next.set(r, after);
    }
  }

  /// `table[i] = 0`, where the gradient is not accumulated.
  ///
  /// @param dTable `[size]`, Overwritten
  public static void clear(FloatArray dTable, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      dTable.set(i, 0.0f);
    }
  }

  /// `dTable[v,d] += Σ_{r: ids[r] = v} dY[r,d]`
  ///
  /// @param ids `[R]`, Read
  /// @param first `[R]`, Read; of [#linkUses]
  /// @param next `[R]`, Read; of [#linkUses]
  /// @param dY `[R, D]`, Read
  /// @param dTable `[V, D]`, Accumulated
  public static void backward(
      IntArray ids, IntArray first, IntArray next, FloatArray dY, FloatArray dTable, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        if (first.get(r) == 1) {
          int row = ids.get(r) * D + d;
          float sum = dTable.get(row);
          int use = r;
          while (use < R) {
            sum += dY.get(use * D + d);
            use = next.get(use);
          }
          dTable.set(row, sum);
        }
      }
    }
  }
}
