package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Root-mean-square normalisation of rows: `y = x̂ · w` with `x̂ = x · r` and `r = 1/√(mean(x²) +
/// ε)`.
///
/// Backward: `dx = r · (dy·w − x̂ · mean(dy·w·x̂))` and `dw += Σ_rows dy·x̂`. Zhang and Sennrich,
/// *Root Mean Square Layer Normalization*, 2019.
public final class RmsNorm {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /// Rows whose weight gradients are summed before they meet others'.
  private static final int PARTIAL_ROWS = 64;

  private RmsNorm() {}

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
            float mean = squares(d, x, xo + at) / d;
            float r = (float) (1 / Math.sqrt((double) mean + epsilon));
            touched += scaleRow(d, r, x, xo + at, w, wo, y, yo + at, next);
            inverse[ro + i] = r;
          }
          Prefetch.keep(touched);
        });
  }

  /// `y = x · r · w` for one row. So that memory has something to do meanwhile, an element of each
  /// line of the row that begins at `next` is read as well.
  ///
  /// @return the sum of these elements, to be kept
  private static float scaleRow(
      int d, float r, float[] x, int xo, float[] w, int wo, float[] y, int yo, int next) {
    float touched = 0;
    int bound = d - d % L;
    int j = 0;
    for (; j < bound; j += L) {
      touched += x[next + j];
      FloatVector n =
          FloatVector.fromArray(S, x, xo + j).mul(r).mul(FloatVector.fromArray(S, w, wo + j));
      n.intoArray(y, yo + j);
    }
    for (; j < d; j++) {
      y[yo + j] = x[xo + j] * r * w[wo + j];
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
  /// @param inverse `[rows]`, from the forward pass: Read
  /// @param ro first of them
  /// @param dx `[rows, d]`, may be `dy` itself: Overwritten
  /// @param dxo first element of `dx`
  /// @param dw `[d]`: Accumulated
  /// @param dwo first element of `dw`
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
      float[] inverse,
      int ro,
      float[] dx,
      int dxo,
      float[] dw,
      int dwo) {
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
            int ahead = Math.min(i + 1, last - 1) * d - at;
            float r = inverse[ro + i];
            touched +=
                backwardRow(
                    d, r, dy, dyo + at, x, xo + at, w, wo, dx, dxo + at, partials, sums, ahead);
          }
          Prefetch.keep(touched);
        });
    Blocks.addPartials(workers, blocks, d, partials, dw, dwo);
  }

  /// One row of [#backward]; its share of the weight gradient is added to `sums`. As in
  /// [#scaleRow], elements of `dy` and `x` that lie `ahead` are read as well.
  ///
  /// @return the sum of these, to be kept
  static float backwardRow(
      int d,
      float r,
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      float[] w,
      int wo,
      float[] dx,
      int dxo,
      float[] sums,
      int so,
      int ahead) {
    float c = r * r * r / d * dotOfThree(d, dy, dyo, w, wo, x, xo);
    int bound = d - d % L;
    int j = 0;
    FloatVector minus = FloatVector.broadcast(S, -c);
    float even = 0;
    float odd = 0;
    for (; j < bound; j += L) {
      even += dy[dyo + ahead + j];
      odd += x[xo + ahead + j];
      FloatVector e = FloatVector.fromArray(S, dy, dyo + j).mul(r);
      FloatVector u = FloatVector.fromArray(S, x, xo + j);
      u.fma(minus, e.mul(FloatVector.fromArray(S, w, wo + j))).intoArray(dx, dxo + j);
      e.fma(u, FloatVector.fromArray(S, sums, so + j)).intoArray(sums, so + j);
    }
    for (; j < d; j++) {
      float e = dy[dyo + j] * r;
      float u = x[xo + j];
      dx[dxo + j] = Math.fma(u, -c, e * w[wo + j]);
      sums[so + j] = Math.fma(e, u, sums[so + j]);
    }
    return even + odd;
  }

  /// `Σ a²`, in four interleaved sums that then are added in a fixed order.
  static float squares(int n, float[] a, int ao) {
    int step = Lanes.step();
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int four = n - n % (4 * L);
    int bound = n - n % L;
    int j = 0;
    for (; j < four; j += 4 * step) {
      FloatVector p = FloatVector.fromArray(S, a, ao + j);
      FloatVector q = FloatVector.fromArray(S, a, ao + L + j);
      FloatVector r = FloatVector.fromArray(S, a, ao + 2 * L + j);
      FloatVector t = FloatVector.fromArray(S, a, ao + 3 * L + j);
      s0 = p.fma(p, s0);
      s1 = q.fma(q, s1);
      s2 = r.fma(r, s2);
      s3 = t.fma(t, s3);
    }
    for (; j < bound; j += step) {
      FloatVector p = FloatVector.fromArray(S, a, ao + j);
      s0 = p.fma(p, s0);
    }
    float sum = VectorMath.sum(s0.add(s1).add(s2.add(s3)));
    for (; j < n; j++) {
      sum = Math.fma(a[ao + j], a[ao + j], sum);
    }
    return sum;
  }

  /// `Σ a·b·c`, in two interleaved sums.
  private static float dotOfThree(int n, float[] a, int ao, float[] b, int bo, float[] c, int co) {
    int step = Lanes.step();
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    int two = n - n % (2 * L);
    int bound = n - n % L;
    int j = 0;
    for (; j < two; j += 2 * step) {
      s0 =
          FloatVector.fromArray(S, a, ao + j)
              .mul(FloatVector.fromArray(S, b, bo + j))
              .fma(FloatVector.fromArray(S, c, co + j), s0);
      s1 =
          FloatVector.fromArray(S, a, ao + L + j)
              .mul(FloatVector.fromArray(S, b, bo + L + j))
              .fma(FloatVector.fromArray(S, c, co + L + j), s1);
    }
    for (; j < bound; j += step) {
      s0 =
          FloatVector.fromArray(S, a, ao + j)
              .mul(FloatVector.fromArray(S, b, bo + j))
              .fma(FloatVector.fromArray(S, c, co + j), s0);
    }
    float sum = VectorMath.sum(s0.add(s1));
    for (; j < n; j++) {
      sum = Math.fma(a[ao + j] * b[bo + j], c[co + j], sum);
    }
    return sum;
  }
}
