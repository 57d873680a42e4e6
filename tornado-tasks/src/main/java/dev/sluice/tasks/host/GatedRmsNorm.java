package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Root-mean-square normalisation of rows with a gate: `y = x̂ · w · silu(g)`, `x̂ = x · r`, `r =
/// 1/√(mean(x²) + ε)`.
///
/// With `dn = dy · silu(g)`: `dx = r · (dn·w − x̂ · mean(dn·w·x̂))`, `dw += Σ_rows dn·x̂`, `dg = dy
/// · x̂ · w · silu'(g)`.
public final class GatedRmsNorm {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /// Rows whose weight gradients are summed before they meet others'.
  private static final int PARTIAL_ROWS = 64;

  private GatedRmsNorm() {}

  /// Normalises `rows` rows of `d` elements.
  ///
  /// @param workers the pool
  /// @param rows number of rows
  /// @param d length of a row
  /// @param epsilon added to the mean square
  /// @param x `[rows, d]`: Read
  /// @param xo first element of `x`
  /// @param w weights `[d]`: Read
  /// @param wo first weight
  /// @param g gates `[rows, d]`: Read
  /// @param go first gate
  /// @param y `[rows, d]`: Overwritten
  /// @param yo first element of `y`
  /// @param inverse `r` of each row, `[rows]`, saved for the gradient: Overwritten
  /// @param ro first of them
  public static void forward(
      Workers workers,
      int rows,
      int d,
      float epsilon,
      float[] x,
      int xo,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] y,
      int yo,
      float[] inverse,
      int ro) {
    Blocks.run(
        workers,
        rows,
        Blocks.rows(d),
        (first, last) -> {
          float touched = 0;
          for (int i = first; i < last; i++) {
            int at = i * d;
            int next = xo + Math.min(i + 1, last - 1) * d;
            float mean = RmsNorm.squares(d, x, xo + at) / d;
            float r = (float) (1 / Math.sqrt((double) mean + epsilon));
            touched += scaleRow(d, r, x, xo + at, w, wo, g, go + at, y, yo + at, next);
            inverse[ro + i] = r;
          }
          Prefetch.keep(touched);
        });
  }

  /// `y = x · r · w · silu(g)` for one row, with a look at the row of `x` that begins at `next`.
  ///
  /// @return the sum of what was looked at, to be kept
  private static float scaleRow(
      int d,
      float r,
      float[] x,
      int xo,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] y,
      int yo,
      int next) {
    float touched = 0;
    int j = 0;
    for (; j + L <= d; j += L) {
      touched += x[next + j];
      FloatVector n =
          FloatVector.fromArray(S, x, xo + j).mul(r).mul(FloatVector.fromArray(S, w, wo + j));
      n.mul(VectorMath.silu(FloatVector.fromArray(S, g, go + j))).intoArray(y, yo + j);
    }
    for (; j < d; j++) {
      y[yo + j] = x[xo + j] * r * w[wo + j] * ScalarMath.silu(g[go + j]);
    }
    return touched;
  }

  /// The gradients of [#forward].
  ///
  /// @param workers the pool
  /// @param rows number of rows
  /// @param d length of a row
  /// @param dy `[rows, d]`: Read
  /// @param dyo first element of `dy`
  /// @param x `[rows, d]`: Read
  /// @param xo first element of `x`
  /// @param w weights `[d]`: Read
  /// @param wo first weight
  /// @param g gates `[rows, d]`: Read
  /// @param go first gate
  /// @param inverse `[rows]`, from the forward pass: Read
  /// @param ro first of them
  /// @param dx `[rows, d]`, may be `dy` itself: Overwritten
  /// @param dxo first element of `dx`
  /// @param dw `[d]`: Accumulated
  /// @param dwo first element of `dw`
  /// @param dg `[rows, d]`: Overwritten
  /// @param dgo first element of `dg`
  public static void backward(
      Workers workers,
      int rows,
      int d,
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] inverse,
      int ro,
      float[] dx,
      int dxo,
      float[] dw,
      int dwo,
      float[] dg,
      int dgo) {
    int size = Blocks.partialRows(rows, PARTIAL_ROWS);
    int blocks = Math.ceilDiv(rows, size);
    if (blocks == 0) {
      return;
    }
    float[] partials = Blocks.partials(blocks * d);
    Blocks.run(
        workers,
        rows,
        size,
        (first, last) -> {
          int sums = first / size * d;
          float touched = 0;
          for (int i = first; i < last; i++) {
            int at = i * d;
            float r = inverse[ro + i];
            float[] dn = Blocks.local(d);
            gateRow(d, r, dy, dyo + at, x, xo + at, w, wo, g, go + at, dn, dg, dgo + at);
            touched +=
                RmsNorm.backwardRow(
                    d, r, dn, 0, x, xo + at, w, wo, dx, dxo + at, partials, sums, 0);
          }
          Prefetch.keep(touched);
        });
    Blocks.addPartials(workers, blocks, d, partials, dw, dwo);
  }

  /// `dn = dy · silu(g)` into `dn`, and `dg`.
  private static void gateRow(
      int d,
      float r,
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] dn,
      float[] dg,
      int dgo) {
    int j = 0;
    for (; j + L <= d; j += L) {
      FloatVector u = FloatVector.fromArray(S, g, go + j);
      FloatVector s = VectorMath.sigmoid(u);
      FloatVector t = u.mul(s);
      FloatVector e = FloatVector.fromArray(S, dy, dyo + j);
      e.mul(t).intoArray(dn, j);
      FloatVector n =
          FloatVector.fromArray(S, x, xo + j).mul(r).mul(FloatVector.fromArray(S, w, wo + j));
      e.mul(n).mul(s.add(t).sub(s.mul(t))).intoArray(dg, dgo + j);
    }
    for (; j < d; j++) {
      float s = ScalarMath.sigmoid(g[go + j]);
      float t = g[go + j] * s;
      dn[j] = dy[dyo + j] * t;
      dg[dgo + j] = dy[dyo + j] * (x[xo + j] * r * w[wo + j]) * (s + t - s * t);
    }
  }
}
