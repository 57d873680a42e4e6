package dev.sluice.tasks.ops.shortconvolution;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.ScalarMath;
import dev.sluice.tasks.host.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Short convolutions of the usual four steps, with all that is done to a row in one loop, so that
/// memory is waited for while there is something to compute. The order of additions is that of
/// other widths.
///
/// Rows lie `D` apart. Weights are `[4, D]`, Read, from `weights` on; the bias is behind `bias` in
/// the same array, or that is negative.
final class ShortConvolutionFour {
  /// Steps of a window.
  static final int WIDTH = 4;

  /// Rows that [#input] and [#weights] take at a time.
  static final int ROWS = 4;

  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private ShortConvolutionFour() {}

  /// `y_r = silu(b + Σ_j w_j ⊙ x_(r+j))` for some rows.
  ///
  /// @param x `rows + 3` rows from `xo` on, Read
  /// @param y `rows` rows from `yo` on, Overwritten
  static void silu(
      int rows, int D, float[] x, int xo, float[] w, int weights, int bias, float[] y, int yo) {
    int bound = D - D % L;
    for (int r = 0; r < rows; r++) {
      int in = xo + r * D;
      int out = yo + r * D;
      for (int c = 0; c < bound; c += L) {
        FloatVector z = sum(D, x, in + c, w, weights + c, start(w, bias, c));
        VectorMath.silu(z).intoArray(y, out + c);
      }
      for (int c = bound; c < D; c++) {
        y[out + c] = ScalarMath.silu(scalarSum(D, x, in + c, w, weights + c, bias + c, bias < 0));
      }
    }
  }

  /// `dz_r = dY_r ⊙ silu'(b + Σ_j w_j ⊙ x_(r+j))` for some rows.
  ///
  /// @param x `rows + 3` rows from `xo` on, Read
  /// @param dY `rows` rows from `dyo` on, Read
  /// @param dz `rows` rows from `zo` on, Overwritten
  static void siluGradient(
      int rows,
      int D,
      float[] x,
      int xo,
      float[] w,
      int weights,
      int bias,
      float[] dY,
      int dyo,
      float[] dz,
      int zo) {
    int bound = D - D % L;
    for (int r = 0; r < rows; r++) {
      int in = xo + r * D;
      int at = dyo + r * D;
      int out = zo + r * D;
      for (int c = 0; c < bound; c += L) {
        FloatVector z = sum(D, x, in + c, w, weights + c, start(w, bias, c));
        load(dY, at + c).mul(VectorMath.siluGradient(z)).intoArray(dz, out + c);
      }
      for (int c = bound; c < D; c++) {
        float z = scalarSum(D, x, in + c, w, weights + c, bias + c, bias < 0);
        dz[out + c] = dY[at + c] * ScalarMath.siluGradient(z);
      }
    }
  }

  /// `dX_s (+)= Σ_j w_j ⊙ dz_(s+j)` for four rows `s`, with weights reversed in time.
  ///
  /// @param dz seven rows from `zo` on, Read
  /// @param dX four rows from `xo` on, Overwritten, or Accumulated where `add`
  static void input(
      int D, float[] dz, int zo, float[] w, int weights, float[] dX, int xo, boolean add) {
    int bound = D - D % L;
    for (int c = 0; c < bound; c += L) {
      int i = zo + c;
      FloatVector z1 = load(dz, i + D);
      FloatVector z2 = load(dz, i + 2 * D);
      FloatVector z3 = load(dz, i + 3 * D);
      FloatVector z4 = load(dz, i + 4 * D);
      FloatVector z5 = load(dz, i + 5 * D);
      int j = weights + c;
      FloatVector w0 = load(w, j);
      FloatVector w1 = load(w, j + D);
      FloatVector w2 = load(w, j + 2 * D);
      FloatVector w3 = load(w, j + 3 * D);
      int o = xo + c;
      put(z3.fma(w3, z2.fma(w2, z1.fma(w1, load(dz, i).mul(w0)))), add, dX, o);
      put(z4.fma(w3, z3.fma(w2, z2.fma(w1, z1.mul(w0)))), add, dX, o + D);
      put(z5.fma(w3, z4.fma(w2, z3.fma(w1, z2.mul(w0)))), add, dX, o + 2 * D);
      FloatVector z6 = load(dz, i + 6 * D);
      put(z6.fma(w3, z5.fma(w2, z4.fma(w1, z3.mul(w0)))), add, dX, o + 3 * D);
    }
    for (int c = bound; c < D; c++) {
      for (int r = 0; r < ROWS; r++) {
        int at = xo + r * D + c;
        float sum = scalarSum(D, dz, zo + r * D + c, w, weights + c, 0, true);
        dX[at] = add ? sum + dX[at] : sum;
      }
    }
  }

