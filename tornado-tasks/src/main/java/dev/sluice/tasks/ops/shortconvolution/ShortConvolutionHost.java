package dev.sluice.tasks.ops.shortconvolution;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.ScalarMath;
import dev.sluice.tasks.host.VectorMath;
import java.util.Arrays;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// The short convolution's forward pass with the Vector API, and the rows that both passes share:
/// `z[r] = bias + Σ_j w_j ⊙ x[r − (W−1) + j]`.
///
/// Rows are those of all sequences, in parts of a fixed number. A row reads its window where it
/// lies in `x`; the first W−1 of a sequence have theirs put together with the initial state. Kept
/// from execution to execution, so that a run allocates nothing.
final class ShortConvolutionHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /// Rows of a part: with a window, they stay in the second-level cache.
  private static final int ROWS = 64;

  final ShortConvolutionTensors.Dimensions dims;
  final int D;
  final int W;
  final float[] x;

  /// Weights as `[W, D]`, those reversed in time, and the bias.
  final float[] turned;

  private final float[] w;
  private final float @Nullable [] bias;
  private final float @Nullable [] initial;
  private final int @Nullable [] bounds;
  private final IntConsumer forwardPart = this::forwardPart;
  private final IntConsumer fourPart = this::fourPart;
  private float[] y = {};

  /// @param x `[R, D]`, Read
  /// @param w `[D, W]`, Read
  /// @param bias `[D]`, Read, or null
  /// @param initial `[N, W−1, D]`, Read, or null for zeros
  /// @param bounds `[N + 1]`, Read, or null where all sequences have the same length
  ShortConvolutionHost(
      ShortConvolutionTensors.Dimensions dims,
      float[] x,
      float[] w,
      float @Nullable [] bias,
      float @Nullable [] initial,
      int @Nullable [] bounds) {
    this.dims = dims;
    D = dims.columns();
    W = dims.width();
    this.x = x;
    this.w = w;
    this.bias = bias;
    this.initial = initial;
    this.bounds = bounds;
    turned = new float[(2 * W + 1) * D];
  }

  /// The convolution, and silu where it is wanted.
  ///
  /// @param into `[R, D]`, Overwritten
  void forward(Workers workers, float[] into) {
    y = into;
    turn();
    workers.run(Math.ceilDiv(dims.rows(), ROWS), forwardPart);
    if (four()) {
      workers.run(Math.ceilDiv(dims.rows(), ROWS), fourPart);
    }
  }

  /// The last W−1 inputs of each sequence, the initial state's where it is shorter.
  ///
  /// @param finalState `[N, W−1, D]`, Overwritten
  void keepLast(float[] finalState) {
    for (int n = 0; n < dims.sequences(); n++) {
      for (int i = 0; i < W - 1; i++) {
        copyInput(n, end(n) - (W - 1) + i, finalState, (n * (W - 1) + i) * D);
      }
    }
  }

  /// Takes the weights as they are now.
  void turn() {
    for (int j = 0; j < W; j++) {
      for (int c = 0; c < D; c++) {
        turned[j * D + c] = w[c * W + j];
        turned[(W + j) * D + c] = w[c * W + W - 1 - j];
      }
    }
    if (bias != null) {
      System.arraycopy(bias, 0, turned, 2 * W * D, D);
    }
  }

  int start(int n) {
    return bounds == null ? n * dims.time() : bounds[n];
  }

  int end(int n) {
    return bounds == null ? (n + 1) * dims.time() : bounds[n + 1];
  }

  /// The sequence that row `r` is of; of packed ones an empty one has no row.
  int sequence(int r) {
    if (bounds == null) {
      return r / dims.time();
    }
    int n = 0;
    while (bounds[n + 1] <= r) {
      n++;
    }
    return n;
  }

  /// The input at row `r` of sequence `n`, which may be before its first.
  void copyInput(int n, int r, float[] to, int at) {
    int before = start(n) - r;
    if (before <= 0) {
      System.arraycopy(x, r * D, to, at, D);
    } else if (initial == null) {
      Arrays.fill(to, at, at + D, 0.0f);
    } else {
      System.arraycopy(initial, (n * (W - 1) + W - 1 - before) * D, to, at, D);
    }
  }

  /// Rows that [ShortConvolutionFour] does not take.
  private void forwardPart(int part) {
    int last = Math.min(dims.rows(), (part + 1) * ROWS);
    for (int r = part * ROWS; r < last; ) {
      int n = sequence(r);
      int stop = Math.min(last, end(n));
      rows(n, r, four() ? Math.min(stop, start(n) + W - 1) : stop);
      r = stop;
    }
  }

  /// The other rows, in a method of their own: beside more code the compiler would make objects of
  /// vectors.
  private void fourPart(int part) {
    int last = Math.min(dims.rows(), (part + 1) * ROWS);
    for (int r = part * ROWS; r < last; ) {
      int n = sequence(r);
      int stop = Math.min(last, end(n));
      r = Math.max(r, start(n) + W - 1);
      ShortConvolutionFour.silu(stop - r, D, x, (r - (W - 1)) * D, turned, 0, biasAt(), y, r * D);
      r = stop;
    }
  }

  private boolean four() {
    return W == ShortConvolutionFour.WIDTH && dims.silu();
  }

  /// Rows `from … to−1` of sequence `n`, if any.
  private void rows(int n, int from, int to) {
    if (from >= to) {
      return;
    }
    float[] edge = ShortConvolutionScratch.edge(W * D);
    for (int r = from; r < to; r++) {
      convolve(n, r, start(n), edge, y, r * D);
      if (dims.silu()) {
        silu(y, r * D);
      }
    }
  }

  /// Where the bias begins in [#turned]; negative where there is none.
  int biasAt() {
    return bias == null ? -1 : 2 * W * D;
  }

  /// `z[r]`, at `to[at …]`.
  ///
  /// @param start first row of sequence `n`, which row `r` is of
  /// @param edge room for a window
  void convolve(int n, int r, int start, float[] edge, float[] to, int at) {
    int first = r - (W - 1);
    if (first >= start) {
      sums(x, first * D, 0, bias != null, to, at);
    } else {
      for (int j = 0; j < W; j++) {
        copyInput(n, first + j, edge, j * D);
      }
      sums(edge, 0, 0, bias != null, to, at);
    }
  }

  /// `to = (bias) + Σ_j weights_j ⊙ from_j`, the weights those at `weights` in [#turned].
  void sums(float[] from, int first, int weights, boolean biased, float[] to, int at) {
    int offset = 2 * W * D;
    int c = 0;
    for (; c + L <= D; c += L) {
      FloatVector sum = biased ? FloatVector.fromArray(S, turned, offset + c) : FloatVector.zero(S);
      for (int j = 0; j < W; j++) {
        FloatVector u = FloatVector.fromArray(S, from, first + j * D + c);
        sum = u.fma(FloatVector.fromArray(S, turned, weights + j * D + c), sum);
      }
      sum.intoArray(to, at + c);
    }
    for (; c < D; c++) {
      float sum = biased ? turned[offset + c] : 0.0f;
      for (int j = 0; j < W; j++) {
        sum = Math.fma(from[first + j * D + c], turned[weights + j * D + c], sum);
      }
      to[at + c] = sum;
    }
  }

  private void silu(float[] a, int at) {
    int c = 0;
    for (; c + L <= D; c += L) {
      VectorMath.silu(FloatVector.fromArray(S, a, at + c)).intoArray(a, at + c);
    }
    for (; c < D; c++) {
      a[at + c] = ScalarMath.silu(a[at + c]);
    }
  }
}
