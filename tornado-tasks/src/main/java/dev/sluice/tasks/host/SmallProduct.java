package dev.sluice.tasks.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Products of small matrices that lie in the first caches, read where they lie: a tile of the
/// result stays in registers while the depth runs, 16 vectors of it where there are 32 registers, 8
/// where there are 16.
///
/// Every sum is one chain of fused multiply-adds in ascending depth. The pieces are written out: a
/// vector that crosses a call is an object. They do no more than they must, since the first of the
/// JVM's compilers gives up on larger ones and then the second never sees them.
public final class SmallProduct {
  /// Rows and columns of a result are multiples of this.
  public static final int MULTIPLE = 16;

  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final Class<? extends FloatVector> EXACT = Lanes.EXACT;

  /// Machines with vectors of 512 bits or at most 128 have 32 registers, the others 16.
  private static final boolean MANY_REGISTERS = Lanes.FLOATS.vectorBitSize() != 256;

  /// Where a result begins at zero: a row of one tile.
  private static final float[] ZEROS = new float[4 * L];

  private SmallProduct() {}

  /// `c[r, x] = Σ_i a(r, i) · b[i, x]`; parameters as for [#add], with `c` Overwritten.
  public static void multiply(
      int m,
      int n,
      int depth,
      float[] a,
      int ao,
      int rowStep,
      int depthStep,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    sum(m, n, depth, a, ao, rowStep, depthStep, b, bo, ldb, ZEROS, 0, 0, c, co, ldc);
  }

  /// `c[r, x] += Σ_i a(r, i) · b[i, x]` with `a(r, i) = a[ao + r·rowStep + i·depthStep]`
  ///
  /// @param m rows, a multiple of [#MULTIPLE]
  /// @param n columns, a multiple of [#MULTIPLE]
  /// @param depth terms of a sum
  /// @param a left matrix, Read
  /// @param ao where it begins
  /// @param rowStep elements of `a` from row to row
  /// @param depthStep elements of `a` along the depth
  /// @param b `[depth, n]` in rows of `ldb`, Read
  /// @param bo where it begins
  /// @param ldb elements from row to row
  /// @param c `[m, n]` in rows of `ldc`, Accumulated
  /// @param co where it begins
  /// @param ldc elements from row to row
  public static void add(
      int m,
      int n,
      int depth,
      float[] a,
      int ao,
      int rowStep,
      int depthStep,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    sum(m, n, depth, a, ao, rowStep, depthStep, b, bo, ldb, c, co, ldc, c, co, ldc);
  }

  /// `c[r, x] = from[r, x] + Σ_i a(r, i) · b[i, x]`; parameters as for [#add], with `from` `[m, n]`
  /// in rows of `ldf`, Read, and `c` Overwritten. With an `ldf` of 0 the rows of a tile of four
  /// vectors are the same for all.
  public static void sum(
      int m,
      int n,
      int depth,
      float[] a,
      int ao,
      int rowStep,
      int depthStep,
      float[] b,
      int bo,
      int ldb,
      float[] from,
      int fo,
      int ldf,
      float[] c,
      int co,
      int ldc) {
    int x = 0;
    while (x < n) {
      int vectors = MANY_REGISTERS && x + 4 * L <= n ? 4 : x + 2 * L <= n ? 2 : 1;
      int rows = vectors == 1 ? 16 : 4;
      for (int r = 0; r < m; r += rows) {
        int ar = ao + r * rowStep;
        int fr = ldf == 0 ? fo : fo + r * ldf + x;
        int cr = co + r * ldc + x;
        if (vectors == 4) {
          four(depth, a, ar, rowStep, depthStep, b, bo + x, ldb, from, fr, ldf, c, cr, ldc);
        } else if (vectors == 2) {
          two(depth, a, ar, rowStep, depthStep, b, bo + x, ldb, from, fr, ldf, c, cr, ldc);
        } else {
          one(depth, a, ar, rowStep, depthStep, b, bo + x, ldb, from, fr, ldf, c, cr, ldc);
        }
      }
      x += vectors * L;
    }
  }

