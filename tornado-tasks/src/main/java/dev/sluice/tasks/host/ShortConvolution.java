package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// Causal depthwise convolution along time: `z[b,t,d] = Σ_j w[d,j] · x[b, t−W+1+j, d]`, then `y =
/// z` or `y = silu(z)`, with `W` taps. Inputs before time 0 come from a state `[B, W−1, D]` (its
/// last row is time −1), or are 0.
///
/// Backward, with `dz = dy` or `dy · silu'(z)`: `dx[b,s,d] = Σ_j w[d,j] · dz[b, s+W−1−j, d]`, also
/// for the rows of the state, and `dw[d,j] += Σ_bt dz[b,t,d] · x[b, t−W+1+j, d]`. `z` is computed
/// again, not saved.
public final class ShortConvolution {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /// Time steps of a part, at least.
  private static final int STEPS = 64;

  private ShortConvolution() {}

  /// Sizes of a convolution.
  ///
  /// @param batch sequences
  /// @param time steps of a sequence
  /// @param channels channels of a step
  /// @param taps size of the kernel, 2 to 7 as a rule
  public record Size(int batch, int time, int channels, int taps) {
    private int block() {
      return Math.min(time, Blocks.partialRows(batch * time, STEPS));
    }

    private int blocks() {
      return Math.ceilDiv(time, block());
    }

    private int before() {
      return taps - 1;
    }

    private boolean empty() {
      return batch == 0 || time == 0 || channels == 0;
    }
  }

  /// Convolves.
  ///
  /// @param workers the pool
  /// @param size sizes
  /// @param silu whether to apply `silu`
  /// @param x `[B, T, D]`: Read
  /// @param xo first element of `x`
  /// @param w `[D, W]`: Read
  /// @param wo first weight
  /// @param state `[B, W−1, D]`, null for zeros: Read
  /// @param so first element of the state
  /// @param y `[B, T, D]`: Overwritten
  /// @param yo first element of `y`
  /// @param last the state after the last step, `[B, W−1, D]`, or null: Overwritten; not the array
  ///   part of `state`
  /// @param lo first element of `last`
  public static void forward(
      Workers workers,
      Size size,
      boolean silu,
      float[] x,
      int xo,
      float[] w,
      int wo,
      float @Nullable [] state,
      int so,
      float[] y,
      int yo,
      float @Nullable [] last,
      int lo) {
    if (size.empty()) {
      return;
    }
    int d = size.channels;
    int taps = size.taps;
    int block = size.block();
    int blocks = size.blocks();
    float[] weights = Blocks.partials(taps * d);
    turn(d, taps, false, w, wo, weights, 0);
    workers.run(
        size.batch * blocks,
        part -> {
          int b = part / blocks;
          int from = part % blocks * block;
          int to = Math.min(size.time, from + block);
          int row = b * size.time;
          int edge = Math.clamp(size.before(), from, to);
          if (from < edge) {
            float[] window = Blocks.local((edge - from + size.before()) * d);
            window(size, b, from, edge, x, xo, state, so, window, 0);
            rows(edge - from, d, taps, silu, window, 0, weights, 0, y, yo + (row + from) * d);
          }
          int first = xo + (row + edge - size.before()) * d;
          rows(to - edge, d, taps, silu, x, first, weights, 0, y, yo + (row + edge) * d);
        });
    if (last != null) {
      for (int b = 0; b < size.batch; b++) {
        int at = lo + b * size.before() * d;
        window(size, b, size.time, size.time, x, xo, state, so, last, at);
      }
    }
  }

