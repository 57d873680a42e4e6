package dev.sluice.tasks.ops.embedding;

import java.util.Arrays;

/// Look-up of rows in double precision.
public final class EmbeddingReference {
  private EmbeddingReference() {}

  /// `y[r] = table[ids[r]]`
  ///
  /// @param ids `[R]`, Read
  /// @param table `[V, D]`, Read
  /// @return y `[R, D]`
  public static double[] forward(int[] ids, double[] table, int R, int D) {
    double[] y = new double[R * D];
    for (int r = 0; r < R; r++) {
      System.arraycopy(table, ids[r] * D, y, r * D, D);
    }
    return y;
  }

  /// Gradient of [#forward]: `dTable[v] = Σ_{r: ids[r] = v} dY[r]`.
  ///
  /// @param dTable `[V, D]`, Overwritten
  public static void backward(int[] ids, double[] dY, double[] dTable, int R, int D) {
    Arrays.fill(dTable, 0.0);
    for (int r = 0; r < R; r++) {
      for (int d = 0; d < D; d++) {
        dTable[ids[r] * D + d] += dY[r * D + d];
      }
    }
  }
}
