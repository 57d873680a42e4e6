package dev.sluice.tasks.host;

import static dev.sluice.tasks.host.Data.OFFSET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EmbeddingTest {
  /// About fifty additions to one row.
  private static final double TOLERANCE = 1e-5;

  private static final int TABLE = 11;

  @Test
  void gatherAndScatter() {
    for (int[] s : new int[][] {{1, 1}, {5, 16}, {500, 70}, {300, 129}}) {
      int rows = s[0];
      int d = s[1];
      Random random = new Random(d);
      float[] table = Data.random(random, TABLE * d);
      float[] dy = Data.random(random, rows * d);
      int[] ids = new int[rows + 2];
      for (int i = 0; i < rows; i++) {
        ids[i + 2] = random.nextInt(TABLE + 1) - 1;
      }
      double[] y = new double[rows * d];
      double[] sums = new double[TABLE * d];
      for (int i = 0; i < TABLE * d; i++) {
        sums[i] = table[OFFSET + i];
      }
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < d && ids[i + 2] >= 0; j++) {
          y[i * d + j] = table[OFFSET + ids[i + 2] * d + j];
          sums[ids[i + 2] * d + j] += dy[OFFSET + i * d + j];
        }
      }
      float[] got = Data.nan(rows * d);
      Embedding.gather(Data.THREE, rows, d, ids, 2, table, OFFSET, got, OFFSET);
      Data.close("rows", y, got, 0, Data.nan(rows * d));
      float[] one = table.clone();
      Embedding.scatterAdd(Data.ONE, rows, d, ids, 2, dy, OFFSET, one, OFFSET);
      Data.close("gradient", sums, one, TOLERANCE, table);
      float[] three = table.clone();
      Embedding.scatterAdd(Data.THREE, rows, d, ids, 2, dy, OFFSET, three, OFFSET);
      assertArrayEquals(one, three);
    }
  }
}