  /// The gradients of [#forward], without that of the state after the last step.
  ///
  /// @param workers the pool
  /// @param size sizes
  /// @param silu whether `silu` was applied
  /// @param dy `[B, T, D]`: Read
  /// @param dyo first element of `dy`
  /// @param x `[B, T, D]`: Read
  /// @param xo first element of `x`
  /// @param w `[D, W]`: Read
  /// @param wo first weight
  /// @param state `[B, W−1, D]`, null for zeros: Read
  /// @param so first element of the state
  /// @param dx `[B, T, D]`, not the array part of `dy`: Overwritten
  /// @param dxo first element of `dx`
  /// @param dw `[D, W]`: Accumulated
  /// @param dwo first element of `dw`
  /// @param dState `[B, W−1, D]`, or null: Overwritten
  /// @param dso first element of `dState`
  public static void backward(
      Workers workers,
      Size size,
      boolean silu,
      float[] dy,
      int dyo,
      float[] x,
      int xo,
      float[] w,
      int wo,
      float @Nullable [] state,
      int so,
      float[] dx,
      int dxo,
      float[] dw,
      int dwo,
      float @Nullable [] dState,
      int dso) {
    if (size.empty()) {
      return;
    }
    int d = size.channels;
    int taps = size.taps;
    int before = size.before();
    int block = size.block();
    int blocks = size.blocks();
    int parts = size.batch * blocks;
    int width = taps * d;
    int forwards = parts * width;
    int backwards = forwards + width;
    int sums = backwards + width;
    float[] shared = Blocks.partials(sums + width);
    turn(d, taps, false, w, wo, shared, forwards);
    turn(d, taps, true, w, wo, shared, backwards);
    workers.run(
        parts,
        part -> {
          int b = part / blocks;
          int from = part % blocks * block;
          int to = Math.min(size.time, from + block);
          int end = Math.min(size.time, to + before);
          int row = b * size.time + from;
          int dz = (end - from + before) * d;
          float[] local = Blocks.local(dz + (to - from + 2 * before) * d);
          window(size, b, from, end, x, xo, state, so, local, 0);
          int first = dz + before * d;
          int after = first + (end - from) * d;
          Arrays.fill(local, dz, first, 0f);
          Arrays.fill(local, after, dz + (to - from + 2 * before) * d, 0f);
          if (silu) {
            rows(end - from, d, taps, false, local, 0, shared, forwards, local, first);
            throughSilu((end - from) * d, dy, dyo + row * d, local, first);
          } else {
            System.arraycopy(dy, dyo + row * d, local, first, (end - from) * d);
          }
          rows(to - from, d, taps, false, local, first, shared, backwards, dx, dxo + row * d);
          if (from == 0 && dState != null) {
            rows(
                before, d, taps, false, local, dz, shared, backwards, dState, dso + b * before * d);
          }
          weightSums(to - from, d, taps, local, first, shared, part * width);
        });
    Blocks.addPartials(workers, parts, width, shared, shared, sums);
    for (int c = 0; c < d; c++) {
      for (int j = 0; j < taps; j++) {
        dw[dwo + c * taps + j] += shared[sums + j * d + c];
      }
    }
  }

  /// The weights as `[W, D]`, taps in time order or reversed.
  private static void turn(
      int d, int taps, boolean reversed, float[] w, int wo, float[] to, int at) {
    for (int j = 0; j < taps; j++) {
      int tap = reversed ? taps - 1 - j : j;
      for (int c = 0; c < d; c++) {
        to[at + j * d + c] = w[wo + c * taps + tap];
      }
    }
  }

  /// The inputs of the times `from − (W−1) … to − 1`, those before 0 from the state.
  private static void window(
      Size size,
      int b,
      int from,
      int to,
      float[] x,
      int xo,
      float @Nullable [] state,
      int so,
      float[] out,
      int oo) {
    int d = size.channels;
    int before = size.before();
    int fromState = Math.clamp(before - from, 0, Math.min(before, to - from + before));
    if (state != null && fromState > 0) {
      System.arraycopy(state, so + (b * before + from) * d, out, oo, fromState * d);
    } else {
      Arrays.fill(out, oo, oo + fromState * d, 0f);
    }
    int first = from - before + fromState;
    int at = xo + (b * size.time + first) * d;
    System.arraycopy(x, at, out, oo + fromState * d, (to - first) * d);
  }

  /// `y_t = Σ_j weights_j · x_(t+j)` for `n` rows of `d`, then `silu` if wanted.
  private static void rows(
      int n,
      int d,
      int taps,
      boolean silu,
      float[] x,
      int xo,
      float[] w,
      int wo,
      float[] y,
      int yo) {
    for (int t = 0; t < n; t++) {
      int to = yo + t * d;
      if (taps == 4) {
        rowOfFour(d, x, xo + t * d, w, wo, y, to);
      } else {
        row(d, taps, x, xo + t * d, w, wo, y, to);
      }
      if (silu) {
        siluRow(d, y, to);
      }
    }
  }

  private static void row(
      int d, int taps, float[] x, int xo, float[] w, int wo, float[] y, int yo) {
    int c = 0;
    for (; c + L <= d; c += L) {
      FloatVector sum = FloatVector.zero(S);
      for (int j = 0; j < taps; j++) {
        FloatVector u = FloatVector.fromArray(S, x, xo + j * d + c);
        sum = u.fma(FloatVector.fromArray(S, w, wo + j * d + c), sum);
      }
      sum.intoArray(y, yo + c);
    }
    for (; c < d; c++) {
      float sum = 0f;
      for (int j = 0; j < taps; j++) {
        sum = Math.fma(x[xo + j * d + c], w[wo + j * d + c], sum);
      }
      y[yo + c] = sum;
    }
  }