  /// `dW_j += x_s ⊙ dz_(s+3−j)` and `dBias += dz_s` over four rows `s`.
  ///
  /// @param dz seven rows from `zo` on, Read
  /// @param x four rows from `xo` on, Read
  /// @param sums `dW` as `[4, D]`, and `dBias` behind it, from `so` on, Accumulated
  static void weights(int D, float[] dz, int zo, float[] x, int xo, float[] sums, int so) {
    int bound = D - D % L;
    for (int c = 0; c < bound; c += L) {
      int i = zo + c;
      FloatVector z0 = load(dz, i);
      FloatVector z1 = load(dz, i + D);
      FloatVector z2 = load(dz, i + 2 * D);
      FloatVector z3 = load(dz, i + 3 * D);
      FloatVector z4 = load(dz, i + 4 * D);
      FloatVector z5 = load(dz, i + 5 * D);
      int o = xo + c;
      FloatVector x0 = load(x, o);
      FloatVector x1 = load(x, o + D);
      FloatVector x2 = load(x, o + 2 * D);
      FloatVector x3 = load(x, o + 3 * D);
      int to = so + c;
      x3.fma(load(dz, i + 6 * D), x2.fma(z5, x1.fma(z4, x0.fma(z3, load(sums, to)))))
          .intoArray(sums, to);
      to += D;
      x3.fma(z5, x2.fma(z4, x1.fma(z3, x0.fma(z2, load(sums, to))))).intoArray(sums, to);
      to += D;
      x3.fma(z4, x2.fma(z3, x1.fma(z2, x0.fma(z1, load(sums, to))))).intoArray(sums, to);
      to += D;
      x3.fma(z3, x2.fma(z2, x1.fma(z1, x0.fma(z0, load(sums, to))))).intoArray(sums, to);
      to += D;
      load(sums, to).add(z0.add(z1).add(z2.add(z3))).intoArray(sums, to);
    }
    for (int c = bound; c < D; c++) {
      for (int r = 0; r < ROWS; r++) {
        for (int j = 0; j < WIDTH; j++) {
          int to = so + j * D + c;
          float z = dz[zo + (r + WIDTH - 1 - j) * D + c];
          sums[to] = Math.fma(x[xo + r * D + c], z, sums[to]);
        }
        sums[so + WIDTH * D + c] += dz[zo + r * D + c];
      }
    }
  }

  private static FloatVector load(float[] a, int at) {
    return FloatVector.fromArray(S, a, at);
  }

  private static FloatVector start(float[] w, int bias, int c) {
    return bias < 0 ? FloatVector.zero(S) : load(w, bias + c);
  }

  private static void put(FloatVector sum, boolean add, float[] y, int at) {
    (add ? sum.add(load(y, at)) : sum).intoArray(y, at);
  }

  private static FloatVector sum(
      int D, float[] x, int at, float[] w, int weights, FloatVector start) {
    FloatVector s = load(x, at).fma(load(w, weights), start);
    s = load(x, at + D).fma(load(w, weights + D), s);
    s = load(x, at + 2 * D).fma(load(w, weights + 2 * D), s);
    return load(x, at + 3 * D).fma(load(w, weights + 3 * D), s);
  }

  private static float scalarSum(
      int D, float[] x, int at, float[] w, int weights, int bias, boolean none) {
    float s = none ? 0.0f : w[bias];
    for (int j = 0; j < WIDTH; j++) {
      s = Math.fma(x[at + j * D], w[weights + j * D], s);
    }
    return s;
  }
}
