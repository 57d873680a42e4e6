package dev.sluice.tasks.ops.linear;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.Gemm;
import java.util.Arrays;

/// Affine maps on the host, through [Gemm].
public final class LinearHost {
  private LinearHost() {}

  /// `y = x·wᵀ`
  ///
  /// @param x `[R, I]`, Read
  /// @param w `[O, I]`, Read
  /// @param y `[R, O]`, Overwritten
  public static void forward(
      Workers workers, float[] x, float[] w, float[] y, int R, int I, int O) {
    Gemm.multiply(workers, false, true, R, O, I, 1.0f, x, 0, I, w, 0, I, false, y, 0, O);
  }

  /// `y[r] += bias`
  ///
  /// @param bias `[O]`, Read
  /// @param y `[R, O]`, Accumulated
  public static void addBias(Workers workers, float[] bias, float[] y, int blocks, int R, int O) {
    int rows = (R + blocks - 1) / blocks;
    workers.run(
        blocks,
        b -> {
          int end = Math.min(R, (b + 1) * rows);
          for (int r = b * rows; r < end; r++) {
            for (int o = 0; o < O; o++) {
              y[r * O + o] += bias[o];
            }
          }
        });
  }

  /// `dX (+)= dY·w`
  ///
  /// @param w `[O, I]`, Read
  /// @param dY `[R, O]`, Read
  /// @param dX `[R, I]`, Overwritten, or Accumulated where `accumulate`
  public static void backwardInput(
      Workers workers, float[] w, float[] dY, float[] dX, boolean accumulate, int R, int I, int O) {
    Gemm.multiply(workers, false, false, R, I, O, 1.0f, dY, 0, O, w, 0, I, accumulate, dX, 0, I);
  }

  /// `dW (+)= dYᵀ·x`
  ///
  /// @param x `[R, I]`, Read
  /// @param dY `[R, O]`, Read
  /// @param dW `[O, I]`, Overwritten, or Accumulated where `accumulate`
  public static void backwardWeight(
      Workers workers, float[] x, float[] dY, float[] dW, boolean accumulate, int R, int I, int O) {
    Gemm.multiply(workers, true, false, O, I, R, 1.0f, dY, 0, O, x, 0, I, accumulate, dW, 0, I);
  }

  /// `dBias (+)= Σ_r dY[r]`, in blocks of rows, so that the order of addition is fixed.
  ///
  /// @param dY `[R, O]`, Read
  /// @param partial `[blocks, O]`, Overwritten
  /// @param dBias `[O]`, Overwritten, or Accumulated where `accumulate`
  public static void backwardBias(
      Workers workers,
      float[] dY,
      float[] partial,
      float[] dBias,
      boolean accumulate,
      int blocks,
      int R,
      int O) {
    int rows = (R + blocks - 1) / blocks;
    workers.run(
        blocks,
        b -> {
          Arrays.fill(partial, b * O, (b + 1) * O, 0.0f);
          int end = Math.min(R, (b + 1) * rows);
          for (int r = b * rows; r < end; r++) {
            for (int o = 0; o < O; o++) {
              partial[b * O + o] += dY[r * O + o];
            }
          }
        });
    for (int o = 0; o < O; o++) {
      float sum = accumulate ? dBias[o] : 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial[b * O + o];
      }
      dBias[o] = sum;
    }
  }
}
