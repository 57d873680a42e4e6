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

  /// Rows of a tile.
  static final int ROWS = 8;

  /// Columns of a tile: two vectors.
  static final int WIDTH = 2 * L;

  /// What a tile starts from that does not accumulate, with a leading dimension of 0.
  static final float[] ZEROS = new float[WIDTH];

  private GemmTile() {}

  /// `a(r, k) = a[ao + k·step + r]`: a packed panel, whose rows of one `k` are neighbours.
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
      int ak = ao + k * GemmPack.A_WIDTH;
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
    x0.intoArray(c, co);
    y0.intoArray(c, co + L);
    x1.intoArray(c, co + ldc);
    y1.intoArray(c, co + ldc + L);
    x2.intoArray(c, co + 2 * ldc);
    y2.intoArray(c, co + 2 * ldc + L);
    x3.intoArray(c, co + 3 * ldc);
    y3.intoArray(c, co + 3 * ldc + L);
    x4.intoArray(c, co + 4 * ldc);
    y4.intoArray(c, co + 4 * ldc + L);
    x5.intoArray(c, co + 5 * ldc);
    y5.intoArray(c, co + 5 * ldc + L);
    x6.intoArray(c, co + 6 * ldc);
    y6.intoArray(c, co + 6 * ldc + L);
    x7.intoArray(c, co + 7 * ldc);
    y7.intoArray(c, co + 7 * ldc + L);
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
    x0.intoArray(c, co);
    y0.intoArray(c, co + L);
    x1.intoArray(c, co + ldc);
    y1.intoArray(c, co + ldc + L);
    x2.intoArray(c, co + 2 * ldc);
    y2.intoArray(c, co + 2 * ldc + L);
    x3.intoArray(c, co + 3 * ldc);
    y3.intoArray(c, co + 3 * ldc + L);
    x4.intoArray(c, co + 4 * ldc);
    y4.intoArray(c, co + 4 * ldc + L);
    x5.intoArray(c, co + 5 * ldc);
    y5.intoArray(c, co + 5 * ldc + L);
    x6.intoArray(c, co + 6 * ldc);
    y6.intoArray(c, co + 6 * ldc + L);
    x7.intoArray(c, co + 7 * ldc);
    y7.intoArray(c, co + 7 * ldc + L);
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
    x0.intoArray(c, co);
    y0.intoArray(c, co + L);
    x1.intoArray(c, co + ldc);
    y1.intoArray(c, co + ldc + L);
    x2.intoArray(c, co + 2 * ldc);
    y2.intoArray(c, co + 2 * ldc + L);
    x3.intoArray(c, co + 3 * ldc);
    y3.intoArray(c, co + 3 * ldc + L);
    x4.intoArray(c, co + 4 * ldc);
    y4.intoArray(c, co + 4 * ldc + L);
    x5.intoArray(c, co + 5 * ldc);
    y5.intoArray(c, co + 5 * ldc + L);
    x6.intoArray(c, co + 6 * ldc);
    y6.intoArray(c, co + 6 * ldc + L);
    x7.intoArray(c, co + 7 * ldc);
    y7.intoArray(c, co + 7 * ldc + L);
  }
}
