package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// `C = A·Bᵀ` for few rows of `A`: dot products with the rows of `B`, which come from memory once
/// and are read where they lie. A single row of `A` meets them one after the other, since memory is
/// fastest in its own order; several rows of `A` meet four at a time, which saves loads.
///
/// Vectors in even and in odd places have a sum each, and lanes are summed at the end, in a fixed
/// order: an element does not depend on how `B` is shared out. Kept per thread, so that a call
/// allocates nothing.
final class GemmRows implements IntConsumer {
  /// Most rows of `A`; beyond, packing `B` pays.
  static final int MOST = 8;

  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /// Most numbers of `B` in a part: some microseconds of memory traffic.
  private static final int PART = 1 << 15;

  /// So many parts' worth of pieces are left to one thread: each alone was less than a part.
  private static final int ALONE = 2;

  /// Parts are a multiple of as many a thread: of five, one of two threads would have three.
  private static final int PARTS_PER_THREAD = 4;

  private static final ThreadLocal<GemmRows> OF_THREAD = ThreadLocal.withInitial(GemmRows::new);
  private static final float[] NONE = {};

  private int m;
  private int n;
  private int k;
  private float alpha;
  private float[] a = NONE;
  private int aOff;
  private int lda;
  private float[] b = NONE;
  private int bOff;
  private int ldb;
  private boolean accumulate;
  private float[] c = NONE;
  private int cOff;
  private int ldc;
  private int columns;

  /// Several `B` and `C`, whose columns are numbered through, or null for one of each.
  private @Nullable GemmPieces pieces;

  private GemmRows() {}

  static GemmRows ofThread() {
    return OF_THREAD.get();
  }

  /// As [Gemm#multiply] with `transB`.
  void run(
      Workers workers,
      int m,
      int n,
      int k,
      float alpha,
      float[] a,
      int aOff,
      int lda,
      float[] b,
      int bOff,
      int ldb,
      boolean accumulate,
      float[] c,
      int cOff,
      int ldc) {
    this.m = m;
    this.n = n;
    this.k = k;
    this.alpha = alpha;
    this.a = a;
    this.aOff = aOff;
    this.lda = lda;
    this.b = b;
    this.bOff = bOff;
    this.ldb = ldb;
    this.accumulate = accumulate;
    this.c = c;
    this.cOff = cOff;
    this.ldc = ldc;
    pieces = null;
    run(workers);
  }

  /// As [Gemm#shareLeft]. Parts go over all pieces.
  void run(Workers workers, GemmPieces pieces, int m, int k, float[] a) {
    this.m = m;
    this.n = pieces.total();
    this.k = k;
    this.alpha = 1f;
    this.a = a;
    this.aOff = 0;
    this.lda = k;
    this.pieces = pieces;
    run(workers);
  }

  private void run(Workers workers) {
    columns = columns(workers.threads());
    workers.run(Math.ceilDiv(n, columns), this);
    a = NONE;
    b = NONE;
    c = NONE;
    pieces = null;
  }

  /// Rows of `B` in a part, as many in each for all threads; all of them where they are few.
  private int columns(int threads) {
    int most = Math.max(4, PART / k / 4 * 4);
    if (n <= (pieces == null ? most : ALONE * most)) {
      return n;
    }
    int unit = threads * PARTS_PER_THREAD;
    int parts = Math.ceilDiv(Math.ceilDiv(n, most), unit) * unit;
    return Math.ceilDiv(Math.ceilDiv(n, parts), 4) * 4;
  }

  @Override
  public void accept(int part) {
    int first = part * columns;
    int last = Math.min(n, first + columns);
    GemmPieces all = pieces;
    if (all == null) {
      columns(b, bOff, ldb, accumulate, c, cOff, ldc, first, last);
      return;
    }
    for (int p = all.at(first); p < all.count() && all.begin(p) < last; p++) {
      int begin = all.begin(p);
      int from = Math.max(first, begin) - begin;
      int to = Math.min(last, all.end(p)) - begin;
      boolean add = all.accumulates(p);
      columns(all.input(p), 0, k, add, all.output(p), 0, all.size(p), from, to);
    }
  }

