package dev.sluice.tasks.ops.elementwise;

import dev.sluice.embedded.HostTask;
import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.BlockTask;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Sums, products and multiples on the host: loops over one index, which the compiler vectorizes.
final class ElementwiseHost {
  private ElementwiseHost() {}

  /// `y[i] = a[i] + b[i]`
  ///
  /// @param a `[size]`, Read
  /// @param b `[size]`, Read
  /// @param y `[size]`, Overwritten
  static HostTask add(float[] a, float[] b, float[] y, int size) {
    return BlockTask.elements(
        size,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            y[i] = a[i] + b[i];
          }
        });
  }

  /// `y[i] (+)= a[i]·b[i]`
  ///
  /// @param a `[size]`, Read
  /// @param b `[size]`, Read
  /// @param y `[size]`, Overwritten, or Accumulated where `accumulate`
  static HostTask multiply(float[] a, float[] b, float[] y, boolean accumulate, int size) {
    return BlockTask.elements(
        size,
        (from, to) -> {
          if (accumulate) {
            for (int i = from; i < to; i++) {
              y[i] += a[i] * b[i];
            }
          } else {
            for (int i = from; i < to; i++) {
              y[i] = a[i] * b[i];
            }
          }
        });
  }

  /// `y[i] (+)= factor·x[i]`
  ///
  /// @param x `[size]`, Read
  /// @param y `[size]`, Overwritten, or Accumulated where `accumulate`
  static HostTask scale(float[] x, float[] y, float factor, boolean accumulate, int size) {
    return BlockTask.elements(
        size,
        (from, to) -> {
          if (accumulate) {
            for (int i = from; i < to; i++) {
              y[i] += factor * x[i];
            }
          } else {
            for (int i = from; i < to; i++) {
              y[i] = factor * x[i];
            }
          }
        });
  }

  /// `y[r,d] = x[r,d] + v[d]`
  ///
  /// @param x `[R, D]`, Read
  /// @param v `[D]`, Read
  /// @param y `[R, D]`, Overwritten
  static HostTask addRow(float[] x, float[] v, float[] y, int R, int D) {
    return BlockTask.rows(
        R,
        D,
        (from, to) -> {
          for (int r = from; r < to; r++) {
            addOneRow(x, v, y, r * D, D);
          }
        });
  }

  private static void addOneRow(float[] x, float[] v, float[] y, int at, int D) {
    for (int d = 0; d < D; d++) {
      y[at + d] = x[at + d] + v[d];
    }
  }

  /// `y[r,d] (+)= x[r,d]·v[d]`
  ///
  /// @param x `[R, D]`, Read
  /// @param v `[D]`, Read
  /// @param y `[R, D]`, Overwritten, or Accumulated where `accumulate`
  static HostTask multiplyRow(float[] x, float[] v, float[] y, boolean accumulate, int R, int D) {
    return BlockTask.rows(
        R,
        D,
        (from, to) -> {
          for (int r = from; r < to; r++) {
            if (accumulate) {
              addProductToRow(x, v, y, r * D, D);
            } else {
              multiplyOneRow(x, v, y, r * D, D);
            }
          }
        });
  }

  private static void multiplyOneRow(float[] x, float[] v, float[] y, int at, int D) {
    for (int d = 0; d < D; d++) {
      y[at + d] = x[at + d] * v[d];
    }
  }

  private static void addProductToRow(float[] x, float[] v, float[] y, int at, int D) {
    for (int d = 0; d < D; d++) {
      y[at + d] += x[at + d] * v[d];
    }
  }

  /// `dV[d] (+)= Σ_r dY[r,d]·x[r,d]`, or without `x`, in blocks of rows, so that the order of
  /// addition is fixed.
  ///
  /// @param x `[R, D]`, Read; null for ones
  /// @param dY `[R, D]`, Read
  /// @param partial `[blocks, D]`, Overwritten
  /// @param dV `[D]`, Overwritten, or Accumulated where `accumulate`
  static HostTask backwardRow(
      float @Nullable [] x,
      float[] dY,
      float[] partial,
      float[] dV,
      boolean accumulate,
      int blocks,
      int R,
      int D) {
    IntConsumer part = b -> partialRow(x, dY, partial, b, blocks, R, D);
    return (Workers workers) -> {
      workers.run(blocks, part);
      for (int d = 0; d < D; d++) {
        float sum = accumulate ? dV[d] : 0.0f;
        for (int b = 0; b < blocks; b++) {
          sum += partial[b * D + d];
        }
        dV[d] = sum;
      }
    };
  }

  private static void partialRow(
      float @Nullable [] x, float[] dY, float[] partial, int b, int blocks, int R, int D) {
    int rows = (R + blocks - 1) / blocks;
    int end = Math.min(R, (b + 1) * rows);
    for (int d = 0; d < D; d++) {
      partial[b * D + d] = 0.0f;
    }
    for (int r = b * rows; r < end; r++) {
      for (int d = 0; d < D; d++) {
        float term = dY[r * D + d];
        partial[b * D + d] += x == null ? term : term * x[r * D + d];
      }
    }
  }
}
