package dev.sluice.tasks.host;

import static dev.sluice.tasks.host.Data.OFFSET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.embedded.Workers;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RmsNormTest {
  /// Sums over a row, relative to the largest element.
  private static final double TOLERANCE = 2e-6;

  /// Sums over all rows, which partly cancel.
  private static final double SUM_TOLERANCE = 1e-5;

  private static final float EPSILON = 1e-5f;
  private static final int[][] SHAPES = {{1, 3}, {3, 5}, {7, 16}, {65, 64}, {10, 129}, {5000, 33}};

  @Test
  void plain() {
    for (int[] s : SHAPES) {
      new Case(s[0], s[1], false).check();
    }
  }

  @Test
  void gated() {
    for (int[] s : SHAPES) {
      new Case(s[0], s[1], true).check();
    }
  }

  /// One shape; everything computed in double beside.
  private static final class Case {
    final int rows;
    final int d;
    final boolean gated;
    final float[] x;
    final float[] w;
    final float[] g;
    final float[] dy;
    final float[] dw;

    Case(int rows, int d, boolean gated) {
      Random random = new Random(rows * 31L + d);
      this.rows = rows;
      this.d = d;
      this.gated = gated;
      x = Data.random(random, rows * d);
      w = Data.random(random, d);
      g = Data.random(random, rows * d);
      dy = Data.random(random, rows * d);
      dw = Data.random(random, d);
    }

    float[][] run(Workers workers) {
      int o = OFFSET;
      float[] y = Data.nan(rows * d);
      float[] inverse = Data.nan(rows);
      float[] dx = Data.nan(rows * d);
      float[] dg = Data.nan(rows * d);
      float[] sums = dw.clone();
      if (gated) {
        GatedRmsNorm.forward(workers, rows, d, EPSILON, x, o, w, o, g, o, y, o, inverse, o);
        GatedRmsNorm.backward(
            workers, rows, d, dy, o, x, o, w, o, g, o, inverse, o, dx, o, sums, o, dg, o);
      } else {
        RmsNorm.forward(workers, rows, d, EPSILON, x, o, w, o, y, o, inverse, o);
        RmsNorm.backward(workers, rows, d, dy, o, x, o, w, o, inverse, o, dx, o, sums, o);
      }
      return new float[][] {y, inverse, dx, sums, dg};
    }

    void check() {
      double[] y = new double[rows * d];
      double[] inverse = new double[rows];
      double[] dx = new double[rows * d];
      double[] dg = new double[gated ? rows * d : 0];
      double[] sums = new double[d];
      for (int j = 0; j < d; j++) {
        sums[j] = dw[OFFSET + j];
      }
      for (int i = 0; i < rows; i++) {
        int at = OFFSET + i * d;
        double squares = 0;
        for (int j = 0; j < d; j++) {
          squares += (double) x[at + j] * x[at + j];
        }
        double r = 1 / Math.sqrt(squares / d + EPSILON);
        inverse[i] = r;
        double mean = 0;
        for (int j = 0; j < d; j++) {
          double gate = gated ? Data.silu(g[at + j]) : 1;
          double dn = dy[at + j] * gate;
          double hat = x[at + j] * r;
          y[i * d + j] = hat * w[OFFSET + j] * gate;
          sums[j] += dn * hat;
          mean += dn * w[OFFSET + j] * hat / d;
          if (gated) {
            dg[i * d + j] = dy[at + j] * hat * w[OFFSET + j] * Data.siluGradient(g[at + j]);
          }
        }
        for (int j = 0; j < d; j++) {
          double dn = dy[at + j] * (gated ? Data.silu(g[at + j]) : 1);
          dx[i * d + j] = r * (dn * w[OFFSET + j] - x[at + j] * r * mean);
        }
      }
      float[][] got = run(Data.ONE);
      String name = (gated ? "gated " : "") + rows + "×" + d + " ";
      float[] outside = Data.nan(rows * d);
      Data.close(name + "y", y, got[0], TOLERANCE, outside);
      Data.close(name + "inverse", inverse, got[1], TOLERANCE, outside);
      Data.close(name + "dx", dx, got[2], TOLERANCE, outside);
      Data.close(name + "dw", sums, got[3], SUM_TOLERANCE, dw);
      if (gated) {
        Data.close(name + "dg", dg, got[4], TOLERANCE, outside);
      }
      float[][] again = run(Data.THREE);
      for (int k = 0; k < got.length; k++) {
        assertArrayEquals(got[k], again[k], name + k);
      }
    }
  }
}
