package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.host.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The innermost pieces of [GlaHost]: a tile of a state that stays in registers while tokens pass.
///
/// All numbers lie in one array `x`. `state` is the tile's first element, its rows `width` apart.
/// Of token `t`, what belongs to rows (`a`, `w`, in one form `d`) begins at `… + t·rows`, what
/// belongs to columns (`b`, `out`, in the other form `d`) at `… + t·width`.
///
/// Everything is written out: a helper that takes vectors is not always inlined into a method of
/// this size, and a vector that crosses a call is an object.
final class GlaTile {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /// Rows of a tile.
  static final int ROWS = 4;

  private GlaTile() {}

  /// Four rows by four vectors of a state whose rows decay, over `steps` tokens: `s ← d_t s + a_t
  /// b_tᵀ`, then `out_t += w_tᵀ s`.
  static void rowsDecayWide(
      float[] x, int state, int rows, int d, int a, int w, int b, int out, int width, int steps) {
    int r0 = state;
    int r1 = state + width;
    int r2 = state + 2 * width;
    int r3 = state + 3 * width;
    FloatVector s00 = FloatVector.fromArray(S, x, r0);
    FloatVector s01 = FloatVector.fromArray(S, x, r0 + L);
    FloatVector s02 = FloatVector.fromArray(S, x, r0 + 2 * L);
    FloatVector s03 = FloatVector.fromArray(S, x, r0 + 3 * L);
    FloatVector s10 = FloatVector.fromArray(S, x, r1);
    FloatVector s11 = FloatVector.fromArray(S, x, r1 + L);
    FloatVector s12 = FloatVector.fromArray(S, x, r1 + 2 * L);
    FloatVector s13 = FloatVector.fromArray(S, x, r1 + 3 * L);
    FloatVector s20 = FloatVector.fromArray(S, x, r2);
    FloatVector s21 = FloatVector.fromArray(S, x, r2 + L);
    FloatVector s22 = FloatVector.fromArray(S, x, r2 + 2 * L);
    FloatVector s23 = FloatVector.fromArray(S, x, r2 + 3 * L);
    FloatVector s30 = FloatVector.fromArray(S, x, r3);
    FloatVector s31 = FloatVector.fromArray(S, x, r3 + L);
    FloatVector s32 = FloatVector.fromArray(S, x, r3 + 2 * L);
    FloatVector s33 = FloatVector.fromArray(S, x, r3 + 3 * L);
    for (int t = 0; t < steps; t++) {
      int row = t * rows;
      int column = t * width;
      FloatVector b0 = FloatVector.fromArray(S, x, b + column);
      FloatVector b1 = FloatVector.fromArray(S, x, b + column + L);
      FloatVector b2 = FloatVector.fromArray(S, x, b + column + 2 * L);
      FloatVector b3 = FloatVector.fromArray(S, x, b + column + 3 * L);
      FloatVector o0 = FloatVector.fromArray(S, x, out + column);
      FloatVector o1 = FloatVector.fromArray(S, x, out + column + L);
      FloatVector o2 = FloatVector.fromArray(S, x, out + column + 2 * L);
      FloatVector o3 = FloatVector.fromArray(S, x, out + column + 3 * L);
      FloatVector factor = FloatVector.broadcast(S, x[d + row]);
      FloatVector left = FloatVector.broadcast(S, x[a + row]);
      FloatVector weight = FloatVector.broadcast(S, x[w + row]);
      s00 = b0.fma(left, s00.mul(factor));
      s01 = b1.fma(left, s01.mul(factor));
      s02 = b2.fma(left, s02.mul(factor));
      s03 = b3.fma(left, s03.mul(factor));
      o0 = s00.fma(weight, o0);
      o1 = s01.fma(weight, o1);
      o2 = s02.fma(weight, o2);
      o3 = s03.fma(weight, o3);
      factor = FloatVector.broadcast(S, x[d + row + 1]);
      left = FloatVector.broadcast(S, x[a + row + 1]);
      weight = FloatVector.broadcast(S, x[w + row + 1]);
      s10 = b0.fma(left, s10.mul(factor));
      s11 = b1.fma(left, s11.mul(factor));
      s12 = b2.fma(left, s12.mul(factor));
      s13 = b3.fma(left, s13.mul(factor));
      o0 = s10.fma(weight, o0);
      o1 = s11.fma(weight, o1);
      o2 = s12.fma(weight, o2);
      o3 = s13.fma(weight, o3);
      factor = FloatVector.broadcast(S, x[d + row + 2]);
      left = FloatVector.broadcast(S, x[a + row + 2]);
      weight = FloatVector.broadcast(S, x[w + row + 2]);
      s20 = b0.fma(left, s20.mul(factor));
      s21 = b1.fma(left, s21.mul(factor));
      s22 = b2.fma(left, s22.mul(factor));
      s23 = b3.fma(left, s23.mul(factor));
      o0 = s20.fma(weight, o0);
      o1 = s21.fma(weight, o1);
      o2 = s22.fma(weight, o2);
      o3 = s23.fma(weight, o3);
      factor = FloatVector.broadcast(S, x[d + row + 3]);
      left = FloatVector.broadcast(S, x[a + row + 3]);
      weight = FloatVector.broadcast(S, x[w + row + 3]);
      s30 = b0.fma(left, s30.mul(factor));
      s31 = b1.fma(left, s31.mul(factor));
      s32 = b2.fma(left, s32.mul(factor));
      s33 = b3.fma(left, s33.mul(factor));
      o0 = s30.fma(weight, o0);
      o1 = s31.fma(weight, o1);
      o2 = s32.fma(weight, o2);
      o3 = s33.fma(weight, o3);
      o0.intoArray(x, out + column);
      o1.intoArray(x, out + column + L);
      o2.intoArray(x, out + column + 2 * L);
      o3.intoArray(x, out + column + 3 * L);
    }
    s00.intoArray(x, r0);
    s01.intoArray(x, r0 + L);
    s02.intoArray(x, r0 + 2 * L);
    s03.intoArray(x, r0 + 3 * L);
    s10.intoArray(x, r1);
    s11.intoArray(x, r1 + L);
    s12.intoArray(x, r1 + 2 * L);
    s13.intoArray(x, r1 + 3 * L);
    s20.intoArray(x, r2);
    s21.intoArray(x, r2 + L);
    s22.intoArray(x, r2 + 2 * L);
    s23.intoArray(x, r2 + 3 * L);
    s30.intoArray(x, r3);
    s31.intoArray(x, r3 + L);
    s32.intoArray(x, r3 + 2 * L);
    s33.intoArray(x, r3 + 3 * L);
  }

