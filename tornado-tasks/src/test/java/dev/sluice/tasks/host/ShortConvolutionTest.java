package dev.sluice.tasks.host;

import static dev.sluice.tasks.host.Data.OFFSET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.sluice.embedded.Workers;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShortConvolutionTest {
  /// Up to seven products and `silu`, relative to the largest element.
  private static final double TOLERANCE = 3e-6;

  /// Sums over all time steps.
  private static final double SUM_TOLERANCE = 2e-5;

  @Test
  void everyKernelSize() {
    for (int taps = 1; taps <= 7; taps++) {
      for (int bits = 0; bits < 4; bits++) {
        new Case(2, 9, 19, taps, (bits & 1) != 0, (bits & 2) != 0).check();
      }
    }
  }

  @Test
  void oddShapes() {
    new Case(1, 1, 5, 4, true, true).check();
    new Case(3, 2, 16, 4, true, true).check();
    new Case(2, 63, 64, 4, true, false).check();
    new Case(3, 130, 33, 4, true, true).check();
    new Case(1, 400, 17, 3, false, true).check();
  }

  private static final class Case {
    final ShortConvolution.Size size;
    final boolean silu;
    final float[] x;
    final float[] w;
    final float @Nullable [] state;
    final float[] dy;
    final float[] dw;
    final int rows;
    final int stateSize;

    Case(int b, int t, int d, int taps, boolean silu, boolean withState) {
      size = new ShortConvolution.Size(b, t, d, taps);
      this.silu = silu;
      rows = b * t * d;
      stateSize = b * (taps - 1) * d;
      Random random = new Random(rows * 7L + taps);
      x = Data.random(random, rows);
      w = Data.random(random, d * taps);
      state = withState ? Data.random(random, stateSize) : null;
      dy = Data.random(random, rows);
      dw = Data.random(random, d * taps);
    }

    float[][] run(Workers workers) {
      int o = OFFSET;
      float[] y = Data.nan(rows);
      float[] last = Data.nan(stateSize);
      float[] dx = Data.nan(rows);
      float[] sums = dw.clone();
      float[] dState = Data.nan(stateSize);
      ShortConvolution.forward(workers, size, silu, x, o, w, o, state, o, y, o, last, o);
      ShortConvolution.backward(
          workers, size, silu, dy, o, x, o, w, o, state, o, dx, o, sums, o, dState, o);
      return new float[][] {y, last, dx, sums, dState};
    }

    /// The input at a time that may be before 0.
    double input(int b, int t, int c) {
      int d = size.channels();
      if (t >= 0) {
        return x[OFFSET + (b * size.time() + t) * d + c];
      }
      int before = size.taps() - 1;
      return state == null ? 0 : state[OFFSET + (b * before + before + t) * d + c];
    }

    void check() {
      int d = size.channels();
      int taps = size.taps();
      int before = taps - 1;
      double[] y = new double[rows];
      double[] last = new double[stateSize];
      double[] dx = new double[rows];
      double[] sums = new double[d * taps];
      double[] dState = new double[stateSize];
      for (int i = 0; i < d * taps; i++) {
        sums[i] = dw[OFFSET + i];
      }
      for (int b = 0; b < size.batch(); b++) {
        for (int c = 0; c < d; c++) {
          for (int t = 0; t < size.time(); t++) {
            double z = 0;
            for (int j = 0; j < taps; j++) {
              z += w[OFFSET + c * taps + j] * input(b, t - before + j, c);
            }
            int at = (b * size.time() + t) * d + c;
            y[at] = silu ? Data.silu(z) : z;
            double dz = dy[OFFSET + at] * (silu ? Data.siluGradient(z) : 1);
            for (int j = 0; j < taps; j++) {
              int s = t - before + j;
              sums[c * taps + j] += dz * input(b, s, c);
              double share = dz * w[OFFSET + c * taps + j];
              if (s >= 0) {
                dx[(b * size.time() + s) * d + c] += share;
              } else {
                dState[(b * before + before + s) * d + c] += share;
              }
            }
          }
          for (int i = 0; i < before; i++) {
            last[(b * before + i) * d + c] = input(b, size.time() - before + i, c);
          }
        }
      }
      float[][] got = run(Data.ONE);
      float[] outside = Data.nan(rows + stateSize);
      Data.close(size + " y", y, got[0], TOLERANCE, outside);
      Data.close(size + " last", last, got[1], 0, outside);
      Data.close(size + " dx", dx, got[2], TOLERANCE, outside);
      Data.close(size + " dw", sums, got[3], SUM_TOLERANCE, dw);
      Data.close(size + " dState", dState, got[4], TOLERANCE, outside);
      float[][] again = run(Data.THREE);
      for (int k = 0; k < got.length; k++) {
        assertArrayEquals(got[k], again[k], size + " " + k);
      }
    }
  }
}
