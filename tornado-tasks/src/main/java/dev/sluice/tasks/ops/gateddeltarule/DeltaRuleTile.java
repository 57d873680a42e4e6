package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.host.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Products of small matrices that lie in the first cache: 8 rows by two vectors (or one) of the
/// result stay in registers while the depth runs.
///
/// Every sum is one chain of fused multiply-adds in ascending depth. The pieces are written out: a
/// vector that crosses a call is an object. They do no more than they must, since the first of the
/// JVM's compilers gives up on larger ones and then the second never sees them.
final class DeltaRuleTile {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final int ROWS = 8;

  private DeltaRuleTile() {}

  /// `c[r, x] = Σ_i a(r, i) · b[i, x]`; parameters as for [#add], with `c` Overwritten.
  static void multiply(
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
    for (int r = 0; r < m; r++) {
      Arrays.fill(c, co + r * ldc, co + r * ldc + n, 0.0f);
    }
    add(m, n, depth, a, ao, rowStep, depthStep, b, bo, ldb, c, co, ldc);
  }

  /// `c[r, x] += Σ_i a(r, i) · b[i, x]`
  ///
  /// @param m rows, a multiple of 8
  /// @param n columns, a multiple of 16
  /// @param rowStep elements of `a` from row to row; either it or `depthStep` is 1
  /// @param depthStep elements of `a` along the depth
  /// @param b `[depth, n]` in rows of `ldb`, Read
  /// @param c `[m, n]` in rows of `ldc`, Accumulated
  static void add(
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
    boolean across = rowStep == 1;
    int step = across ? depthStep : rowStep;
    for (int x = 0; x < n; x += 2 * L) {
      boolean two = x + 2 * L <= n;
      for (int r = 0; r < m; r += ROWS) {
        int ar = ao + r * rowStep;
        int cr = co + r * ldc + x;
        if (across && two) {
          acrossTwo(depth, a, ar, step, b, bo + x, ldb, c, cr, ldc);
        } else if (across) {
          acrossOne(depth, a, ar, step, b, bo + x, ldb, c, cr, ldc);
        } else if (two) {
          alongTwo(depth, a, ar, step, b, bo + x, ldb, c, cr, ldc);
        } else {
          alongOne(depth, a, ar, step, b, bo + x, ldb, c, cr, ldc);
        }
      }
    }
  }