  /// [#row] with the usual four taps written out.
  private static void rowOfFour(int d, float[] x, int xo, float[] w, int wo, float[] y, int yo) {
    int x1 = xo + d;
    int x2 = x1 + d;
    int x3 = x2 + d;
    int w1 = wo + d;
    int w2 = w1 + d;
    int w3 = w2 + d;
    int c = 0;
    for (; c + L <= d; c += L) {
      FloatVector a = FloatVector.fromArray(S, x, xo + c);
      FloatVector b = FloatVector.fromArray(S, x, x1 + c);
      FloatVector e = FloatVector.fromArray(S, x, x2 + c);
      FloatVector f = FloatVector.fromArray(S, x, x3 + c);
      FloatVector sum = a.mul(FloatVector.fromArray(S, w, wo + c));
      sum = b.fma(FloatVector.fromArray(S, w, w1 + c), sum);
      sum = e.fma(FloatVector.fromArray(S, w, w2 + c), sum);
      f.fma(FloatVector.fromArray(S, w, w3 + c), sum).intoArray(y, yo + c);
    }
    for (; c < d; c++) {
      float sum = x[xo + c] * w[wo + c];
      sum = Math.fma(x[x1 + c], w[w1 + c], sum);
      sum = Math.fma(x[x2 + c], w[w2 + c], sum);
      y[yo + c] = Math.fma(x[x3 + c], w[w3 + c], sum);
    }
  }

  private static void siluRow(int d, float[] y, int yo) {
    int c = 0;
    for (; c + L <= d; c += L) {
      VectorMath.silu(FloatVector.fromArray(S, y, yo + c)).intoArray(y, yo + c);
    }
    for (; c < d; c++) {
      y[yo + c] = ScalarMath.silu(y[yo + c]);
    }
  }

  /// `z = dy · silu'(z)`.
  private static void throughSilu(int n, float[] dy, int dyo, float[] z, int zo) {
    int i = 0;
    for (; i + L <= n; i += L) {
      FloatVector g = FloatVector.fromArray(S, dy, dyo + i);
      g.mul(VectorMath.siluGradient(FloatVector.fromArray(S, z, zo + i))).intoArray(z, zo + i);
    }
    for (; i < n; i++) {
      z[zo + i] = dy[dyo + i] * ScalarMath.siluGradient(z[zo + i]);
    }
  }

  /// `sums_jc = Σ_t dz_tc · x_(t+j)c` over `n` rows of `d`.
  private static void weightSums(int n, int d, int taps, float[] x, int dz, float[] sums, int so) {
    int c = 0;
    for (; c + L <= d; c += L) {
      if (taps == 4) {
        fourSums(n, d, x, c, dz + c, sums, so + c);
      } else {
        for (int j = 0; j < taps; j++) {
          oneSum(n, d, x, j * d + c, dz + c, sums, so + j * d + c);
        }
      }
    }
    for (; c < d; c++) {
      for (int j = 0; j < taps; j++) {
        float sum = 0f;
        for (int t = 0; t < n; t++) {
          sum = Math.fma(x[dz + t * d + c], x[(t + j) * d + c], sum);
        }
        sums[so + j * d + c] = sum;
      }
    }
  }

  private static void oneSum(int n, int d, float[] x, int xo, int dz, float[] sums, int so) {
    FloatVector sum = FloatVector.zero(S);
    for (int t = 0; t < n; t++) {
      FloatVector g = FloatVector.fromArray(S, x, dz + t * d);
      sum = g.fma(FloatVector.fromArray(S, x, xo + t * d), sum);
    }
    sum.intoArray(sums, so);
  }

  /// Four taps at once: the last three inputs stay in registers.
  private static void fourSums(int n, int d, float[] x, int xo, int dz, float[] sums, int so) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector u0 = FloatVector.fromArray(S, x, xo);
    FloatVector u1 = FloatVector.fromArray(S, x, xo + d);
    FloatVector u2 = FloatVector.fromArray(S, x, xo + 2 * d);
    int at = dz;
    int next = xo + 3 * d;
    for (int t = 0; t < n; t++) {
      FloatVector g = FloatVector.fromArray(S, x, at);
      FloatVector u3 = FloatVector.fromArray(S, x, next);
      s0 = g.fma(u0, s0);
      s1 = g.fma(u1, s1);
      s2 = g.fma(u2, s2);
      s3 = g.fma(u3, s3);
      u0 = u1;
      u1 = u2;
      u2 = u3;
      at += d;
      next += d;
    }
    s0.intoArray(sums, so);
    s1.intoArray(sums, so + d);
    s2.intoArray(sums, so + 2 * d);
    s3.intoArray(sums, so + 3 * d);
  }
}
