package dev.sluice.tasks.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The innermost piece of a matrix product: 8 rows by two vectors of `C`, kept in 16 registers
/// while `k` runs.
///
/// `c[r, j] = init[r, j] + Σ_k a(r, k) · b[k, j]`, one chain of fused multiply-adds in ascending
/// `k` that starts from `init` (`c` itself, or zeros with `ldi` 0), so that cutting `k` into
/// several calls changes no bit. `b` is a panel `[k, WIDTH]` without gaps (see [GemmPack]) but
/// where it is said. The forms differ only in how operands are found; for the same numbers they
/// give the same bits.
///
/// Everything is written out: a helper that takes vectors is not always inlined into a method of
/// this size, and a vector that crosses a call is an object.
final class GemmTile {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final Class<? extends FloatVector> EXACT = Lanes.EXACT;

  /// Rows of a tile.
  static final int ROWS = 8;

  /// Columns of a tile: two vectors.
  static final int WIDTH = 2 * L;

  private static final int CHUNK = GemmPack.CHUNK;
  private static final int CHUNK_BITS = Integer.numberOfTrailingZeros(CHUNK);

  /// What a tile starts from that does not accumulate, with a leading dimension of 0; also one of
  /// three vectors.
  static final float[] ZEROS = new float[3 * L];

  private GemmTile() {}

  /// `a(r, k) = a[ao + k·ROWS + r]`: a packed panel, whose rows of one `k` are neighbours.
  static void packed(
      int depth,
      float[] a,
      int ao,
      float[] b,
      int bo,
      float[] init,
      int io,
      int ldi,
      float[] c,
      int co,
      int ldc) {
    FloatVector x0 = FloatVector.fromArray(S, init, io);
    FloatVector y0 = FloatVector.fromArray(S, init, io + L);
    FloatVector x1 = FloatVector.fromArray(S, init, io + ldi);
    FloatVector y1 = FloatVector.fromArray(S, init, io + ldi + L);
    FloatVector x2 = FloatVector.fromArray(S, init, io + 2 * ldi);
    FloatVector y2 = FloatVector.fromArray(S, init, io + 2 * ldi + L);
    FloatVector x3 = FloatVector.fromArray(S, init, io + 3 * ldi);
    FloatVector y3 = FloatVector.fromArray(S, init, io + 3 * ldi + L);
    FloatVector x4 = FloatVector.fromArray(S, init, io + 4 * ldi);
    FloatVector y4 = FloatVector.fromArray(S, init, io + 4 * ldi + L);
    FloatVector x5 = FloatVector.fromArray(S, init, io + 5 * ldi);
    FloatVector y5 = FloatVector.fromArray(S, init, io + 5 * ldi + L);
    FloatVector x6 = FloatVector.fromArray(S, init, io + 6 * ldi);
    FloatVector y6 = FloatVector.fromArray(S, init, io + 6 * ldi + L);
    FloatVector x7 = FloatVector.fromArray(S, init, io + 7 * ldi);
    FloatVector y7 = FloatVector.fromArray(S, init, io + 7 * ldi + L);
    for (int k = 0; k < depth; k++) {
      int ak = ao + k * ROWS;
      FloatVector u = FloatVector.fromArray(S, b, bo + k * WIDTH);
      FloatVector v = FloatVector.fromArray(S, b, bo + k * WIDTH + L);
      FloatVector s0 = FloatVector.broadcast(S, a[ak]);
      x0 = s0.fma(u, x0);
      y0 = s0.fma(v, y0);
      FloatVector s1 = FloatVector.broadcast(S, a[ak + 1]);
      x1 = s1.fma(u, x1);
      y1 = s1.fma(v, y1);
      FloatVector s2 = FloatVector.broadcast(S, a[ak + 2]);
      x2 = s2.fma(u, x2);
      y2 = s2.fma(v, y2);
      FloatVector s3 = FloatVector.broadcast(S, a[ak + 3]);
      x3 = s3.fma(u, x3);
      y3 = s3.fma(v, y3);
      FloatVector s4 = FloatVector.broadcast(S, a[ak + 4]);
      x4 = s4.fma(u, x4);
      y4 = s4.fma(v, y4);
      FloatVector s5 = FloatVector.broadcast(S, a[ak + 5]);
      x5 = s5.fma(u, x5);
      y5 = s5.fma(v, y5);
      FloatVector s6 = FloatVector.broadcast(S, a[ak + 6]);
      x6 = s6.fma(u, x6);
      y6 = s6.fma(v, y6);
      FloatVector s7 = FloatVector.broadcast(S, a[ak + 7]);
      x7 = s7.fma(u, x7);
      y7 = s7.fma(v, y7);
    }
    EXACT.cast(x0).intoArray(c, co);
    EXACT.cast(y0).intoArray(c, co + L);
    EXACT.cast(x1).intoArray(c, co + ldc);
    EXACT.cast(y1).intoArray(c, co + ldc + L);
    EXACT.cast(x2).intoArray(c, co + 2 * ldc);
    EXACT.cast(y2).intoArray(c, co + 2 * ldc + L);
    EXACT.cast(x3).intoArray(c, co + 3 * ldc);
    EXACT.cast(y3).intoArray(c, co + 3 * ldc + L);
    EXACT.cast(x4).intoArray(c, co + 4 * ldc);
    EXACT.cast(y4).intoArray(c, co + 4 * ldc + L);
    EXACT.cast(x5).intoArray(c, co + 5 * ldc);
    EXACT.cast(y5).intoArray(c, co + 5 * ldc + L);
    EXACT.cast(x6).intoArray(c, co + 6 * ldc);
    EXACT.cast(y6).intoArray(c, co + 6 * ldc + L);
    EXACT.cast(x7).intoArray(c, co + 7 * ldc);
    EXACT.cast(y7).intoArray(c, co + 7 * ldc + L);
  }