  /// `a(r, i) = a[ao + r·step + i]`, two vectors wide.
  private static void alongTwo(
      int depth,
      float[] a,
      int ao,
      int step,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    FloatVector x0 = FloatVector.fromArray(S, c, co);
    FloatVector y0 = FloatVector.fromArray(S, c, co + L);
    FloatVector x1 = FloatVector.fromArray(S, c, co + ldc);
    FloatVector y1 = FloatVector.fromArray(S, c, co + ldc + L);
    FloatVector x2 = FloatVector.fromArray(S, c, co + 2 * ldc);
    FloatVector y2 = FloatVector.fromArray(S, c, co + 2 * ldc + L);
    FloatVector x3 = FloatVector.fromArray(S, c, co + 3 * ldc);
    FloatVector y3 = FloatVector.fromArray(S, c, co + 3 * ldc + L);
    FloatVector x4 = FloatVector.fromArray(S, c, co + 4 * ldc);
    FloatVector y4 = FloatVector.fromArray(S, c, co + 4 * ldc + L);
    FloatVector x5 = FloatVector.fromArray(S, c, co + 5 * ldc);
    FloatVector y5 = FloatVector.fromArray(S, c, co + 5 * ldc + L);
    FloatVector x6 = FloatVector.fromArray(S, c, co + 6 * ldc);
    FloatVector y6 = FloatVector.fromArray(S, c, co + 6 * ldc + L);
    FloatVector x7 = FloatVector.fromArray(S, c, co + 7 * ldc);
    FloatVector y7 = FloatVector.fromArray(S, c, co + 7 * ldc + L);
    int a1 = ao + step;
    int a2 = ao + 2 * step;
    int a3 = ao + 3 * step;
    int a4 = ao + 4 * step;
    int a5 = ao + 5 * step;
    int a6 = ao + 6 * step;
    int a7 = ao + 7 * step;
    int row = bo;
    for (int i = 0; i < depth; i++) {
      FloatVector u = FloatVector.fromArray(S, b, row);
      FloatVector v = FloatVector.fromArray(S, b, row + L);
      FloatVector s0 = FloatVector.broadcast(S, a[ao + i]);
      x0 = s0.fma(u, x0);
      y0 = s0.fma(v, y0);
      FloatVector s1 = FloatVector.broadcast(S, a[a1 + i]);
      x1 = s1.fma(u, x1);
      y1 = s1.fma(v, y1);
      FloatVector s2 = FloatVector.broadcast(S, a[a2 + i]);
      x2 = s2.fma(u, x2);
      y2 = s2.fma(v, y2);
      FloatVector s3 = FloatVector.broadcast(S, a[a3 + i]);
      x3 = s3.fma(u, x3);
      y3 = s3.fma(v, y3);
      FloatVector s4 = FloatVector.broadcast(S, a[a4 + i]);
      x4 = s4.fma(u, x4);
      y4 = s4.fma(v, y4);
      FloatVector s5 = FloatVector.broadcast(S, a[a5 + i]);
      x5 = s5.fma(u, x5);
      y5 = s5.fma(v, y5);
      FloatVector s6 = FloatVector.broadcast(S, a[a6 + i]);
      x6 = s6.fma(u, x6);
      y6 = s6.fma(v, y6);
      FloatVector s7 = FloatVector.broadcast(S, a[a7 + i]);
      x7 = s7.fma(u, x7);
      y7 = s7.fma(v, y7);
      row += ldb;
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

  /// `a(r, i) = a[ao + r·step + i]`, one vector wide.
  private static void alongOne(
      int depth,
      float[] a,
      int ao,
      int step,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    FloatVector x0 = FloatVector.fromArray(S, c, co);
    FloatVector x1 = FloatVector.fromArray(S, c, co + ldc);
    FloatVector x2 = FloatVector.fromArray(S, c, co + 2 * ldc);
    FloatVector x3 = FloatVector.fromArray(S, c, co + 3 * ldc);
    FloatVector x4 = FloatVector.fromArray(S, c, co + 4 * ldc);
    FloatVector x5 = FloatVector.fromArray(S, c, co + 5 * ldc);
    FloatVector x6 = FloatVector.fromArray(S, c, co + 6 * ldc);
    FloatVector x7 = FloatVector.fromArray(S, c, co + 7 * ldc);
    int a1 = ao + step;
    int a2 = ao + 2 * step;
    int a3 = ao + 3 * step;
    int a4 = ao + 4 * step;
    int a5 = ao + 5 * step;
    int a6 = ao + 6 * step;
    int a7 = ao + 7 * step;
    int row = bo;
    for (int i = 0; i < depth; i++) {
      FloatVector u = FloatVector.fromArray(S, b, row);
      FloatVector s0 = FloatVector.broadcast(S, a[ao + i]);
      x0 = s0.fma(u, x0);
      FloatVector s1 = FloatVector.broadcast(S, a[a1 + i]);
      x1 = s1.fma(u, x1);
      FloatVector s2 = FloatVector.broadcast(S, a[a2 + i]);
      x2 = s2.fma(u, x2);
      FloatVector s3 = FloatVector.broadcast(S, a[a3 + i]);
      x3 = s3.fma(u, x3);
      FloatVector s4 = FloatVector.broadcast(S, a[a4 + i]);
      x4 = s4.fma(u, x4);
      FloatVector s5 = FloatVector.broadcast(S, a[a5 + i]);
      x5 = s5.fma(u, x5);
      FloatVector s6 = FloatVector.broadcast(S, a[a6 + i]);
      x6 = s6.fma(u, x6);
      FloatVector s7 = FloatVector.broadcast(S, a[a7 + i]);
      x7 = s7.fma(u, x7);
      row += ldb;
    }
    x0.intoArray(c, co);
    x1.intoArray(c, co + ldc);
    x2.intoArray(c, co + 2 * ldc);
    x3.intoArray(c, co + 3 * ldc);
    x4.intoArray(c, co + 4 * ldc);
    x5.intoArray(c, co + 5 * ldc);
    x6.intoArray(c, co + 6 * ldc);
    x7.intoArray(c, co + 7 * ldc);
  }

  /// `a(r, i) = a[ao + r + i·step]`, two vectors wide.
  private static void acrossTwo(
      int depth,
      float[] a,
      int ao,
      int step,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    FloatVector x0 = FloatVector.fromArray(S, c, co);
    FloatVector y0 = FloatVector.fromArray(S, c, co + L);
    FloatVector x1 = FloatVector.fromArray(S, c, co + ldc);
    FloatVector y1 = FloatVector.fromArray(S, c, co + ldc + L);
    FloatVector x2 = FloatVector.fromArray(S, c, co + 2 * ldc);
    FloatVector y2 = FloatVector.fromArray(S, c, co + 2 * ldc + L);
    FloatVector x3 = FloatVector.fromArray(S, c, co + 3 * ldc);
    FloatVector y3 = FloatVector.fromArray(S, c, co + 3 * ldc + L);
    FloatVector x4 = FloatVector.fromArray(S, c, co + 4 * ldc);
    FloatVector y4 = FloatVector.fromArray(S, c, co + 4 * ldc + L);
    FloatVector x5 = FloatVector.fromArray(S, c, co + 5 * ldc);
    FloatVector y5 = FloatVector.fromArray(S, c, co + 5 * ldc + L);
    FloatVector x6 = FloatVector.fromArray(S, c, co + 6 * ldc);
    FloatVector y6 = FloatVector.fromArray(S, c, co + 6 * ldc + L);
    FloatVector x7 = FloatVector.fromArray(S, c, co + 7 * ldc);
    FloatVector y7 = FloatVector.fromArray(S, c, co + 7 * ldc + L);
    int row = bo;
    int at = ao;
    for (int i = 0; i < depth; i++) {
      FloatVector u = FloatVector.fromArray(S, b, row);
      FloatVector v = FloatVector.fromArray(S, b, row + L);
      FloatVector s0 = FloatVector.broadcast(S, a[at]);
      x0 = s0.fma(u, x0);
      y0 = s0.fma(v, y0);
      FloatVector s1 = FloatVector.broadcast(S, a[at + 1]);
      x1 = s1.fma(u, x1);
      y1 = s1.fma(v, y1);
      FloatVector s2 = FloatVector.broadcast(S, a[at + 2]);
      x2 = s2.fma(u, x2);
      y2 = s2.fma(v, y2);
      FloatVector s3 = FloatVector.broadcast(S, a[at + 3]);
      x3 = s3.fma(u, x3);
      y3 = s3.fma(v, y3);
      FloatVector s4 = FloatVector.broadcast(S, a[at + 4]);
      x4 = s4.fma(u, x4);
      y4 = s4.fma(v, y4);
      FloatVector s5 = FloatVector.broadcast(S, a[at + 5]);
      x5 = s5.fma(u, x5);
      y5 = s5.fma(v, y5);
      FloatVector s6 = FloatVector.broadcast(S, a[at + 6]);
      x6 = s6.fma(u, x6);
      y6 = s6.fma(v, y6);
      FloatVector s7 = FloatVector.broadcast(S, a[at + 7]);
      x7 = s7.fma(u, x7);
      y7 = s7.fma(v, y7);
      row += ldb;
      at += step;
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

  /// `a(r, i) = a[ao + r + i·step]`, one vector wide.
  private static void acrossOne(
      int depth,
      float[] a,
      int ao,
      int step,
      float[] b,
      int bo,
      int ldb,
      float[] c,
      int co,
      int ldc) {
    FloatVector x0 = FloatVector.fromArray(S, c, co);
    FloatVector x1 = FloatVector.fromArray(S, c, co + ldc);
    FloatVector x2 = FloatVector.fromArray(S, c, co + 2 * ldc);
    FloatVector x3 = FloatVector.fromArray(S, c, co + 3 * ldc);
    FloatVector x4 = FloatVector.fromArray(S, c, co + 4 * ldc);
    FloatVector x5 = FloatVector.fromArray(S, c, co + 5 * ldc);
    FloatVector x6 = FloatVector.fromArray(S, c, co + 6 * ldc);
    FloatVector x7 = FloatVector.fromArray(S, c, co + 7 * ldc);
    int row = bo;
    int at = ao;
    for (int i = 0; i < depth; i++) {
      FloatVector u = FloatVector.fromArray(S, b, row);
      FloatVector s0 = FloatVector.broadcast(S, a[at]);
      x0 = s0.fma(u, x0);
      FloatVector s1 = FloatVector.broadcast(S, a[at + 1]);
      x1 = s1.fma(u, x1);
      FloatVector s2 = FloatVector.broadcast(S, a[at + 2]);
      x2 = s2.fma(u, x2);
      FloatVector s3 = FloatVector.broadcast(S, a[at + 3]);
      x3 = s3.fma(u, x3);
      FloatVector s4 = FloatVector.broadcast(S, a[at + 4]);
      x4 = s4.fma(u, x4);
      FloatVector s5 = FloatVector.broadcast(S, a[at + 5]);
      x5 = s5.fma(u, x5);
      FloatVector s6 = FloatVector.broadcast(S, a[at + 6]);
      x6 = s6.fma(u, x6);
      FloatVector s7 = FloatVector.broadcast(S, a[at + 7]);
      x7 = s7.fma(u, x7);
      row += ldb;
      at += step;
    }
    x0.intoArray(c, co);
    x1.intoArray(c, co + ldc);
    x2.intoArray(c, co + 2 * ldc);
    x3.intoArray(c, co + 3 * ldc);
    x4.intoArray(c, co + 4 * ldc);
    x5.intoArray(c, co + 5 * ldc);
    x6.intoArray(c, co + 6 * ldc);
    x7.intoArray(c, co + 7 * ldc);
  }
}