  /// Some columns of one `C`.
  private void columns(
      float[] b,
      int bOff,
      int ldb,
      boolean add,
      float[] c,
      int cOff,
      int ldc,
      int first,
      int last) {
    if (m == 1) {
      for (int j = first; j < last; j++) {
        put(add, c, cOff + j, dot(k, a, aOff, b, bOff + j * ldb));
      }
      return;
    }
    for (int j = first; j < last; j += 4) {
      int count = Math.min(4, last - j);
      for (int i = 0; i < m; i++) {
        dots(aOff + i * lda, b, bOff + j * ldb, ldb, count, add, c, cOff + i * ldc + j);
      }
    }
  }

  /// One row with one row, in the order of [#dots]. The loop stays in one piece, see [Lanes#step]:
  /// a token's products wait for memory.
  private static float dot(int k, float[] a, int ao, float[] b, int bo) {
    FloatVector s = FloatVector.zero(S);
    FloatVector t = s;
    int step = 2 * Lanes.step();
    int p = 0;
    for (; p < k - k % (2 * L); p += step) {
      int q = p + L;
      s = FloatVector.fromArray(S, a, ao + p).fma(FloatVector.fromArray(S, b, bo + p), s);
      t = FloatVector.fromArray(S, a, ao + q).fma(FloatVector.fromArray(S, b, bo + q), t);
    }
    if (p + L <= k) {
      s = FloatVector.fromArray(S, a, ao + p).fma(FloatVector.fromArray(S, b, bo + p), s);
      p += L;
    }
    float d = VectorMath.sum(s.add(t));
    for (; p < k; p++) {
      d = Math.fma(a[ao + p], b[bo + p], d);
    }
    return d;
  }

  /// The row of `A` at `x` with `count` rows of `B` from the one at `b0`; fewer than four are read
  /// more than once.
  private void dots(
      int x, float[] right, int b0, int ldb, int count, boolean add, float[] c, int to) {
    int b1 = b0 + Math.min(1, count - 1) * ldb;
    int b2 = b0 + Math.min(2, count - 1) * ldb;
    int b3 = b0 + (count - 1) * ldb;
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector t0 = s0;
    FloatVector t1 = s0;
    FloatVector t2 = s0;
    FloatVector t3 = s0;
    float[] left = a;
    int p = 0;
    for (; p < k - k % (2 * L); p += 2 * L) {
      FloatVector u = FloatVector.fromArray(S, left, x + p);
      s0 = u.fma(FloatVector.fromArray(S, right, b0 + p), s0);
      s1 = u.fma(FloatVector.fromArray(S, right, b1 + p), s1);
      s2 = u.fma(FloatVector.fromArray(S, right, b2 + p), s2);
      s3 = u.fma(FloatVector.fromArray(S, right, b3 + p), s3);
      FloatVector v = FloatVector.fromArray(S, left, x + p + L);
      t0 = v.fma(FloatVector.fromArray(S, right, b0 + p + L), t0);
      t1 = v.fma(FloatVector.fromArray(S, right, b1 + p + L), t1);
      t2 = v.fma(FloatVector.fromArray(S, right, b2 + p + L), t2);
      t3 = v.fma(FloatVector.fromArray(S, right, b3 + p + L), t3);
    }
    if (p + L <= k) {
      FloatVector u = FloatVector.fromArray(S, left, x + p);
      s0 = u.fma(FloatVector.fromArray(S, right, b0 + p), s0);
      s1 = u.fma(FloatVector.fromArray(S, right, b1 + p), s1);
      s2 = u.fma(FloatVector.fromArray(S, right, b2 + p), s2);
      s3 = u.fma(FloatVector.fromArray(S, right, b3 + p), s3);
      p += L;
    }
    float d0 = VectorMath.sum(s0.add(t0));
    float d1 = VectorMath.sum(s1.add(t1));
    float d2 = VectorMath.sum(s2.add(t2));
    float d3 = VectorMath.sum(s3.add(t3));
    for (; p < k; p++) {
      float u = left[x + p];
      d0 = Math.fma(u, right[b0 + p], d0);
      d1 = Math.fma(u, right[b1 + p], d1);
      d2 = Math.fma(u, right[b2 + p], d2);
      d3 = Math.fma(u, right[b3 + p], d3);
    }
    put(add, c, to, d0);
    if (count > 1) {
      put(add, c, to + 1, d1);
    }
    if (count > 2) {
      put(add, c, to + 2, d2);
    }
    if (count > 3) {
      put(add, c, to + 3, d3);
    }
  }

  private void put(boolean add, float[] c, int to, float dot) {
    c[to] = add ? Math.fma(alpha, dot, c[to]) : alpha * dot;
  }
}
