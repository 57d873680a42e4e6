package dev.sluice.tasks.host;

import static dev.sluice.tasks.host.Data.OFFSET;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SmallProductTest {
  /// Sums of up to 65 products of normal numbers.
  private static final double TOLERANCE = 2e-6;

  /// Elements between the end of a row and the next.
  private static final int GAP = 3;

  @Test
  void rowsThatLieAlong() {
    check(false);
  }

  @Test
  void rowsThatLieAcross() {
    check(true);
  }

  private static void check(boolean across) {
    for (int[] s :
        new int[][] {{16, 16, 1}, {32, 32, 7}, {16, 48, 16}, {48, 64, 33}, {32, 112, 65}}) {
      int m = s[0];
      int n = s[1];
      int depth = s[2];
      int rowStep = across ? 1 : depth + GAP;
      int depthStep = across ? m + GAP : 1;
      int ldb = n + GAP;
      Random random = new Random(n);
      float[] a = Data.random(random, m * (depth + GAP) + depth * (m + GAP));
      float[] b = Data.random(random, depth * ldb);
      double[] product = new double[m * n];
      for (int r = 0; r < m; r++) {
        for (int i = 0; i < depth; i++) {
          for (int x = 0; x < n; x++) {
            product[r * n + x] +=
                (double) a[OFFSET + r * rowStep + i * depthStep] * b[OFFSET + i * ldb + x];
          }
        }
      }
      float[] c = Data.nan(m * n);
      SmallProduct.multiply(
          m, n, depth, a, OFFSET, rowStep, depthStep, b, OFFSET, ldb, c, OFFSET, n);
      Data.close("product", product, c, TOLERANCE, Data.nan(m * n));
      SmallProduct.add(m, n, depth, a, OFFSET, rowStep, depthStep, b, OFFSET, ldb, c, OFFSET, n);
      Data.close(
          "sum", Arrays.stream(product).map(x -> 2 * x).toArray(), c, TOLERANCE, Data.nan(m * n));
    }
  }
}
