package dev.sluice.tasks.ops.baseconv;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The causal convolution with a kernel as long as the sequence, and what makes that kernel.
public final class BaseConvKernels {
  private BaseConvKernels() {}

  /// Features of a time step: `t/(longest−1)`, then `cos(f_i w)` and then `−sin(f_i w)` for bands
  /// `i`, with `w = 2π t/longest` and `f_i` evenly from 1e-4 to `bands−1`.
  ///
  /// @param features `[T, 1 + 2·bands]`, Overwritten
  /// @param longest length at which the first feature reaches 1
  public static void positionFeatures(FloatArray features, int longest, int T, int bands) {
    for (@Parallel int t = 0; t < T; t++) {
      features.set(t * (2 * bands + 1), (float) t / Math.max(1, longest - 1));
      float w = 6.2831855f * t / longest;
      for (int i = 0; i < bands; i++) {
        float f = 1e-4f;
        if (bands > 1) {
          f = 1e-4f + i * (bands - 1 - 1e-4f) / (bands - 1);
        }
        features.set(t * (2 * bands + 1) + 1 + i, TornadoMath.cos(f * w));
        features.set(t * (2 * bands + 1) + 1 + bands + i, 0.0f - TornadoMath.sin(f * w));
      }
    }
  }

  /// `y[i] = max(x[i], 0)`
  ///
  /// @param x `[size]`, Read
  /// @param y `[size]`, Overwritten
  public static void rectify(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, TornadoMath.max(x.get(i), 0.0f));
    }
  }

  /// `dX[i] = dY[i]` where `x[i] > 0`, else 0
  ///
  /// @param x `[size]`, Read
  /// @param dY `[size]`, Read
  /// @param dX `[size]`, Overwritten
  public static void rectifyBackward(FloatArray x, FloatArray dY, FloatArray dX, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float gradient = 0.0f;
      if (x.get(i) > 0.0f) {
        gradient = dY.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `y[r,d] = u[r,d] + Σ_{s ≤ r} filter[r−s, d] u[s,d]` within the row's sequence.
  ///
  /// @param u `[rows, D]`, Read
  /// @param filter `[T, D]`, Read
  /// @param bounds `[rows, 3]`, Read; the rows of each row's sequence
  /// @param y `[rows, D]`, Overwritten
  public static void convolve(
      FloatArray u, FloatArray filter, IntArray bounds, FloatArray y, int rows, int D) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        float sum = u.get(r * D + d);
        for (int s = bounds.get(3 * r); s <= r; s++) {
          sum += filter.get((r - s) * D + d) * u.get(s * D + d);
        }
        y.set(r * D + d, sum);
      }
    }
  }

  /// `dU[s,d] = dY[s,d] + Σ_{r ≥ s} filter[r−s, d] dY[r,d]` within the row's sequence.
  ///
  /// @param filter `[T, D]`, Read
  /// @param bounds `[rows, 3]`, Read
  /// @param dY `[rows, D]`, Read
  /// @param dU `[rows, D]`, Overwritten
  public static void convolveBackwardInput(
      FloatArray filter, IntArray bounds, FloatArray dY, FloatArray dU, int rows, int D) {
    for (@Parallel int s = 0; s < rows; s++) {
      for (@Parallel int d = 0; d < D; d++) {
        float sum = dY.get(s * D + d);
        int end = bounds.get(3 * s + 1);
        for (int r = s; r < end; r++) {
          sum += filter.get((r - s) * D + d) * dY.get(r * D + d);
        }
        dU.set(s * D + d, sum);
      }
    }
  }

  /// `dFilter[j,d] = Σ_r dY[r,d] u[r−j,d]` over the rows at least `j` behind their sequence's
  /// first.
  ///
  /// @param u `[rows, D]`, Read
  /// @param bounds `[rows, 3]`, Read
  /// @param dY `[rows, D]`, Read
  /// @param dFilter `[T, D]`, Overwritten
  public static void convolveBackwardFilter(
      FloatArray u, IntArray bounds, FloatArray dY, FloatArray dFilter, int rows, int T, int D) {
    for (@Parallel int j = 0; j < T; j++) {
      for (@Parallel int d = 0; d < D; d++) {
        float sum = 0.0f;
        for (int r = j; r < rows; r++) {
          if (r - j >= bounds.get(3 * r)) {
            sum += dY.get(r * D + d) * u.get((r - j) * D + d);
          }
        }
        dFilter.set(j * D + d, sum);
      }
    }
  }

  /// `cache[b, position + t] = u[b,t]`; where the position is negative, nothing.
  ///
  /// @param u `[B, T, D]`, Read
  /// @param position `[1]`, Read
  /// @param cache `[B, longest, D]`, updated at `T` positions
  public static void store(
      FloatArray u, IntArray position, FloatArray cache, int B, int T, int longest, int D) {
    for (@Parallel int row = 0; row < B * T; row++) {
      for (@Parallel int d = 0; d < D; d++) {
        int b = row / T;
        int at = position.get(0) + row - b * T;
        int slot = (b * longest + Math.max(at, 0)) * D + d;
        float value = u.get(row * D + d);
        // TornadoVM does not copy in an array that a task seems to overwrite, so it must read it
        // too.
        if (at < 0) {
          value = cache.get(slot);
        }
        cache.set(slot, value);
      }
    }
  }

  /// `y[b,t,d] = u[p,d] + Σ_{s ≤ p} filter[p−s, d] u[s,d]` with `p = position + t` and `u` from the
  /// cache.
  ///
  /// @param filter `[longest, D]`, Read
  /// @param cache `[B, longest, D]`, Read
  /// @param position `[1]`, Read
  /// @param y `[B, T, D]`, Overwritten
  public static void convolveSteps(
      FloatArray filter,
      FloatArray cache,
      IntArray position,
      FloatArray y,
      int B,
      int T,
      int longest,
      int D) {
    for (@Parallel int row = 0; row < B * T; row++) {
      for (@Parallel int d = 0; d < D; d++) {
        int b = row / T;
        int at = position.get(0) + row - b * T;
        float sum = cache.get((b * longest + at) * D + d);
        for (int s = 0; s <= at; s++) {
          sum += filter.get((at - s) * D + d) * cache.get((b * longest + s) * D + d);
        }
        y.set(row * D + d, sum);
      }
    }
  }
}