  /// Four rows by two vectors of a state whose rows decay, over `steps` tokens: `s ← d_t s + a_t
  /// b_tᵀ`, then `out_t += w_tᵀ s`.
  static void rowsDecayNarrow(
      float[] x, int state, int rows, int d, int a, int w, int b, int out, int width, int steps) {
    int r0 = state;
    int r1 = state + width;
    int r2 = state + 2 * width;
    int r3 = state + 3 * width;
    FloatVector s00 = FloatVector.fromArray(S, x, r0);
    FloatVector s01 = FloatVector.fromArray(S, x, r0 + L);
    FloatVector s10 = FloatVector.fromArray(S, x, r1);
    FloatVector s11 = FloatVector.fromArray(S, x, r1 + L);
    FloatVector s20 = FloatVector.fromArray(S, x, r2);
    FloatVector s21 = FloatVector.fromArray(S, x, r2 + L);
    FloatVector s30 = FloatVector.fromArray(S, x, r3);
    FloatVector s31 = FloatVector.fromArray(S, x, r3 + L);
    for (int t = 0; t < steps; t++) {
      int row = t * rows;
      int column = t * width;
      FloatVector b0 = FloatVector.fromArray(S, x, b + column);
      FloatVector b1 = FloatVector.fromArray(S, x, b + column + L);
      FloatVector o0 = FloatVector.fromArray(S, x, out + column);
      FloatVector o1 = FloatVector.fromArray(S, x, out + column + L);
      FloatVector factor = FloatVector.broadcast(S, x[d + row]);
      FloatVector left = FloatVector.broadcast(S, x[a + row]);
      FloatVector weight = FloatVector.broadcast(S, x[w + row]);
      s00 = b0.fma(left, s00.mul(factor));
      s01 = b1.fma(left, s01.mul(factor));
      o0 = s00.fma(weight, o0);
      o1 = s01.fma(weight, o1);
      factor = FloatVector.broadcast(S, x[d + row + 1]);
      left = FloatVector.broadcast(S, x[a + row + 1]);
      weight = FloatVector.broadcast(S, x[w + row + 1]);
      s10 = b0.fma(left, s10.mul(factor));
      s11 = b1.fma(left, s11.mul(factor));
      o0 = s10.fma(weight, o0);
      o1 = s11.fma(weight, o1);
      factor = FloatVector.broadcast(S, x[d + row + 2]);
      left = FloatVector.broadcast(S, x[a + row + 2]);
      weight = FloatVector.broadcast(S, x[w + row + 2]);
      s20 = b0.fma(left, s20.mul(factor));
      s21 = b1.fma(left, s21.mul(factor));
      o0 = s20.fma(weight, o0);
      o1 = s21.fma(weight, o1);
      factor = FloatVector.broadcast(S, x[d + row + 3]);
      left = FloatVector.broadcast(S, x[a + row + 3]);
      weight = FloatVector.broadcast(S, x[w + row + 3]);
      s30 = b0.fma(left, s30.mul(factor));
      s31 = b1.fma(left, s31.mul(factor));
      o0 = s30.fma(weight, o0);
      o1 = s31.fma(weight, o1);
      o0.intoArray(x, out + column);
      o1.intoArray(x, out + column + L);
    }
    s00.intoArray(x, r0);
    s01.intoArray(x, r0 + L);
    s10.intoArray(x, r1);
    s11.intoArray(x, r1 + L);
    s20.intoArray(x, r2);
    s21.intoArray(x, r2 + L);
    s30.intoArray(x, r3);
    s31.intoArray(x, r3 + L);
  }

