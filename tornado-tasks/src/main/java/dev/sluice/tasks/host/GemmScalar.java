package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.Arrays;

/// Matrix products in plain Java: rows of `C` in parallel, each a sum of scaled rows of `B` (`y[i]
/// += a·x[i]`, the form that the compiler vectorizes), over blocks that stay in the cache. `Bᵀ` is
/// turned round first, block by block.
final class GemmScalar implements GemmProvider {
  /// Inner size and columns of a block of `B`: 128 KiB, half of a usual second-level cache.
  private static final int BLOCK_K = 128;

  private static final int BLOCK_N = 256;
  private static final int ROWS = 2;

  /// Work below this many multiply-adds is not worth a second thread.
  private static final long PART_WORK = 1L << 18;

  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  /// Rows are arrays of their own: the compiler vectorizes a loop only if all its arrays have the
  /// same index.
  private static final class Scratch {
    final float[][] block = new float[BLOCK_K][BLOCK_N];
    final float[][] sums = new float[ROWS][BLOCK_N];
    final float[] factors = new float[ROWS * BLOCK_K];
  }

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public void multiply(
      Workers workers,
      int batch,
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      float alpha,
      float[] a,
      int aOff,
      int lda,
      int strideA,
      float[] b,
      int bOff,
      int ldb,
      int strideB,
      boolean accumulate,
      float[] c,
      int cOff,
      int ldc,
      int strideC) {
    int rowStep = transA ? 1 : lda;
    int innerStep = transA ? lda : 1;
    long wanted = Math.min(4L * workers.threads(), Math.max(1, (long) m * n * k / PART_WORK));
    int blocks = (int) Math.min(workers.threads() == 1 ? 1 : wanted, Math.ceilDiv(m, ROWS));
    workers.run(
        batch * blocks,
        part -> {
          int at = part / blocks;
          int first = Math.toIntExact((long) m * (part % blocks) / blocks);
          int last = Math.toIntExact((long) m * (part % blocks + 1) / blocks);
          int ca = cOff + at * strideC;
          if (!accumulate) {
            for (int i = first; i < last; i++) {
              Arrays.fill(c, ca + i * ldc, ca + i * ldc + n, 0f);
            }
          }
          Scratch scratch = SCRATCH.get();
          for (int k0 = 0; k0 < k; k0 += BLOCK_K) {
            int depth = Math.min(BLOCK_K, k - k0);
            for (int n0 = 0; n0 < n; n0 += BLOCK_N) {
              int width = Math.min(BLOCK_N, n - n0);
              copyB(transB, b, bOff + at * strideB, ldb, k0, depth, n0, width, scratch.block);
              for (int i = first; i < last; i += ROWS) {
                int rows = Math.min(ROWS, last - i);
                int ai = aOff + at * strideA + i * rowStep + k0 * innerStep;
                for (int r = 0; r < ROWS; r++) {
                  int from = ai + Math.min(r, rows - 1) * rowStep;
                  for (int p = 0; p < depth; p++) {
                    scratch.factors[r * BLOCK_K + p] = alpha * a[from + p * innerStep];
                  }
                }
                rows(depth, width, scratch);
                for (int r = 0; r < rows; r++) {
                  add(width, scratch.sums[r], c, ca + (i + r) * ldc + n0);
                }
              }
            }
          }
        });
  }

  private static void copyB(
      boolean transB,
      float[] b,
      int bOff,
      int ldb,
      int k0,
      int depth,
      int n0,
      int width,
      float[][] block) {
    if (!transB) {
      for (int p = 0; p < depth; p++) {
        System.arraycopy(b, bOff + (k0 + p) * ldb + n0, block[p], 0, width);
      }
      return;
    }
    for (int j = 0; j < width; j++) {
      int from = bOff + (n0 + j) * ldb + k0;
      for (int p = 0; p < depth; p++) {
        block[p][j] = b[from + p];
      }
    }
  }

  /// Two rows of `C`, four rows of `B` a pass, so that a sum is loaded and stored once for four
  /// products.
  private static void rows(int depth, int width, Scratch scratch) {
    float[] y0 = scratch.sums[0];
    float[] y1 = scratch.sums[1];
    Arrays.fill(y0, 0, width, 0f);
    Arrays.fill(y1, 0, width, 0f);
    float[] factors = scratch.factors;
    int p = 0;
    for (; p + 3 < depth; p += 4) {
      four(width, factors, p, scratch.block, y0, y1);
    }
    for (; p < depth; p++) {
      float[] x = scratch.block[p];
      float f0 = factors[p];
      float f1 = factors[BLOCK_K + p];
      for (int i = 0; i < width; i++) {
        y0[i] += f0 * x[i];
        y1[i] += f1 * x[i];
      }
    }
  }

  private static void four(
      int width, float[] factors, int p, float[][] block, float[] y0, float[] y1) {
    float[] x0 = block[p];
    float[] x1 = block[p + 1];
    float[] x2 = block[p + 2];
    float[] x3 = block[p + 3];
    float a0 = factors[p];
    float a1 = factors[p + 1];
    float a2 = factors[p + 2];
    float a3 = factors[p + 3];
    float b0 = factors[BLOCK_K + p];
    float b1 = factors[BLOCK_K + p + 1];
    float b2 = factors[BLOCK_K + p + 2];
    float b3 = factors[BLOCK_K + p + 3];
    for (int i = 0; i < width; i++) {
      y0[i] += a0 * x0[i] + a1 * x1[i] + a2 * x2[i] + a3 * x3[i];
      y1[i] += b0 * x0[i] + b1 * x1[i] + b2 * x2[i] + b3 * x3[i];
    }
  }

  private static void add(int width, float[] sums, float[] c, int at) {
    for (int i = 0; i < width; i++) {
      c[at + i] += sums[i];
    }
  }
}
