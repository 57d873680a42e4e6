package dev.sluice.tasks.ops.shortconvolution;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Causal depthwise convolution, one element a work-item.
///
/// Rows are those of all sequences, one behind the other. Where `packed` is 1, sequence `n` has the
/// rows `bounds[n] … bounds[n+1]−1` and `sequence[r]` is that of row r; else each has T rows. Flags
/// are 0 or 1 and constants of the compiled kernel; where one is 0, its array is not touched.
public final class ShortConvolutionKernels {
  private ShortConvolutionKernels() {}

  /// `sequence[r]`: which sequence row r is of.
  ///
  /// @param bounds `[N + 1]`, Read, ascending from 0 to R
  /// @param sequence `[R]`, Overwritten
  public static void findSequences(IntArray bounds, IntArray sequence, int R, int N) {
    for (@Parallel int r = 0; r < R; r++) {
      int found = 0;
      for (int n = 1; n < N; n++) {
        if (bounds.get(n) <= r) {
          found = n;
        }
      }
      sequence.set(r, found);
    }
  }

  /// `y[r,d] = f(bias[d] + Σ_j w[d,j]·z)`, z the input W−1−j rows before, or the initial state's,
  /// or 0; f is silu where `silu` is 1
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[D, W]`, Read
  /// @param bias `[D]`, Read
  /// @param initial `[N, W−1, D]`, Read
  /// @param bounds `[N + 1]`, Read
  /// @param sequence `[R]`, Read
  /// @param y `[R, D]`, Overwritten
  public static void forward(
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray initial,
      IntArray bounds,
      IntArray sequence,
      FloatArray y,
      int useBias,
      int useInitial,
      int packed,
      int silu,
      int R,
      int T,
      int D,
      int W) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        int n = packed == 1 ? sequence.get(r) : r / T;
        int start = packed == 1 ? bounds.get(n) : n * T;
        float sum = useBias == 1 ? bias.get(d) : 0.0f;
        for (int j = 0; j < W; j++) {
          int s = r - (W - 1) + j;
          if (s >= start) {
            sum += w.get(d * W + j) * x.get(s * D + d);
          } else if (useInitial == 1) {
            sum += w.get(d * W + j) * initial.get((n * (W - 1) + W - 1 + s - start) * D + d);
          }
        }
        if (silu == 1) {
          sum = sum / (1.0f + TornadoMath.exp(-sum));
        }
        y.set(r * D + d, sum);
      }
    }
  }

  /// `final[n]`: the last W−1 inputs of sequence n, the initial state's where it is shorter.
  ///
  /// @param x `[R, D]`, Read
  /// @param initial `[N, W−1, D]`, Read
  /// @param bounds `[N + 1]`, Read
  /// @param finalState `[N, W−1, D]`, Overwritten
  public static void keepLast(
      FloatArray x,
      FloatArray initial,
      IntArray bounds,
      FloatArray finalState,
      int useInitial,
      int packed,
      int N,
      int T,
      int D,
      int W) {
    for (@Parallel int i = 0; i < N * (W - 1); i++) {
      for (@Parallel int d = 0; d < D; d++) {
        int n = i / (W - 1);
        int start = packed == 1 ? bounds.get(n) : n * T;
        int end = packed == 1 ? bounds.get(n + 1) : n * T + T;
        int s = end - (W - 1) + i % (W - 1);
        float value = 0.0f;
        if (s >= start) {
          value = x.get(s * D + d);
        } else if (useInitial == 1) {
          value = initial.get((n * (W - 1) + W - 1 + s - start) * D + d);
        }
        finalState.set(i * D + d, value);
      }
    }
  }

  /// `dPre = dY·silu'(pre)`, pre the sum of [#forward]
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[D, W]`, Read
  /// @param bias `[D]`, Read
  /// @param initial `[N, W−1, D]`, Read
  /// @param bounds `[N + 1]`, Read
  /// @param sequence `[R]`, Read
  /// @param dY `[R, D]`, Read
  /// @param dPre `[R, D]`, Overwritten
  public static void backwardActivation(
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray initial,
      IntArray bounds,
      IntArray sequence,
      FloatArray dY,
      FloatArray dPre,
      int useBias,
      int useInitial,
      int packed,
      int R,
      int T,
      int D,
      int W) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        int n = packed == 1 ? sequence.get(r) : r / T;
        int start = packed == 1 ? bounds.get(n) : n * T;
        float sum = useBias == 1 ? bias.get(d) : 0.0f;
        for (int j = 0; j < W; j++) {
          int s = r - (W - 1) + j;
          if (s >= start) {
            sum += w.get(d * W + j) * x.get(s * D + d);
          } else if (useInitial == 1) {
            sum += w.get(d * W + j) * initial.get((n * (W - 1) + W - 1 + s - start) * D + d);
          }
        }
        float sigmoid = 1.0f / (1.0f + TornadoMath.exp(-sum));
        float slope = sigmoid * (1.0f + sum * (1.0f - sigmoid));
        dPre.set(r * D + d, dY.get(r * D + d) * slope);
      }
    }
  }

  /// `dX[r,d] (+)= Σ_j w[d,j]·dPre[r + W−1−j, d] (+ dFinal)`
  ///
  /// @param w `[D, W]`, Read
  /// @param bounds `[N + 1]`, Read
  /// @param sequence `[R]`, Read
  /// @param dPre `[R, D]`, Read
  /// @param dFinal `[N, W−1, D]`, Read where `useFinal` is 1
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardInput(
      FloatArray w,
      IntArray bounds,
      IntArray sequence,
      FloatArray dPre,
      FloatArray dFinal,
      FloatArray dX,
      int useFinal,
      int packed,
      int accumulate,
      int R,
      int T,
      int D,
      int W) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        int n = packed == 1 ? sequence.get(r) : r / T;
        int end = packed == 1 ? bounds.get(n + 1) : n * T + T;
        float sum = accumulate == 1 ? dX.get(r * D + d) : 0.0f;
        for (int j = 0; j < W; j++) {
          int s = r + W - 1 - j;
          if (s < end) {
            sum += w.get(d * W + j) * dPre.get(s * D + d);
          }
        }
        if (useFinal == 1 && r >= end - (W - 1)) {
          sum += dFinal.get((n * (W - 1) + r - end + W - 1) * D + d);
        }
        dX.set(r * D + d, sum);
      }
    }
  }

  /// `dInitial[n,i,d] (+)= Σ_{j ≤ i} w[d,j]·dPre[start + i−j, d] (+ dFinal)`
  ///
  /// @param w `[D, W]`, Read
  /// @param bounds `[N + 1]`, Read
  /// @param dPre `[R, D]`, Read
  /// @param dFinal `[N, W−1, D]`, Read where `useFinal` is 1
  /// @param dInitial `[N, W−1, D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardInitial(
      FloatArray w,
      IntArray bounds,
      FloatArray dPre,
      FloatArray dFinal,
      FloatArray dInitial,
      int useFinal,
      int packed,
      int accumulate,
      int N,
      int T,
      int D,
      int W) {
    for (@Parallel int k = 0; k < N * (W - 1); k++) {
      for (@Parallel int d = 0; d < D; d++) {
        int n = k / (W - 1);
        int i = k % (W - 1);
        int start = packed == 1 ? bounds.get(n) : n * T;
        int end = packed == 1 ? bounds.get(n + 1) : n * T + T;
        float sum = accumulate == 1 ? dInitial.get(k * D + d) : 0.0f;
        for (int j = 0; j < W - 1; j++) {
          int s = start + i - j;
          if (j <= i && s < end) {
            sum += w.get(d * W + j) * dPre.get(s * D + d);
          }
        }
        int length = end - start;
        if (useFinal == 1 && i >= length) {
          sum += dFinal.get((n * (W - 1) + i - length) * D + d);
        }
        dInitial.set(k * D + d, sum);
      }
    }
  }

  /// Sums over blocks of rows, so that the order of addition is fixed: `partial[b,j,d] = Σ_{r in
  /// block b} dPre[r,d]·z`, z as in [#forward], or 1 for j = W (the bias)
  ///
  /// @param x `[R, D]`, Read
  /// @param initial `[N, W−1, D]`, Read
  /// @param bounds `[N + 1]`, Read
  /// @param sequence `[R]`, Read
  /// @param dPre `[R, D]`, Read
  /// @param partial `[blocks, W + 1, D]`, Overwritten
  public static void backwardWeightPartial(
      FloatArray x,
      FloatArray initial,
      IntArray bounds,
      IntArray sequence,
      FloatArray dPre,
      FloatArray partial,
      int useInitial,
      int packed,
      int blocks,
      int R,
      int T,
      int D,
      int W) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int c = 0; c < (W + 1) * D; c++) {
        int j = c / D;
        int d = c % D;
        int rows = (R + blocks - 1) / blocks;
        int last = Math.min(R, (b + 1) * rows);
        float sum = 0.0f;
        for (int r = b * rows; r < last; r++) {
          int n = packed == 1 ? sequence.get(r) : r / T;
          int start = packed == 1 ? bounds.get(n) : n * T;
          int s = r - (W - 1) + j;
          float z = 0.0f;
          if (j == W) {
            z = 1.0f;
          } else if (s >= start) {
            z = x.get(s * D + d);
          } else if (useInitial == 1) {
            z = initial.get((n * (W - 1) + W - 1 + s - start) * D + d);
          }
          sum += dPre.get(r * D + d) * z;
        }
        partial.set(b * (W + 1) * D + c, sum);
      }
    }
  }

  /// `dW[d,j] (+)= Σ_b partial[b,j,d]`
  ///
  /// @param partial `[blocks, W + 1, D]`, Read
  /// @param dW `[D, W]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardWeight(
      FloatArray partial, FloatArray dW, int accumulate, int blocks, int D, int W) {
    for (@Parallel int i = 0; i < D * W; i++) {
      int d = i / W;
      int j = i % W;
      float sum = accumulate == 1 ? dW.get(i) : 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial.get((b * (W + 1) + j) * D + d);
      }
      dW.set(i, sum);
    }
  }

  /// `dBias[d] (+)= Σ_b partial[b,W,d]`
  ///
  /// @param partial `[blocks, W + 1, D]`, Read
  /// @param dBias `[D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardBias(
      FloatArray partial, FloatArray dBias, int accumulate, int blocks, int D, int W) {
    for (@Parallel int d = 0; d < D; d++) {
      float sum = accumulate == 1 ? dBias.get(d) : 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial.get((b * (W + 1) + W) * D + d);
      }
      dBias.set(d, sum);
    }
  }
}