  /// Four rows, four vectors.
  private static void four(
      int depth,
      float[] a,
      int ao,
      int rowStep,
      int depthStep,
      float[] b,
      int bo,
      int ldb,
      float[] from,
      int fo,
      int ldf,
      float[] c,
      int co,
      int ldc) {
    FloatVector w0 = FloatVector.fromArray(S, from, fo);
    FloatVector x0 = FloatVector.fromArray(S, from, fo + L);
    FloatVector y0 = FloatVector.fromArray(S, from, fo + 2 * L);
    FloatVector z0 = FloatVector.fromArray(S, from, fo + 3 * L);
    FloatVector w1 = FloatVector.fromArray(S, from, fo + ldf);
    FloatVector x1 = FloatVector.fromArray(S, from, fo + ldf + L);
    FloatVector y1 = FloatVector.fromArray(S, from, fo + ldf + 2 * L);
    FloatVector z1 = FloatVector.fromArray(S, from, fo + ldf + 3 * L);
    FloatVector w2 = FloatVector.fromArray(S, from, fo + 2 * ldf);
    FloatVector x2 = FloatVector.fromArray(S, from, fo + 2 * ldf + L);
    FloatVector y2 = FloatVector.fromArray(S, from, fo + 2 * ldf + 2 * L);
    FloatVector z2 = FloatVector.fromArray(S, from, fo + 2 * ldf + 3 * L);
    FloatVector w3 = FloatVector.fromArray(S, from, fo + 3 * ldf);
    FloatVector x3 = FloatVector.fromArray(S, from, fo + 3 * ldf + L);
    FloatVector y3 = FloatVector.fromArray(S, from, fo + 3 * ldf + 2 * L);
    FloatVector z3 = FloatVector.fromArray(S, from, fo + 3 * ldf + 3 * L);
    int a2 = 2 * rowStep;
    int a3 = 3 * rowStep;
    int at = ao;
    int row = bo;
    for (int i = 0; i < depth; i++) {
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + L);
      FloatVector b2 = FloatVector.fromArray(S, b, row + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, b, row + 3 * L);
      FloatVector s0 = FloatVector.broadcast(S, a[at]);
      w0 = s0.fma(b0, w0);
      x0 = s0.fma(b1, x0);
      y0 = s0.fma(b2, y0);
      z0 = s0.fma(b3, z0);
      FloatVector s1 = FloatVector.broadcast(S, a[at + rowStep]);
      w1 = s1.fma(b0, w1);
      x1 = s1.fma(b1, x1);
      y1 = s1.fma(b2, y1);
      z1 = s1.fma(b3, z1);
      FloatVector s2 = FloatVector.broadcast(S, a[at + a2]);
      w2 = s2.fma(b0, w2);
      x2 = s2.fma(b1, x2);
      y2 = s2.fma(b2, y2);
      z2 = s2.fma(b3, z2);
      FloatVector s3 = FloatVector.broadcast(S, a[at + a3]);
      w3 = s3.fma(b0, w3);
      x3 = s3.fma(b1, x3);
      y3 = s3.fma(b2, y3);
      z3 = s3.fma(b3, z3);
      at += depthStep;
      row += ldb;
    }
    EXACT.cast(w0).intoArray(c, co);
    EXACT.cast(x0).intoArray(c, co + L);
    EXACT.cast(y0).intoArray(c, co + 2 * L);
    EXACT.cast(z0).intoArray(c, co + 3 * L);
    EXACT.cast(w1).intoArray(c, co + ldc);
    EXACT.cast(x1).intoArray(c, co + ldc + L);
    EXACT.cast(y1).intoArray(c, co + ldc + 2 * L);
    EXACT.cast(z1).intoArray(c, co + ldc + 3 * L);
    EXACT.cast(w2).intoArray(c, co + 2 * ldc);
    EXACT.cast(x2).intoArray(c, co + 2 * ldc + L);
    EXACT.cast(y2).intoArray(c, co + 2 * ldc + 2 * L);
    EXACT.cast(z2).intoArray(c, co + 2 * ldc + 3 * L);
    EXACT.cast(w3).intoArray(c, co + 3 * ldc);
    EXACT.cast(x3).intoArray(c, co + 3 * ldc + L);
    EXACT.cast(y3).intoArray(c, co + 3 * ldc + 2 * L);
    EXACT.cast(z3).intoArray(c, co + 3 * ldc + 3 * L);
  }

  /// Four rows, two vectors.
  private static void two(
      int depth,
      float[] a,
      int ao,
      int rowStep,
      int depthStep,
      float[] b,
      int bo,
      int ldb,
      float[] from,
      int fo,
      int ldf,
      float[] c,
      int co,
      int ldc) {
    FloatVector w0 = FloatVector.fromArray(S, from, fo);
    FloatVector x0 = FloatVector.fromArray(S, from, fo + L);
    FloatVector w1 = FloatVector.fromArray(S, from, fo + ldf);
    FloatVector x1 = FloatVector.fromArray(S, from, fo + ldf + L);
    FloatVector w2 = FloatVector.fromArray(S, from, fo + 2 * ldf);
    FloatVector x2 = FloatVector.fromArray(S, from, fo + 2 * ldf + L);
    FloatVector w3 = FloatVector.fromArray(S, from, fo + 3 * ldf);
    FloatVector x3 = FloatVector.fromArray(S, from, fo + 3 * ldf + L);
    int a2 = 2 * rowStep;
    int a3 = 3 * rowStep;
    int at = ao;
    int row = bo;
    for (int i = 0; i < depth; i++) {
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + L);
      FloatVector s0 = FloatVector.broadcast(S, a[at]);
      w0 = s0.fma(b0, w0);
      x0 = s0.fma(b1, x0);
      FloatVector s1 = FloatVector.broadcast(S, a[at + rowStep]);
      w1 = s1.fma(b0, w1);
      x1 = s1.fma(b1, x1);
      FloatVector s2 = FloatVector.broadcast(S, a[at + a2]);
      w2 = s2.fma(b0, w2);
      x2 = s2.fma(b1, x2);
      FloatVector s3 = FloatVector.broadcast(S, a[at + a3]);
      w3 = s3.fma(b0, w3);
      x3 = s3.fma(b1, x3);
      at += depthStep;
      row += ldb;
    }
    EXACT.cast(w0).intoArray(c, co);
    EXACT.cast(x0).intoArray(c, co + L);
    EXACT.cast(w1).intoArray(c, co + ldc);
    EXACT.cast(x1).intoArray(c, co + ldc + L);
    EXACT.cast(w2).intoArray(c, co + 2 * ldc);
    EXACT.cast(x2).intoArray(c, co + 2 * ldc + L);
    EXACT.cast(w3).intoArray(c, co + 3 * ldc);
    EXACT.cast(x3).intoArray(c, co + 3 * ldc + L);
  }

  /// Sixteen rows, one vector.
  private static void one(
      int depth,
      float[] a,
      int ao,
      int rowStep,
      int depthStep,
      float[] b,
      int bo,
      int ldb,
      float[] from,
      int fo,
      int ldf,
      float[] c,
      int co,
      int ldc) {
    FloatVector c0 = FloatVector.fromArray(S, from, fo);
    FloatVector c1 = FloatVector.fromArray(S, from, fo + ldf);
    FloatVector c2 = FloatVector.fromArray(S, from, fo + 2 * ldf);
    FloatVector c3 = FloatVector.fromArray(S, from, fo + 3 * ldf);
    FloatVector c4 = FloatVector.fromArray(S, from, fo + 4 * ldf);
    FloatVector c5 = FloatVector.fromArray(S, from, fo + 5 * ldf);
    FloatVector c6 = FloatVector.fromArray(S, from, fo + 6 * ldf);
    FloatVector c7 = FloatVector.fromArray(S, from, fo + 7 * ldf);
    FloatVector c8 = FloatVector.fromArray(S, from, fo + 8 * ldf);
    FloatVector c9 = FloatVector.fromArray(S, from, fo + 9 * ldf);
    FloatVector c10 = FloatVector.fromArray(S, from, fo + 10 * ldf);
    FloatVector c11 = FloatVector.fromArray(S, from, fo + 11 * ldf);
    FloatVector c12 = FloatVector.fromArray(S, from, fo + 12 * ldf);
    FloatVector c13 = FloatVector.fromArray(S, from, fo + 13 * ldf);
    FloatVector c14 = FloatVector.fromArray(S, from, fo + 14 * ldf);
    FloatVector c15 = FloatVector.fromArray(S, from, fo + 15 * ldf);
    int a2 = 2 * rowStep;
    int a3 = 3 * rowStep;
    int a4 = 4 * rowStep;
    int a5 = 5 * rowStep;
    int a6 = 6 * rowStep;
    int a7 = 7 * rowStep;
    int a8 = 8 * rowStep;
    int a9 = 9 * rowStep;
    int a10 = 10 * rowStep;
    int a11 = 11 * rowStep;
    int a12 = 12 * rowStep;
    int a13 = 13 * rowStep;
    int a14 = 14 * rowStep;
    int a15 = 15 * rowStep;
    int at = ao;
    int row = bo;
    for (int i = 0; i < depth; i++) {
      FloatVector right = FloatVector.fromArray(S, b, row);
      FloatVector s0 = FloatVector.broadcast(S, a[at]);
      c0 = s0.fma(right, c0);
      FloatVector s1 = FloatVector.broadcast(S, a[at + rowStep]);
      c1 = s1.fma(right, c1);
      FloatVector s2 = FloatVector.broadcast(S, a[at + a2]);
      c2 = s2.fma(right, c2);
      FloatVector s3 = FloatVector.broadcast(S, a[at + a3]);
      c3 = s3.fma(right, c3);
      FloatVector s4 = FloatVector.broadcast(S, a[at + a4]);
      c4 = s4.fma(right, c4);
      FloatVector s5 = FloatVector.broadcast(S, a[at + a5]);
      c5 = s5.fma(right, c5);
      FloatVector s6 = FloatVector.broadcast(S, a[at + a6]);
      c6 = s6.fma(right, c6);
      FloatVector s7 = FloatVector.broadcast(S, a[at + a7]);
      c7 = s7.fma(right, c7);
      FloatVector s8 = FloatVector.broadcast(S, a[at + a8]);
      c8 = s8.fma(right, c8);
      FloatVector s9 = FloatVector.broadcast(S, a[at + a9]);
      c9 = s9.fma(right, c9);
      FloatVector s10 = FloatVector.broadcast(S, a[at + a10]);
      c10 = s10.fma(right, c10);
      FloatVector s11 = FloatVector.broadcast(S, a[at + a11]);
      c11 = s11.fma(right, c11);
      FloatVector s12 = FloatVector.broadcast(S, a[at + a12]);
      c12 = s12.fma(right, c12);
      FloatVector s13 = FloatVector.broadcast(S, a[at + a13]);
      c13 = s13.fma(right, c13);
      FloatVector s14 = FloatVector.broadcast(S, a[at + a14]);
      c14 = s14.fma(right, c14);
      FloatVector s15 = FloatVector.broadcast(S, a[at + a15]);
      c15 = s15.fma(right, c15);
      at += depthStep;
      row += ldb;
    }
    EXACT.cast(c0).intoArray(c, co);
    EXACT.cast(c1).intoArray(c, co + ldc);
    EXACT.cast(c2).intoArray(c, co + 2 * ldc);
    EXACT.cast(c3).intoArray(c, co + 3 * ldc);
    EXACT.cast(c4).intoArray(c, co + 4 * ldc);
    EXACT.cast(c5).intoArray(c, co + 5 * ldc);
    EXACT.cast(c6).intoArray(c, co + 6 * ldc);
    EXACT.cast(c7).intoArray(c, co + 7 * ldc);
    EXACT.cast(c8).intoArray(c, co + 8 * ldc);
    EXACT.cast(c9).intoArray(c, co + 9 * ldc);
    EXACT.cast(c10).intoArray(c, co + 10 * ldc);
    EXACT.cast(c11).intoArray(c, co + 11 * ldc);
    EXACT.cast(c12).intoArray(c, co + 12 * ldc);
    EXACT.cast(c13).intoArray(c, co + 13 * ldc);
    EXACT.cast(c14).intoArray(c, co + 14 * ldc);
    EXACT.cast(c15).intoArray(c, co + 15 * ldc);
  }
}