  /// `a(r, k) = a[ao + k / CHUNK · ROWS · CHUNK + r · CHUNK + k % CHUNK]`: a panel of
  /// [GemmPack#chunks]. Two `k` at once, so that finding them costs less.
  ///
  /// @param depth even
  static void chunked(
      int depth,
      float[] a,
      int ao,
      float[] b,
      int bo,
      float[] init,
      int io,
      int ldi,
      float[] c,
      int co,
      int ldc) {
    FloatVector x0 = FloatVector.fromArray(S, init, io);
    FloatVector y0 = FloatVector.fromArray(S, init, io + L);
    FloatVector x1 = FloatVector.fromArray(S, init, io + ldi);
    FloatVector y1 = FloatVector.fromArray(S, init, io + ldi + L);
    FloatVector x2 = FloatVector.fromArray(S, init, io + 2 * ldi);
    FloatVector y2 = FloatVector.fromArray(S, init, io + 2 * ldi + L);
    FloatVector x3 = FloatVector.fromArray(S, init, io + 3 * ldi);
    FloatVector y3 = FloatVector.fromArray(S, init, io + 3 * ldi + L);
    FloatVector x4 = FloatVector.fromArray(S, init, io + 4 * ldi);
    FloatVector y4 = FloatVector.fromArray(S, init, io + 4 * ldi + L);
    FloatVector x5 = FloatVector.fromArray(S, init, io + 5 * ldi);
    FloatVector y5 = FloatVector.fromArray(S, init, io + 5 * ldi + L);
    FloatVector x6 = FloatVector.fromArray(S, init, io + 6 * ldi);
    FloatVector y6 = FloatVector.fromArray(S, init, io + 6 * ldi + L);
    FloatVector x7 = FloatVector.fromArray(S, init, io + 7 * ldi);
    FloatVector y7 = FloatVector.fromArray(S, init, io + 7 * ldi + L);
    for (int k = 0; k < depth; k += 2) {
      int ak = ao + (k >> CHUNK_BITS) * (ROWS * CHUNK) + (k & (CHUNK - 1));
      int bk = bo + k * WIDTH;
      FloatVector u = FloatVector.fromArray(S, b, bk);
      FloatVector v = FloatVector.fromArray(S, b, bk + L);
      FloatVector s0 = FloatVector.broadcast(S, a[ak]);
      x0 = s0.fma(u, x0);
      y0 = s0.fma(v, y0);
      FloatVector s1 = FloatVector.broadcast(S, a[ak + CHUNK]);
      x1 = s1.fma(u, x1);
      y1 = s1.fma(v, y1);
      FloatVector s2 = FloatVector.broadcast(S, a[ak + 2 * CHUNK]);
      x2 = s2.fma(u, x2);
      y2 = s2.fma(v, y2);
      FloatVector s3 = FloatVector.broadcast(S, a[ak + 3 * CHUNK]);
      x3 = s3.fma(u, x3);
      y3 = s3.fma(v, y3);
      FloatVector s4 = FloatVector.broadcast(S, a[ak + 4 * CHUNK]);
      x4 = s4.fma(u, x4);
      y4 = s4.fma(v, y4);
      FloatVector s5 = FloatVector.broadcast(S, a[ak + 5 * CHUNK]);
      x5 = s5.fma(u, x5);
      y5 = s5.fma(v, y5);
      FloatVector s6 = FloatVector.broadcast(S, a[ak + 6 * CHUNK]);
      x6 = s6.fma(u, x6);
      y6 = s6.fma(v, y6);
      FloatVector s7 = FloatVector.broadcast(S, a[ak + 7 * CHUNK]);
      x7 = s7.fma(u, x7);
      y7 = s7.fma(v, y7);
      FloatVector p = FloatVector.fromArray(S, b, bk + WIDTH);
      FloatVector q = FloatVector.fromArray(S, b, bk + WIDTH + L);
      FloatVector t0 = FloatVector.broadcast(S, a[ak + 1]);
      x0 = t0.fma(p, x0);
      y0 = t0.fma(q, y0);
      FloatVector t1 = FloatVector.broadcast(S, a[ak + CHUNK + 1]);
      x1 = t1.fma(p, x1);
      y1 = t1.fma(q, y1);
      FloatVector t2 = FloatVector.broadcast(S, a[ak + 2 * CHUNK + 1]);
      x2 = t2.fma(p, x2);
      y2 = t2.fma(q, y2);
      FloatVector t3 = FloatVector.broadcast(S, a[ak + 3 * CHUNK + 1]);
      x3 = t3.fma(p, x3);
      y3 = t3.fma(q, y3);
      FloatVector t4 = FloatVector.broadcast(S, a[ak + 4 * CHUNK + 1]);
      x4 = t4.fma(p, x4);
      y4 = t4.fma(q, y4);
      FloatVector t5 = FloatVector.broadcast(S, a[ak + 5 * CHUNK + 1]);
      x5 = t5.fma(p, x5);
      y5 = t5.fma(q, y5);
      FloatVector t6 = FloatVector.broadcast(S, a[ak + 6 * CHUNK + 1]);
      x6 = t6.fma(p, x6);
      y6 = t6.fma(q, y6);
      FloatVector t7 = FloatVector.broadcast(S, a[ak + 7 * CHUNK + 1]);
      x7 = t7.fma(p, x7);
      y7 = t7.fma(q, y7);
    }
    EXACT.cast(x0).intoArray(c, co);
    EXACT.cast(y0).intoArray(c, co + L);
    EXACT.cast(x1).intoArray(c, co + ldc);
    EXACT.cast(y1).intoArray(c, co + ldc + L);
    EXACT.cast(x2).intoArray(c, co + 2 * ldc);
    EXACT.cast(y2).intoArray(c, co + 2 * ldc + L);
    EXACT.cast(x3).intoArray(c, co + 3 * ldc);
    EXACT.cast(y3).intoArray(c, co + 3 * ldc + L);
    EXACT.cast(x4).intoArray(c, co + 4 * ldc);
    EXACT.cast(y4).intoArray(c, co + 4 * ldc + L);
    EXACT.cast(x5).intoArray(c, co + 5 * ldc);
    EXACT.cast(y5).intoArray(c, co + 5 * ldc + L);
    EXACT.cast(x6).intoArray(c, co + 6 * ldc);
    EXACT.cast(y6).intoArray(c, co + 6 * ldc + L);
    EXACT.cast(x7).intoArray(c, co + 7 * ldc);
    EXACT.cast(y7).intoArray(c, co + 7 * ldc + L);
  }

