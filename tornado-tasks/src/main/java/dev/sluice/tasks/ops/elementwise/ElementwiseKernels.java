package dev.sluice.tasks.ops.elementwise;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Sums, products and multiples, one element a work-item.
public final class ElementwiseKernels {
  private ElementwiseKernels() {}

  /// `y[i] = a[i] + b[i]`
  ///
  /// @param a `[size]`, Read
  /// @param b `[size]`, Read
  /// @param y `[size]`, Overwritten
  public static void add(FloatArray a, FloatArray b, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, a.get(i) + b.get(i));
    }
  }

  /// `y[i] (+)= a[i] · b[i]`
  ///
  /// @param a `[size]`, Read
  /// @param b `[size]`, Read
  /// @param y `[size]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void multiply(FloatArray a, FloatArray b, FloatArray y, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float product = a.get(i) * b.get(i);
      if (accumulate == 1) {
        product += y.get(i);
      }
      y.set(i, product);
    }
  }

  /// `y[i] (+)= factor · x[i]`
  ///
  /// @param x `[size]`, Read
  /// @param y `[size]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void scale(FloatArray x, FloatArray y, float factor, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float product = factor * x.get(i);
      if (accumulate == 1) {
        product += y.get(i);
      }
      y.set(i, product);
    }
  }

  /// `y[r,d] = x[r,d] + v[d]`
  ///
  /// @param x `[R, D]`, Read
  /// @param v `[D]`, Read
  /// @param y `[R, D]`, Overwritten
  public static void addRow(FloatArray x, FloatArray v, FloatArray y, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        y.set(r * D + d, x.get(r * D + d) + v.get(d));
      }
    }
  }

  /// `y[r,d] (+)= x[r,d] · v[d]`
  ///
  /// @param x `[R, D]`, Read
  /// @param v `[D]`, Read
  /// @param y `[R, D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void multiplyRow(
      FloatArray x, FloatArray v, FloatArray y, int accumulate, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        float product = x.get(r * D + d) * v.get(d);
        if (accumulate == 1) {
          product += y.get(r * D + d);
        }
        y.set(r * D + d, product);
      }
    }
  }

  /// Sums over blocks of rows, so that the order of addition is fixed: `partial[b,d] = Σ_{r in
  /// block b} dY[r,d] · x[r,d]`, or without `x`
  ///
  /// @param x `[R, D]`, Read where `useX` is 1
  /// @param dY `[R, D]`, Read
  /// @param partial `[blocks, D]`, Overwritten
  public static void backwardRowPartial(
      FloatArray x, FloatArray dY, FloatArray partial, int useX, int blocks, int R, int D) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int d = 0; d < D; d++) {
        int rows = (R + blocks - 1) / blocks;
        int end = Math.min(R, (b + 1) * rows);
        float sum = 0.0f;
        for (int r = b * rows; r < end; r++) {
          float term = dY.get(r * D + d);
          if (useX == 1) {
            term *= x.get(r * D + d);
          }
          sum += term;
        }
        partial.set(b * D + d, sum);
      }
    }
  }

  /// `dV[d] (+)= Σ_b partial[b,d]`
  ///
  /// @param partial `[blocks, D]`, Read
  /// @param dV `[D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardRow(
      FloatArray partial, FloatArray dV, int accumulate, int blocks, int D) {
    for (@Parallel int d = 0; d < D; d++) {
      float sum = accumulate == 1 ? dV.get(d) : 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial.get(b * D + d);
      }
      dV.set(d, sum);
    }
  }
}