  /// Four rows by four vectors of a state whose columns decay, over `steps` tokens: `s ← s d_t`,
  /// then `out_t += w_tᵀ s`, then `s ← s + a_t b_tᵀ`.
  static void columnsDecayWide(
      float[] x, int state, int rows, int d, int a, int w, int b, int out, int width, int steps) {
    int r0 = state;
    int r1 = state + width;
    int r2 = state + 2 * width;
    int r3 = state + 3 * width;
    FloatVector s00 = FloatVector.fromArray(S, x, r0);
    FloatVector s01 = FloatVector.fromArray(S, x, r0 + L);
    FloatVector s02 = FloatVector.fromArray(S, x, r0 + 2 * L);
    FloatVector s03 = FloatVector.fromArray(S, x, r0 + 3 * L);
    FloatVector s10 = FloatVector.fromArray(S, x, r1);
    FloatVector s11 = FloatVector.fromArray(S, x, r1 + L);
    FloatVector s12 = FloatVector.fromArray(S, x, r1 + 2 * L);
    FloatVector s13 = FloatVector.fromArray(S, x, r1 + 3 * L);
    FloatVector s20 = FloatVector.fromArray(S, x, r2);
    FloatVector s21 = FloatVector.fromArray(S, x, r2 + L);
    FloatVector s22 = FloatVector.fromArray(S, x, r2 + 2 * L);
    FloatVector s23 = FloatVector.fromArray(S, x, r2 + 3 * L);
    FloatVector s30 = FloatVector.fromArray(S, x, r3);
    FloatVector s31 = FloatVector.fromArray(S, x, r3 + L);
    FloatVector s32 = FloatVector.fromArray(S, x, r3 + 2 * L);
    FloatVector s33 = FloatVector.fromArray(S, x, r3 + 3 * L);
    for (int t = 0; t < steps; t++) {
      int row = t * rows;
      int column = t * width;
      FloatVector a0 = FloatVector.broadcast(S, x[a + row]);
      FloatVector a1 = FloatVector.broadcast(S, x[a + row + 1]);
      FloatVector a2 = FloatVector.broadcast(S, x[a + row + 2]);
      FloatVector a3 = FloatVector.broadcast(S, x[a + row + 3]);
      FloatVector w0 = FloatVector.broadcast(S, x[w + row]);
      FloatVector w1 = FloatVector.broadcast(S, x[w + row + 1]);
      FloatVector w2 = FloatVector.broadcast(S, x[w + row + 2]);
      FloatVector w3 = FloatVector.broadcast(S, x[w + row + 3]);
      FloatVector factor = FloatVector.fromArray(S, x, d + column);
      FloatVector right = FloatVector.fromArray(S, x, b + column);
      FloatVector sum = FloatVector.fromArray(S, x, out + column);
      FloatVector decayed = s00.mul(factor);
      sum = decayed.fma(w0, sum);
      s00 = right.fma(a0, decayed);
      decayed = s10.mul(factor);
      sum = decayed.fma(w1, sum);
      s10 = right.fma(a1, decayed);
      decayed = s20.mul(factor);
      sum = decayed.fma(w2, sum);
      s20 = right.fma(a2, decayed);
      decayed = s30.mul(factor);
      sum = decayed.fma(w3, sum);
      s30 = right.fma(a3, decayed);
      sum.intoArray(x, out + column);
      factor = FloatVector.fromArray(S, x, d + column + L);
      right = FloatVector.fromArray(S, x, b + column + L);
      sum = FloatVector.fromArray(S, x, out + column + L);
      decayed = s01.mul(factor);
      sum = decayed.fma(w0, sum);
      s01 = right.fma(a0, decayed);
      decayed = s11.mul(factor);
      sum = decayed.fma(w1, sum);
      s11 = right.fma(a1, decayed);
      decayed = s21.mul(factor);
      sum = decayed.fma(w2, sum);
      s21 = right.fma(a2, decayed);
      decayed = s31.mul(factor);
      sum = decayed.fma(w3, sum);
      s31 = right.fma(a3, decayed);
      sum.intoArray(x, out + column + L);
      factor = FloatVector.fromArray(S, x, d + column + 2 * L);
      right = FloatVector.fromArray(S, x, b + column + 2 * L);
      sum = FloatVector.fromArray(S, x, out + column + 2 * L);
      decayed = s02.mul(factor);
      sum = decayed.fma(w0, sum);
      s02 = right.fma(a0, decayed);
      decayed = s12.mul(factor);
      sum = decayed.fma(w1, sum);
      s12 = right.fma(a1, decayed);
      decayed = s22.mul(factor);
      sum = decayed.fma(w2, sum);
      s22 = right.fma(a2, decayed);
      decayed = s32.mul(factor);
      sum = decayed.fma(w3, sum);
      s32 = right.fma(a3, decayed);
      sum.intoArray(x, out + column + 2 * L);
      factor = FloatVector.fromArray(S, x, d + column + 3 * L);
      right = FloatVector.fromArray(S, x, b + column + 3 * L);
      sum = FloatVector.fromArray(S, x, out + column + 3 * L);
      decayed = s03.mul(factor);
      sum = decayed.fma(w0, sum);
      s03 = right.fma(a0, decayed);
      decayed = s13.mul(factor);
      sum = decayed.fma(w1, sum);
      s13 = right.fma(a1, decayed);
      decayed = s23.mul(factor);
      sum = decayed.fma(w2, sum);
      s23 = right.fma(a2, decayed);
      decayed = s33.mul(factor);
      sum = decayed.fma(w3, sum);
      s33 = right.fma(a3, decayed);
      sum.intoArray(x, out + column + 3 * L);
    }
    s00.intoArray(x, r0);
    s01.intoArray(x, r0 + L);
    s02.intoArray(x, r0 + 2 * L);
    s03.intoArray(x, r0 + 3 * L);
    s10.intoArray(x, r1);
    s11.intoArray(x, r1 + L);
    s12.intoArray(x, r1 + 2 * L);
    s13.intoArray(x, r1 + 3 * L);
    s20.intoArray(x, r2);
    s21.intoArray(x, r2 + L);
    s22.intoArray(x, r2 + 2 * L);
    s23.intoArray(x, r2 + 3 * L);
    s30.intoArray(x, r3);
    s31.intoArray(x, r3 + L);
    s32.intoArray(x, r3 + 2 * L);
    s33.intoArray(x, r3 + 3 * L);
  }