  /// `a(r, k) = a[ao + k·lda + r]`, and `b` likewise: both as they lie in matrices whose rows are
  /// those of one `k`.
  static void strided(
      int depth,
      float[] a,
      int ao,
      int lda,
      float[] b,
      int bo,
      int ldb,
      float[] init,
      int io,
      int ldi,
      float[] c,
      int co,
      int ldc) {
    FloatVector x0 = FloatVector.fromArray(S, init, io);
    FloatVector y0 = FloatVector.fromArray(S, init, io + L);
    FloatVector x1 = FloatVector.fromArray(S, init, io + ldi);
    FloatVector y1 = FloatVector.fromArray(S, init, io + ldi + L);
    FloatVector x2 = FloatVector.fromArray(S, init, io + 2 * ldi);
    FloatVector y2 = FloatVector.fromArray(S, init, io + 2 * ldi + L);
    FloatVector x3 = FloatVector.fromArray(S, init, io + 3 * ldi);
    FloatVector y3 = FloatVector.fromArray(S, init, io + 3 * ldi + L);
    FloatVector x4 = FloatVector.fromArray(S, init, io + 4 * ldi);
    FloatVector y4 = FloatVector.fromArray(S, init, io + 4 * ldi + L);
    FloatVector x5 = FloatVector.fromArray(S, init, io + 5 * ldi);
    FloatVector y5 = FloatVector.fromArray(S, init, io + 5 * ldi + L);
    FloatVector x6 = FloatVector.fromArray(S, init, io + 6 * ldi);
    FloatVector y6 = FloatVector.fromArray(S, init, io + 6 * ldi + L);
    FloatVector x7 = FloatVector.fromArray(S, init, io + 7 * ldi);
    FloatVector y7 = FloatVector.fromArray(S, init, io + 7 * ldi + L);
    for (int k = 0; k < depth; k++) {
      int ak = ao + k * lda;
      FloatVector u = FloatVector.fromArray(S, b, bo + k * ldb);
      FloatVector v = FloatVector.fromArray(S, b, bo + k * ldb + L);
      FloatVector s0 = FloatVector.broadcast(S, a[ak]);
      x0 = s0.fma(u, x0);
      y0 = s0.fma(v, y0);
      FloatVector s1 = FloatVector.broadcast(S, a[ak + 1]);
      x1 = s1.fma(u, x1);
      y1 = s1.fma(v, y1);
      FloatVector s2 = FloatVector.broadcast(S, a[ak + 2]);
      x2 = s2.fma(u, x2);
      y2 = s2.fma(v, y2);
      FloatVector s3 = FloatVector.broadcast(S, a[ak + 3]);
      x3 = s3.fma(u, x3);
      y3 = s3.fma(v, y3);
      FloatVector s4 = FloatVector.broadcast(S, a[ak + 4]);
      x4 = s4.fma(u, x4);
      y4 = s4.fma(v, y4);
      FloatVector s5 = FloatVector.broadcast(S, a[ak + 5]);
      x5 = s5.fma(u, x5);
      y5 = s5.fma(v, y5);
      FloatVector s6 = FloatVector.broadcast(S, a[ak + 6]);
      x6 = s6.fma(u, x6);
      y6 = s6.fma(v, y6);
      FloatVector s7 = FloatVector.broadcast(S, a[ak + 7]);
      x7 = s7.fma(u, x7);
      y7 = s7.fma(v, y7);
    }
    EXACT.cast(x0).intoArray(c, co);
    EXACT.cast(y0).intoArray(c, co + L);
    EXACT.cast(x1).intoArray(c, co + ldc);
    EXACT.cast(y1).intoArray(c, co + ldc + L);
    EXACT.cast(x2).intoArray(c, co + 2 * ldc);
    EXACT.cast(y2).intoArray(c, co + 2 * ldc + L);
    EXACT.cast(x3).intoArray(c, co + 3 * ldc);
    EXACT.cast(y3).intoArray(c, co + 3 * ldc + L);
    EXACT.cast(x4).intoArray(c, co + 4 * ldc);
    EXACT.cast(y4).intoArray(c, co + 4 * ldc + L);
    EXACT.cast(x5).intoArray(c, co + 5 * ldc);
    EXACT.cast(y5).intoArray(c, co + 5 * ldc + L);
    EXACT.cast(x6).intoArray(c, co + 6 * ldc);
    EXACT.cast(y6).intoArray(c, co + 6 * ldc + L);
    EXACT.cast(x7).intoArray(c, co + 7 * ldc);
    EXACT.cast(y7).intoArray(c, co + 7 * ldc + L);
  }

