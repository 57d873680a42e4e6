package dev.sluice.tasks.ops.columns;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Copies between matrices of different widths, one element a work-item.
public final class ColumnsKernels {
  private ColumnsKernels() {}

  /// `y[r,e] (+)= x[r, from + e]`: takes columns out.
  ///
  /// @param x `[R, D]`, Read
  /// @param y `[R, E]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void take(
      FloatArray x, FloatArray y, int from, int accumulate, int R, int D, int E) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int e = 0; e < E; e++) {
        float value = x.get(r * D + from + e);
        if (accumulate == 1) {
          value += y.get(r * E + e);
        }
        y.set(r * E + e, value);
      }
    }
  }

  /// `y[r, from + e] = x[r,e]`: puts columns in; the others stay.
  ///
  /// @param x `[R, E]`, Read
  /// @param y `[R, D]`, those columns Overwritten
  public static void put(FloatArray x, FloatArray y, int from, int R, int D, int E) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int e = 0; e < E; e++) {
        y.set(r * D + from + e, x.get(r * E + e));
      }
    }
  }

  /// `dX[r, from + e] (+)= dY[r,e]`. Where it accumulates, other columns stay; else they become 0.
  ///
  /// @param dY `[R, E]`, Read
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardTake(
      FloatArray dY, FloatArray dX, int from, int accumulate, int R, int D, int E) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        float gradient = 0.0f;
        if (accumulate == 1) {
          gradient = dX.get(r * D + d);
        }
        if (d >= from && d < from + E) {
          gradient += dY.get(r * E + d - from);
        }
        dX.set(r * D + d, gradient);
      }
    }
  }
}
