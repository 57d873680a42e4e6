package dev.sluice.tasks.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// A [GemmTile] three vectors wide, for processors with 32 registers: 24 of them hold `C`.
///
/// A multiply-add then takes 11/24 of a load instead of 10/16, and an element of a panel of `A`
/// does half as much again: 1 to 5 % faster where panels stream from the second-level cache and
/// begin on a line. Short inner sizes lose what a tile takes to begin and to end.
final class GemmWideTile {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private static final Class<? extends FloatVector> EXACT = Lanes.EXACT;

  /// Whether this JVM's vectors are those of a processor that has as many registers.
  static final boolean USABLE = L == 16;

  /// Columns of a tile: three vectors.
  static final int WIDTH = 3 * L;

  private static final int ROWS = GemmTile.ROWS;
  private static final int CHUNK = GemmPack.CHUNK;
  private static final int CHUNK_BITS = Integer.numberOfTrailingZeros(CHUNK);

  private GemmWideTile() {}

  /// As [GemmTile#packed].
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
    FloatVector z0 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector x1 = FloatVector.fromArray(S, init, io + ldi);
    FloatVector y1 = FloatVector.fromArray(S, init, io + ldi + L);
    FloatVector z1 = FloatVector.fromArray(S, init, io + ldi + 2 * L);
    FloatVector x2 = FloatVector.fromArray(S, init, io + 2 * ldi);
    FloatVector y2 = FloatVector.fromArray(S, init, io + 2 * ldi + L);
    FloatVector z2 = FloatVector.fromArray(S, init, io + 2 * ldi + 2 * L);
    FloatVector x3 = FloatVector.fromArray(S, init, io + 3 * ldi);
    FloatVector y3 = FloatVector.fromArray(S, init, io + 3 * ldi + L);
    FloatVector z3 = FloatVector.fromArray(S, init, io + 3 * ldi + 2 * L);
    FloatVector x4 = FloatVector.fromArray(S, init, io + 4 * ldi);
    FloatVector y4 = FloatVector.fromArray(S, init, io + 4 * ldi + L);
    FloatVector z4 = FloatVector.fromArray(S, init, io + 4 * ldi + 2 * L);
    FloatVector x5 = FloatVector.fromArray(S, init, io + 5 * ldi);
    FloatVector y5 = FloatVector.fromArray(S, init, io + 5 * ldi + L);
    FloatVector z5 = FloatVector.fromArray(S, init, io + 5 * ldi + 2 * L);
    FloatVector x6 = FloatVector.fromArray(S, init, io + 6 * ldi);
    FloatVector y6 = FloatVector.fromArray(S, init, io + 6 * ldi + L);
    FloatVector z6 = FloatVector.fromArray(S, init, io + 6 * ldi + 2 * L);
    FloatVector x7 = FloatVector.fromArray(S, init, io + 7 * ldi);
    FloatVector y7 = FloatVector.fromArray(S, init, io + 7 * ldi + L);
    FloatVector z7 = FloatVector.fromArray(S, init, io + 7 * ldi + 2 * L);
    for (int k = 0; k < depth; k++) {
      int ak = ao + k * ROWS;
      // Not `k * WIDTH`: C2 would unroll the loop, and has not the registers for that.
      int bk = bo + k * 3 * L;
      FloatVector u = FloatVector.fromArray(S, b, bk);
      FloatVector v = FloatVector.fromArray(S, b, bk + L);
      FloatVector w = FloatVector.fromArray(S, b, bk + 2 * L);
      FloatVector s0 = FloatVector.broadcast(S, a[ak]);
      x0 = s0.fma(u, x0);
      y0 = s0.fma(v, y0);
      z0 = s0.fma(w, z0);
      FloatVector s1 = FloatVector.broadcast(S, a[ak + 1]);
      x1 = s1.fma(u, x1);
      y1 = s1.fma(v, y1);
      z1 = s1.fma(w, z1);
      FloatVector s2 = FloatVector.broadcast(S, a[ak + 2]);
      x2 = s2.fma(u, x2);
      y2 = s2.fma(v, y2);
      z2 = s2.fma(w, z2);
      FloatVector s3 = FloatVector.broadcast(S, a[ak + 3]);
      x3 = s3.fma(u, x3);
      y3 = s3.fma(v, y3);
      z3 = s3.fma(w, z3);
      FloatVector s4 = FloatVector.broadcast(S, a[ak + 4]);
      x4 = s4.fma(u, x4);
      y4 = s4.fma(v, y4);
      z4 = s4.fma(w, z4);
      FloatVector s5 = FloatVector.broadcast(S, a[ak + 5]);
      x5 = s5.fma(u, x5);
      y5 = s5.fma(v, y5);
      z5 = s5.fma(w, z5);
      FloatVector s6 = FloatVector.broadcast(S, a[ak + 6]);
      x6 = s6.fma(u, x6);
      y6 = s6.fma(v, y6);
      z6 = s6.fma(w, z6);
      FloatVector s7 = FloatVector.broadcast(S, a[ak + 7]);
      x7 = s7.fma(u, x7);
      y7 = s7.fma(v, y7);
      z7 = s7.fma(w, z7);
    }
    EXACT.cast(x0).intoArray(c, co);
    EXACT.cast(y0).intoArray(c, co + L);
    EXACT.cast(z0).intoArray(c, co + 2 * L);
    EXACT.cast(x1).intoArray(c, co + ldc);
    EXACT.cast(y1).intoArray(c, co + ldc + L);
    EXACT.cast(z1).intoArray(c, co + ldc + 2 * L);
    EXACT.cast(x2).intoArray(c, co + 2 * ldc);
    EXACT.cast(y2).intoArray(c, co + 2 * ldc + L);
    EXACT.cast(z2).intoArray(c, co + 2 * ldc + 2 * L);
    EXACT.cast(x3).intoArray(c, co + 3 * ldc);
    EXACT.cast(y3).intoArray(c, co + 3 * ldc + L);
    EXACT.cast(z3).intoArray(c, co + 3 * ldc + 2 * L);
    EXACT.cast(x4).intoArray(c, co + 4 * ldc);
    EXACT.cast(y4).intoArray(c, co + 4 * ldc + L);
    EXACT.cast(z4).intoArray(c, co + 4 * ldc + 2 * L);
    EXACT.cast(x5).intoArray(c, co + 5 * ldc);
    EXACT.cast(y5).intoArray(c, co + 5 * ldc + L);
    EXACT.cast(z5).intoArray(c, co + 5 * ldc + 2 * L);
    EXACT.cast(x6).intoArray(c, co + 6 * ldc);
    EXACT.cast(y6).intoArray(c, co + 6 * ldc + L);
    EXACT.cast(z6).intoArray(c, co + 6 * ldc + 2 * L);
    EXACT.cast(x7).intoArray(c, co + 7 * ldc);
    EXACT.cast(y7).intoArray(c, co + 7 * ldc + L);
    EXACT.cast(z7).intoArray(c, co + 7 * ldc + 2 * L);
  }

  /// As [GemmTile#chunked].
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
    FloatVector z0 = FloatVector.fromArray(S, init, io + 2 * L);
    FloatVector x1 = FloatVector.fromArray(S, init, io + ldi);
    FloatVector y1 = FloatVector.fromArray(S, init, io + ldi + L);
    FloatVector z1 = FloatVector.fromArray(S, init, io + ldi + 2 * L);
    FloatVector x2 = FloatVector.fromArray(S, init, io + 2 * ldi);
    FloatVector y2 = FloatVector.fromArray(S, init, io + 2 * ldi + L);
    FloatVector z2 = FloatVector.fromArray(S, init, io + 2 * ldi + 2 * L);
    FloatVector x3 = FloatVector.fromArray(S, init, io + 3 * ldi);
    FloatVector y3 = FloatVector.fromArray(S, init, io + 3 * ldi + L);
    FloatVector z3 = FloatVector.fromArray(S, init, io + 3 * ldi + 2 * L);
    FloatVector x4 = FloatVector.fromArray(S, init, io + 4 * ldi);
    FloatVector y4 = FloatVector.fromArray(S, init, io + 4 * ldi + L);
    FloatVector z4 = FloatVector.fromArray(S, init, io + 4 * ldi + 2 * L);
    FloatVector x5 = FloatVector.fromArray(S, init, io + 5 * ldi);
    FloatVector y5 = FloatVector.fromArray(S, init, io + 5 * ldi + L);
    FloatVector z5 = FloatVector.fromArray(S, init, io + 5 * ldi + 2 * L);
    FloatVector x6 = FloatVector.fromArray(S, init, io + 6 * ldi);
    FloatVector y6 = FloatVector.fromArray(S, init, io + 6 * ldi + L);
    FloatVector z6 = FloatVector.fromArray(S, init, io + 6 * ldi + 2 * L);
    FloatVector x7 = FloatVector.fromArray(S, init, io + 7 * ldi);
    FloatVector y7 = FloatVector.fromArray(S, init, io + 7 * ldi + L);
    FloatVector z7 = FloatVector.fromArray(S, init, io + 7 * ldi + 2 * L);
    for (int k = 0; k < depth; k += 2) {
      int ak = ao + (k >> CHUNK_BITS) * (ROWS * CHUNK) + (k & (CHUNK - 1));
      int bk = bo + k * WIDTH;
      FloatVector u = FloatVector.fromArray(S, b, bk);
      FloatVector v = FloatVector.fromArray(S, b, bk + L);
      FloatVector w = FloatVector.fromArray(S, b, bk + 2 * L);
      FloatVector s0 = FloatVector.broadcast(S, a[ak]);
      x0 = s0.fma(u, x0);
      y0 = s0.fma(v, y0);
      z0 = s0.fma(w, z0);
      FloatVector s1 = FloatVector.broadcast(S, a[ak + CHUNK]);
      x1 = s1.fma(u, x1);
      y1 = s1.fma(v, y1);
      z1 = s1.fma(w, z1);
      FloatVector s2 = FloatVector.broadcast(S, a[ak + 2 * CHUNK]);
      x2 = s2.fma(u, x2);
      y2 = s2.fma(v, y2);
      z2 = s2.fma(w, z2);
      FloatVector s3 = FloatVector.broadcast(S, a[ak + 3 * CHUNK]);
      x3 = s3.fma(u, x3);
      y3 = s3.fma(v, y3);
      z3 = s3.fma(w, z3);
      FloatVector s4 = FloatVector.broadcast(S, a[ak + 4 * CHUNK]);
      x4 = s4.fma(u, x4);
      y4 = s4.fma(v, y4);
      z4 = s4.fma(w, z4);
      FloatVector s5 = FloatVector.broadcast(S, a[ak + 5 * CHUNK]);
      x5 = s5.fma(u, x5);
      y5 = s5.fma(v, y5);
      z5 = s5.fma(w, z5);
      FloatVector s6 = FloatVector.broadcast(S, a[ak + 6 * CHUNK]);
      x6 = s6.fma(u, x6);
      y6 = s6.fma(v, y6);
      z6 = s6.fma(w, z6);
      FloatVector s7 = FloatVector.broadcast(S, a[ak + 7 * CHUNK]);
      x7 = s7.fma(u, x7);
      y7 = s7.fma(v, y7);
      z7 = s7.fma(w, z7);
      FloatVector m = FloatVector.fromArray(S, b, bk + WIDTH);
      FloatVector p = FloatVector.fromArray(S, b, bk + WIDTH + L);
      FloatVector q = FloatVector.fromArray(S, b, bk + WIDTH + 2 * L);
      FloatVector t0 = FloatVector.broadcast(S, a[ak + 1]);
      x0 = t0.fma(m, x0);
      y0 = t0.fma(p, y0);
      z0 = t0.fma(q, z0);
      FloatVector t1 = FloatVector.broadcast(S, a[ak + CHUNK + 1]);
      x1 = t1.fma(m, x1);
      y1 = t1.fma(p, y1);
      z1 = t1.fma(q, z1);
      FloatVector t2 = FloatVector.broadcast(S, a[ak + 2 * CHUNK + 1]);
      x2 = t2.fma(m, x2);
      y2 = t2.fma(p, y2);
      z2 = t2.fma(q, z2);
      FloatVector t3 = FloatVector.broadcast(S, a[ak + 3 * CHUNK + 1]);
      x3 = t3.fma(m, x3);
      y3 = t3.fma(p, y3);
      z3 = t3.fma(q, z3);
      FloatVector t4 = FloatVector.broadcast(S, a[ak + 4 * CHUNK + 1]);
      x4 = t4.fma(m, x4);
      y4 = t4.fma(p, y4);
      z4 = t4.fma(q, z4);
      FloatVector t5 = FloatVector.broadcast(S, a[ak + 5 * CHUNK + 1]);
      x5 = t5.fma(m, x5);
      y5 = t5.fma(p, y5);
      z5 = t5.fma(q, z5);
      FloatVector t6 = FloatVector.broadcast(S, a[ak + 6 * CHUNK + 1]);
      x6 = t6.fma(m, x6);
      y6 = t6.fma(p, y6);
      z6 = t6.fma(q, z6);
      FloatVector t7 = FloatVector.broadcast(S, a[ak + 7 * CHUNK + 1]);
      x7 = t7.fma(m, x7);
      y7 = t7.fma(p, y7);
      z7 = t7.fma(q, z7);
    }
    EXACT.cast(x0).intoArray(c, co);
    EXACT.cast(y0).intoArray(c, co + L);
    EXACT.cast(z0).intoArray(c, co + 2 * L);
    EXACT.cast(x1).intoArray(c, co + ldc);
    EXACT.cast(y1).intoArray(c, co + ldc + L);
    EXACT.cast(z1).intoArray(c, co + ldc + 2 * L);
    EXACT.cast(x2).intoArray(c, co + 2 * ldc);
    EXACT.cast(y2).intoArray(c, co + 2 * ldc + L);
    EXACT.cast(z2).intoArray(c, co + 2 * ldc + 2 * L);
    EXACT.cast(x3).intoArray(c, co + 3 * ldc);
    EXACT.cast(y3).intoArray(c, co + 3 * ldc + L);
    EXACT.cast(z3).intoArray(c, co + 3 * ldc + 2 * L);
    EXACT.cast(x4).intoArray(c, co + 4 * ldc);
    EXACT.cast(y4).intoArray(c, co + 4 * ldc + L);
    EXACT.cast(z4).intoArray(c, co + 4 * ldc + 2 * L);
    EXACT.cast(x5).intoArray(c, co + 5 * ldc);
    EXACT.cast(y5).intoArray(c, co + 5 * ldc + L);
    EXACT.cast(z5).intoArray(c, co + 5 * ldc + 2 * L);
    EXACT.cast(x6).intoArray(c, co + 6 * ldc);
    EXACT.cast(y6).intoArray(c, co + 6 * ldc + L);
    EXACT.cast(z6).intoArray(c, co + 6 * ldc + 2 * L);
    EXACT.cast(x7).intoArray(c, co + 7 * ldc);
    EXACT.cast(y7).intoArray(c, co + 7 * ldc + L);
    EXACT.cast(z7).intoArray(c, co + 7 * ldc + 2 * L);
  }
}
