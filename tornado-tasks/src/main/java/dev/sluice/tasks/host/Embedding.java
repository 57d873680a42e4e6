package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Rows of a table by number, and the gradient of the table. A negative number stands for a row of
/// zeros that gets no gradient.
public final class Embedding {
  private static final int L = Lanes.COUNT;

  /// Columns one part of [#scatterAdd] looks after, at least.
  private static final int COLUMNS = 32;

  private Embedding() {}

  /// `y[i, :] = table[ids[i], :]`.
  ///
  /// @param workers the pool
  /// @param rows how many numbers
  /// @param d length of a row
  /// @param ids `[rows]` from `io`: Read
  /// @param io first number
  /// @param table `[·, d]` from `to`: Read
  /// @param to first element of the table
  /// @param y `[rows, d]` from `yo`: Overwritten
  /// @param yo first element of the result
  public static void gather(
      Workers workers,
      int rows,
      int d,
      int[] ids,
      int io,
      float[] table,
      int to,
      float[] y,
      int yo) {
    Blocks.run(
        workers,
        rows,
        Blocks.rows(d),
        (first, last) -> {
          for (int i = first; i < last; i++) {
            int id = ids[io + i];
            if (id < 0) {
              Arrays.fill(y, yo + i * d, yo + (i + 1) * d, 0f);
            } else {
              System.arraycopy(table, to + id * d, y, yo + i * d, d);
            }
          }
        });
  }

  /// `dTable[ids[i], :] += dy[i, :]` in ascending `i`; the columns are shared out, so equal numbers
  /// never meet.
  ///
  /// @param workers the pool
  /// @param rows how many numbers
  /// @param d length of a row
  /// @param ids `[rows]` from `io`: Read
  /// @param io first number
  /// @param dy `[rows, d]` from `dyo`: Read
  /// @param dyo first element of the gradient
  /// @param dTable `[·, d]` from `to`: Accumulated
  /// @param to first element of the table's gradient
  public static void scatterAdd(
      Workers workers,
      int rows,
      int d,
      int[] ids,
      int io,
      float[] dy,
      int dyo,
      float[] dTable,
      int to) {
    int share = Math.max(COLUMNS, Math.ceilDiv(Math.ceilDiv(d, workers.threads()), L) * L);
    Blocks.run(
        workers,
        d,
        share,
        (first, last) -> {
          for (int i = 0; i < rows; i++) {
            int id = ids[io + i];
            if (id >= 0) {
              addRow(last - first, dy, dyo + i * d + first, dTable, to + id * d + first);
            }
          }
        });
  }

  private static void addRow(int n, float[] x, int xo, float[] y, int yo) {
    int j = 0;
    for (; j + L <= n; j += L) {
      FloatVector.fromArray(Lanes.FLOATS, x, xo + j)
          .add(FloatVector.fromArray(Lanes.FLOATS, y, yo + j))
          .intoArray(y, yo + j);
    }
    for (; j < n; j++) {
      y[yo + j] += x[xo + j];
    }
  }
}
