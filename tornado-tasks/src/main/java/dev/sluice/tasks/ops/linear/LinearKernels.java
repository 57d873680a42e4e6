package dev.sluice.tasks.ops.linear;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Affine maps, one result a work-item.
public final class LinearKernels {
  private LinearKernels() {}

  /// `y[r,o] = Σ_i x[r,i]·w[o,i] (+ bias[o])`
  ///
  /// @param x `[R, I]`, Read
  /// @param w `[O, I]`, Read
  /// @param bias `[O]`, Read where `useBias` is 1
  /// @param y `[R, O]`, Overwritten
  public static void forward(
      FloatArray x, FloatArray w, FloatArray bias, FloatArray y, int useBias, int R, int I, int O) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int o = 0; o < O; o++) {
        float sum = 0.0f;
        for (int i = 0; i < I; i++) {
          sum += x.get(r * I + i) * w.get(o * I + i);
        }
        if (useBias == 1) {
          sum += bias.get(o);
        }
        y.set(r * O + o, sum);
      }
    }
  }

  /// `y[r,o] += bias[o]`
  ///
  /// @param bias `[O]`, Read
  /// @param y `[R, O]`, Accumulated
  public static void addBias(FloatArray bias, FloatArray y, int R, int O) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int o = 0; o < O; o++) {
        y.set(r * O + o, y.get(r * O + o) + bias.get(o));
      }
    }
  }

  /// `dX[r,i] (+)= Σ_o dY[r,o]·w[o,i]`
  ///
  /// @param w `[O, I]`, Read
  /// @param dY `[R, O]`, Read
  /// @param dX `[R, I]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardInput(
      FloatArray w, FloatArray dY, FloatArray dX, int accumulate, int R, int I, int O) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int i = 0; i < I; i++) {
        float sum = 0.0f;
        for (int o = 0; o < O; o++) {
          sum += dY.get(r * O + o) * w.get(o * I + i);
        }
        if (accumulate == 1) {
          sum += dX.get(r * I + i);
        }
        dX.set(r * I + i, sum);
      }
    }
  }

  /// `dW[o,i] (+)= Σ_r dY[r,o]·x[r,i]`
  ///
  /// @param x `[R, I]`, Read
  /// @param dY `[R, O]`, Read
  /// @param dW `[O, I]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardWeight(
      FloatArray x, FloatArray dY, FloatArray dW, int accumulate, int R, int I, int O) {
    for (@Parallel int o = 0; o < O; o++) {
      for (@Parallel int i = 0; i < I; i++) {
        float sum = 0.0f;
        for (int r = 0; r < R; r++) {
          sum += dY.get(r * O + o) * x.get(r * I + i);
        }
        if (accumulate == 1) {
          sum += dW.get(o * I + i);
        }
        dW.set(o * I + i, sum);
      }
    }
  }

  /// Sums over blocks of rows, so that the order of addition is fixed: `partial[b,o] = Σ_{r in
  /// block b} dY[r,o]`
  ///
  /// @param dY `[R, O]`, Read
  /// @param partial `[blocks, O]`, Overwritten
  public static void backwardBiasPartial(
      FloatArray dY, FloatArray partial, int blocks, int R, int O) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int o = 0; o < O; o++) {
        int rows = (R + blocks - 1) / blocks;
        int end = Math.min(R, (b + 1) * rows);
        float sum = 0.0f;
        for (int r = b * rows; r < end; r++) {
          sum += dY.get(r * O + o);
        }
        partial.set(b * O + o, sum);
      }
    }
  }

  /// `total[j] (+)= Σ_b partial[b,j]`
  ///
  /// @param partial `[blocks, size]`, Read
  /// @param total `[size]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void sumBlocks(
      FloatArray partial, FloatArray total, int accumulate, int blocks, int size) {
    for (@Parallel int j = 0; j < size; j++) {
      float sum = accumulate == 1 ? total.get(j) : 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial.get(b * size + j);
      }
      total.set(j, sum);
    }
  }
}