  /// Four rows by two vectors of a state whose columns decay, over `steps` tokens: `s ← s d_t`,
  /// then `out_t += w_tᵀ s`, then `s ← s + a_t b_tᵀ`.
  static void columnsDecayNarrow(
      float[] x, int state, int rows, int d, int a, int w, int b, int out, int width, int steps) {
    int r0 = state;
    int r1 = state + width;
    int r2 = state + 2 * width;
    int r3 = state + 3 * width;
    FloatVector s00 = FloatVector.fromArray(S, x, r0);
    FloatVector s01 = FloatVector.fromArray(S, x, r0 + L);
    FloatVector s10 = FloatVector.fromArray(S, x, r1);
    FloatVector s11 = FloatVector.fromArray(S, x, r1 + L);
    FloatVector s20 = FloatVector.fromArray(S, x, r2);
    FloatVector s21 = FloatVector.fromArray(S, x, r2 + L);
    FloatVector s30 = FloatVector.fromArray(S, x, r3);
    FloatVector s31 = FloatVector.fromArray(S, x, r3 + L);
    for (int t = 0; t < steps; t++) {
      int row = t * rows;
      int column = t * width;
      FloatVector a0 = FloatVector.broadcast(S, x[a + row]);
      FloatVector a1 = FloatVector.broadcast(S, x[a + row + 1]);
      FloatVector a2 = FloatVector.broadcast(S, x[a + row + 2]);
      FloatVector a3 = FloatVector.broadcast(S, x[a + row + 3]);
      FloatVector w0 = FloatVector.broadcast(S, x[w + row]);
      FloatVector w1 = FloatVector.broadcast(S, x[w + row + 1]);
      FloatVector w2 = FloatVector.broadcast(S, x[w + row + 2]);
      FloatVector w3 = FloatVector.broadcast(S, x[w + row + 3]);
      FloatVector factor = FloatVector.fromArray(S, x, d + column);
      FloatVector right = FloatVector.fromArray(S, x, b + column);
      FloatVector sum = FloatVector.fromArray(S, x, out + column);
      FloatVector decayed = s00.mul(factor);
      sum = decayed.fma(w0, sum);
      s00 = right.fma(a0, decayed);
      decayed = s10.mul(factor);
      sum = decayed.fma(w1, sum);
      s10 = right.fma(a1, decayed);
      decayed = s20.mul(factor);
      sum = decayed.fma(w2, sum);
      s20 = right.fma(a2, decayed);
      decayed = s30.mul(factor);
      sum = decayed.fma(w3, sum);
      s30 = right.fma(a3, decayed);
      sum.intoArray(x, out + column);
      factor = FloatVector.fromArray(S, x, d + column + L);
      right = FloatVector.fromArray(S, x, b + column + L);
      sum = FloatVector.fromArray(S, x, out + column + L);
      decayed = s01.mul(factor);
      sum = decayed.fma(w0, sum);
      s01 = right.fma(a0, decayed);
      decayed = s11.mul(factor);
      sum = decayed.fma(w1, sum);
      s11 = right.fma(a1, decayed);
      decayed = s21.mul(factor);
      sum = decayed.fma(w2, sum);
      s21 = right.fma(a2, decayed);
      decayed = s31.mul(factor);
      sum = decayed.fma(w3, sum);
      s31 = right.fma(a3, decayed);
      sum.intoArray(x, out + column + L);
    }
    s00.intoArray(x, r0);
    s01.intoArray(x, r0 + L);
    s10.intoArray(x, r1);
    s11.intoArray(x, r1 + L);
    s20.intoArray(x, r2);
    s21.intoArray(x, r2 + L);
    s30.intoArray(x, r3);
    s31.intoArray(x, r3 + L);
  }
}
