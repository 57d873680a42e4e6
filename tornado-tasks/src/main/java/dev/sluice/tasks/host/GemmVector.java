package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.Arrays;

/// Matrix products with the Vector API: each thread takes rectangles of `C`, packs what it needs of
/// `B` in blocks of `DEPTH` × `COLUMNS` and of `A` in blocks that stay in its cache, or reads `A`
/// where it lies if there are too few columns for packing to pay. [GemmTile] does the arithmetic.
/// Few rows by a transposed `B`, a model's weights in generation, are left to [GemmRows], which
/// reads `B` once as it lies.
///
/// `k` is cut at multiples of `DEPTH` whatever the number of threads, and a tile sums in ascending
/// `k`, so a result does not depend on how `C` is shared out.
final class GemmVector implements GemmProvider {
  @Override
  public String name() {
    return "vector";
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
    if (k == 0 || alpha == 0f) {
      if (!accumulate) {
        zero(batch, m, n, c, cOff, ldc, strideC);
      }
      return;
    }
    if (batch == 1 && transB && !transA && m <= GemmRows.MOST) {
      GemmRows.ofThread()
          .run(workers, m, n, k, alpha, a, aOff, lda, b, bOff, ldb, accumulate, c, cOff, ldc);
      return;
    }
    GemmJob job = GemmJob.ofThread();
    job.transA = transA;
    job.transB = transB;
    job.m = m;
    job.n = n;
    job.k = k;
    job.alpha = alpha;
    job.a = a;
    job.aOff = aOff;
    job.lda = lda;
    job.strideA = strideA;
    job.b = b;
    job.bOff = bOff;
    job.ldb = ldb;
    job.strideB = strideB;
    job.accumulate = accumulate;
    job.c = c;
    job.cOff = cOff;
    job.ldc = ldc;
    job.pieces = null;
    job.strideC = strideC;
    job.run(workers, batch);
  }

  /// In one job, where tiles do not reach over pieces: `B` is packed once for all.
  @Override
  public void shareRight(Workers workers, GemmPieces pieces, int n, int k, float[] b) {
    if (k == 0 || !pieces.wholeMultiplesOf(GemmTile.ROWS)) {
      GemmProvider.super.shareRight(workers, pieces, n, k, b);
      return;
    }
    GemmJob job = GemmJob.ofThread();
    job.transA = true;
    job.transB = false;
    job.m = pieces.total();
    job.n = n;
    job.k = k;
    job.alpha = 1f;
    job.b = b;
    job.bOff = 0;
    job.ldb = n;
    job.ldc = n;
    job.pieces = pieces;
    job.run(workers, 1);
  }

  /// In one job for few rows: a job costs microseconds, and a token's are short.
  @Override
  public void shareLeft(Workers workers, GemmPieces pieces, int m, int k, float[] a) {
    if (k == 0 || m > GemmRows.MOST) {
      GemmProvider.super.shareLeft(workers, pieces, m, k, a);
      return;
    }
    GemmRows.ofThread().run(workers, pieces, m, k, a);
  }

  private static void zero(int batch, int m, int n, float[] c, int cOff, int ldc, int strideC) {
    for (int item = 0; item < batch; item++) {
      for (int i = 0; i < m; i++) {
        int at = cOff + item * strideC + i * ldc;
        Arrays.fill(c, at, at + n, 0f);
      }
    }
  }
}