  /// `a(r, k) = a[ao + min(r, rows-1)·lda + k]`: rows as they lie in a matrix that is not
  /// transposed.
  static void direct(
      int depth,
      float[] a,
      int ao,
      int lda,
      int rows,
      float[] b,
      int bo,
      float[] init,
      int io,
      int ldi,
      float[] c,
      int co,
      int ldc) {
    int last = rows - 1;
    int a0 = ao;
    int a1 = ao + Math.min(1, last) * lda;
    int a2 = ao + Math.min(2, last) * lda;
    int a3 = ao + Math.min(3, last) * lda;
    int a4 = ao + Math.min(4, last) * lda;
    int a5 = ao + Math.min(5, last) * lda;
    int a6 = ao + Math.min(6, last) * lda;
    int a7 = ao + Math.min(7, last) * lda;
    FloatVector x0 = FloatVector.fromArray(S, init, io);
    FloatVector y0 = FloatVector.fromArray(S, init, io + L);
    FloatVector x1 = FloatVector.fromArray(S, init, io + ldi);
    FloatVector y1 = FloatVector.fromArray(S, init, io + ldi + L);
    FloatVector x2 = FloatVector.fromArray(S, init, io + 2 * ldi);
    FloatVector y2 = FloatVector.fromArray(S, init, io + 2 * ldi + L);
    FloatVector x3 = FloatVector.fromArray(S, init, io + 3 * ldi);
    FloatVector y3 = FloatVector.fromArray(S, init, io + 3 * ldi + L);
    FloatVector x4 = FloatVector.fromArray(S, init, io + 4 * ldi);
    FloatVector y4 = FloatVector.fromArray(S, init, io + 4 * ldi + L);
    FloatVector x5 = FloatVector.fromArray(S, init, io + 5 * ldi);
    FloatVector y5 = FloatVector.fromArray(S, init, io + 5 * ldi + L);
    FloatVector x6 = FloatVector.fromArray(S, init, io + 6 * ldi);
    FloatVector y6 = FloatVector.fromArray(S, init, io + 6 * ldi + L);
    FloatVector x7 = FloatVector.fromArray(S, init, io + 7 * ldi);
    FloatVector y7 = FloatVector.fromArray(S, init, io + 7 * ldi + L);
    for (int k = 0; k < depth; k++) {
      FloatVector u = FloatVector.fromArray(S, b, bo + k * WIDTH);
      FloatVector v = FloatVector.fromArray(S, b, bo + k * WIDTH + L);
      FloatVector s0 = FloatVector.broadcast(S, a[a0 + k]);
      x0 = s0.fma(u, x0);
      y0 = s0.fma(v, y0);
      FloatVector s1 = FloatVector.broadcast(S, a[a1 + k]);
      x1 = s1.fma(u, x1);
      y1 = s1.fma(v, y1);
      FloatVector s2 = FloatVector.broadcast(S, a[a2 + k]);
      x2 = s2.fma(u, x2);
      y2 = s2.fma(v, y2);
      FloatVector s3 = FloatVector.broadcast(S, a[a3 + k]);
      x3 = s3.fma(u, x3);
      y3 = s3.fma(v, y3);
      FloatVector s4 = FloatVector.broadcast(S, a[a4 + k]);
      x4 = s4.fma(u, x4);
      y4 = s4.fma(v, y4);
      FloatVector s5 = FloatVector.broadcast(S, a[a5 + k]);
      x5 = s5.fma(u, x5);
      y5 = s5.fma(v, y5);
      FloatVector s6 = FloatVector.broadcast(S, a[a6 + k]);
      x6 = s6.fma(u, x6);
      y6 = s6.fma(v, y6);
      FloatVector s7 = FloatVector.broadcast(S, a[a7 + k]);
      x7 = s7.fma(u, x7);
      y7 = s7.fma(v, y7);
    }
    EXACT.cast(x0).intoArray(c, co);
    EXACT.cast(y0).intoArray(c, co + L);
    EXACT.cast(x1).intoArray(c, co + ldc);
    EXACT.cast(y1).intoArray(c, co + ldc + L);
    EXACT.cast(x2).intoArray(c, co + 2 * ldc);
    EXACT.cast(y2).intoArray(c, co + 2 * ldc + L);
    EXACT.cast(x3).intoArray(c, co + 3 * ldc);
    EXACT.cast(y3).intoArray(c, co + 3 * ldc + L);
    EXACT.cast(x4).intoArray(c, co + 4 * ldc);
    EXACT.cast(y4).intoArray(c, co + 4 * ldc + L);
    EXACT.cast(x5).intoArray(c, co + 5 * ldc);
    EXACT.cast(y5).intoArray(c, co + 5 * ldc + L);
    EXACT.cast(x6).intoArray(c, co + 6 * ldc);
    EXACT.cast(y6).intoArray(c, co + 6 * ldc + L);
    EXACT.cast(x7).intoArray(c, co + 7 * ldc);
    EXACT.cast(y7).intoArray(c, co + 7 * ldc + L);
  }
}
