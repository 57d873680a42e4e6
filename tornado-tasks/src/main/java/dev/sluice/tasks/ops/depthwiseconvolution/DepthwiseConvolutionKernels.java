package dev.sluice.tasks.ops.depthwiseconvolution;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Depthwise convolution over sequences, and the sums of weight gradients for images too.
public final class DepthwiseConvolutionKernels {
  private DepthwiseConvolutionKernels() {}

  /// `y[r,c] = bias[c] + Σ_j w[c,j] x[r − left + j, c]` within the row's sequence; before it lies
  /// `history`, behind it zero.
  ///
  /// @param x `[rows, C]`, Read
  /// @param w `[C, K]`, Read
  /// @param bias `[C]`, Read if `biased` is 1, else ignored
  /// @param history `[N, K−1, C]`, Read if `initial` is 1, else zero
  /// @param bounds `[rows, 3]`, Read; first row, row behind the last and number of the sequence
  /// @param y `[rows, C]`, Overwritten
  public static void forward(
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray history,
      IntArray bounds,
      FloatArray y,
      int biased,
      int initial,
      int left,
      int rows,
      int C,
      int K) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int c = 0; c < C; c++) {
        int begin = bounds.get(3 * r);
        int end = bounds.get(3 * r + 1);
        float sum = 0.0f;
        if (biased == 1) {
          sum = bias.get(c);
        }
        for (int j = 0; j < K; j++) {
          int from = r - left + j;
          if (from >= begin && from < end) {
            sum += w.get(c * K + j) * x.get(from * C + c);
          }
          if (from < begin && initial == 1) {
            int before = bounds.get(3 * r + 2) * (K - 1) + from - begin + K - 1;
            sum += w.get(c * K + j) * history.get(before * C + c);
          }
        }
        y.set(r * C + c, sum);
      }
    }
  }

  /// The last `K−1` inputs of each sequence, from its history where it is shorter.
  ///
  /// @param x `[rows, C]`, Read
  /// @param history `[N, K−1, C]`, Read if `initial` is 1, else zero
  /// @param offsets `[N+1]`, Read
  /// @param state `[N, K−1, C]`, Overwritten
  public static void lastInputs(
      FloatArray x,
      FloatArray history,
      IntArray offsets,
      FloatArray state,
      int initial,
      int N,
      int C,
      int K) {
    for (@Parallel int i = 0; i < N * (K - 1); i++) {
      for (@Parallel int c = 0; c < C; c++) {
        int n = i / (K - 1);
        int begin = offsets.get(n);
        int from = offsets.get(n + 1) - (K - 1) + i - n * (K - 1);
        float value = 0.0f;
        if (from >= begin) {
          value = x.get(from * C + c);
        }
        if (from < begin && initial == 1) {
          value = history.get((n * (K - 1) + from - begin + K - 1) * C + c);
        }
        state.set(i * C + c, value);
      }
    }
  }

  /// `dX[r,c] = Σ_j w[c,j] dY[r + left − j, c]`, and what comes from the last inputs.
  ///
  /// @param w `[C, K]`, Read
  /// @param bounds `[rows, 3]`, Read
  /// @param dY `[rows, C]`, Read if `reached` is 1, else zero
  /// @param dState `[N, K−1, C]`, Read if `stateReached` is 1, else zero
  /// @param dX `[rows, C]`, Overwritten
  public static void backwardInput(
      FloatArray w,
      IntArray bounds,
      FloatArray dY,
      FloatArray dState,
      FloatArray dX,
      int reached,
      int stateReached,
      int left,
      int rows,
      int C,
      int K) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int c = 0; c < C; c++) {
        int begin = bounds.get(3 * r);
        int end = bounds.get(3 * r + 1);
        float sum = 0.0f;
        for (int j = 0; j < K; j++) {
          int to = r + left - j;
          if (reached == 1 && to >= begin && to < end) {
            sum += w.get(c * K + j) * dY.get(to * C + c);
          }
        }
        int last = r - end + K - 1;
        if (stateReached == 1 && last >= 0) {
          sum += dState.get((bounds.get(3 * r + 2) * (K - 1) + last) * C + c);
        }
        dX.set(r * C + c, sum);
      }
    }
  }

  /// The gradient of the causal form's history: of what lies `K−1 … 1` rows before each sequence.
  ///
  /// @param w `[C, K]`, Read
  /// @param offsets `[N+1]`, Read
  /// @param dY `[rows, C]`, Read if `reached` is 1, else zero
  /// @param dState `[N, K−1, C]`, Read if `stateReached` is 1, else zero
  /// @param dHistory `[N, K−1, C]`, Overwritten
  public static void backwardHistory(
      FloatArray w,
      IntArray offsets,
      FloatArray dY,
      FloatArray dState,
      FloatArray dHistory,
      int reached,
      int stateReached,
      int N,
      int C,
      int K) {
    for (@Parallel int i = 0; i < N * (K - 1); i++) {
      for (@Parallel int c = 0; c < C; c++) {
        int n = i / (K - 1);
        int slot = i - n * (K - 1);
        int begin = offsets.get(n);
        int end = offsets.get(n + 1);
        float sum = 0.0f;
        for (int j = 0; j <= slot; j++) {
          int to = begin + slot - j;
          if (reached == 1 && to < end) {
            sum += w.get(c * K + j) * dY.get(to * C + c);
          }
        }
        int last = slot - (end - begin);
        if (stateReached == 1 && last >= 0) {
          sum += dState.get((n * (K - 1) + last) * C + c);
        }
        dHistory.set(i * C + c, sum);
      }
    }
  }

  /// Sums over blocks of rows: `partial[b,c,j] = Σ_r dY[r,c] x[r − left + j, c]`, and at `j = K`
  /// that of the bias, `Σ_r dY[r,c]`.
  ///
  /// @param x `[rows, C]`, Read
  /// @param history `[N, K−1, C]`, Read if `initial` is 1, else zero
  /// @param bounds `[rows, 3]`, Read
  /// @param dY `[rows, C]`, Read
  /// @param partial `[blocks, C, K+1]`, Overwritten
  public static void backwardWeightPartial(
      FloatArray x,
      FloatArray history,
      IntArray bounds,
      FloatArray dY,
      FloatArray partial,
      int initial,
      int left,
      int blocks,
      int rows,
      int C,
      int K) {
    for (@Parallel int block = 0; block < blocks; block++) {
      for (@Parallel int i = 0; i < C * (K + 1); i++) {
        int c = i / (K + 1);
        int j = i - c * (K + 1);
        int size = (rows + blocks - 1) / blocks;
        int last = Math.min(rows, block * size + size);
        float sum = 0.0f;
        for (int r = block * size; r < last; r++) {
          int begin = bounds.get(3 * r);
          int from = r - left + j;
          float gradient = dY.get(r * C + c);
          if (j == K) {
            sum += gradient;
          } else if (from < begin) {
            if (initial == 1) {
              int before = bounds.get(3 * r + 2) * (K - 1) + from - begin + K - 1;
              sum += gradient * history.get(before * C + c);
            }
          } else if (from < bounds.get(3 * r + 1)) {
            sum += gradient * x.get(from * C + c);
          }
        }
        partial.set(block * C * (K + 1) + i, sum);
      }
    }
  }

  /// `dW[c,j] = Σ_b partial[b,c,j]` and `dBias[c] = Σ_b partial[b,c,taps]`
  ///
  /// @param partial `[blocks, C, taps+1]`, Read
  /// @param dW `[C, taps]`, Overwritten
  /// @param dBias `[C]`, Overwritten
  public static void backwardWeight(
      FloatArray partial, FloatArray dW, FloatArray dBias, int blocks, int C, int taps) {
    for (@Parallel int i = 0; i < C * (taps + 1); i++) {
      int c = i / (taps + 1);
      int j = i - c * (taps + 1);
      float sum = 0.0f;
      for (int block = 0; block < blocks; block++) {
        sum += partial.get(block * C * (taps + 1) + i);
      }
      if (j == taps) {
        dBias.set(c, sum);
      } else {
        dW.set(c * taps + j, sum);
      }
    }
  }
}
