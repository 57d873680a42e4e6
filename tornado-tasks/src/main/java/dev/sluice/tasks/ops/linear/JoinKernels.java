package dev.sluice.tasks.ops.linear;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Copies of matrices side by side or one below the other, and back: `a`, `b`, `c`, `d` and `e`, of
/// which the last may be empty.
public final class JoinKernels {
  /// Matrices that a kernel takes.
  public static final int PIECES = 5;

  /// Rows that a work-item of [#joinColumns] copies: loads do not move above stores.
  public static final int ROWS = 4;

  private JoinKernels() {}

  /// `joined = [a, b, c, d, e]`
  ///
  /// @param a `[R, A]`, Read; so the others
  /// @param joined `[R, all]`, Overwritten
  /// @param size `all` times R/4, rounded up
  /// @param all columns of the matrices together
  public static void joinColumns(
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray d,
      FloatArray e,
      FloatArray joined,
      int A,
      int B,
      int C,
      int D,
      int E,
      int size,
      int R,
      int all) {
    for (@Parallel int n = 0; n < size; n++) {
      int q = n / all;
      int j = n - q * all;
      int r0 = ROWS * q;
      int r1 = Math.min(r0 + 1, R - 1);
      int r2 = Math.min(r0 + 2, R - 1);
      int r3 = Math.min(r0 + 3, R - 1);
      float v0;
      float v1;
      float v2;
      float v3;
      if (j < A) {
        v0 = a.get(r0 * A + j);
        v1 = a.get(r1 * A + j);
        v2 = a.get(r2 * A + j);
        v3 = a.get(r3 * A + j);
      } else if (j < A + B) {
        int i = j - A;
        v0 = b.get(r0 * B + i);
        v1 = b.get(r1 * B + i);
        v2 = b.get(r2 * B + i);
        v3 = b.get(r3 * B + i);
      } else if (j < A + B + C) {
        int i = j - (A + B);
        v0 = c.get(r0 * C + i);
        v1 = c.get(r1 * C + i);
        v2 = c.get(r2 * C + i);
        v3 = c.get(r3 * C + i);
      } else if (j < A + B + C + D) {
        int i = j - (A + B + C);
        v0 = d.get(r0 * D + i);
        v1 = d.get(r1 * D + i);
        v2 = d.get(r2 * D + i);
        v3 = d.get(r3 * D + i);
      } else {
        int i = j - (A + B + C + D);
        v0 = e.get(r0 * E + i);
        v1 = e.get(r1 * E + i);
        v2 = e.get(r2 * E + i);
        v3 = e.get(r3 * E + i);
      }
      joined.set(r0 * all + j, v0);
      joined.set(r1 * all + j, v1);
      joined.set(r2 * all + j, v2);
      joined.set(r3 * all + j, v3);
    }
  }

  /// `joined = [a; b; c; d; e]`
  ///
  /// @param a `[A]`, Read; so the others
  /// @param joined `[size]`, Overwritten
  public static void joinRows(
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray d,
      FloatArray e,
      FloatArray joined,
      int A,
      int B,
      int C,
      int D,
      int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float value;
      if (i < A) {
        value = a.get(i);
      } else if (i < A + B) {
        value = b.get(i - A);
      } else if (i < A + B + C) {
        value = c.get(i - (A + B));
      } else if (i < A + B + C + D) {
        value = d.get(i - (A + B + C));
      } else {
        value = e.get(i - (A + B + C + D));
      }
      joined.set(i, value);
    }
  }

  /// `a (+)= joined[0…A]`, and so on with what follows
  ///
  /// @param joined `[size]`, Read
  /// @param a `[A]`, Overwritten, or Accumulated where `addA` is 1; so the others
  public static void addRows(
      FloatArray joined,
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray d,
      FloatArray e,
      int A,
      int B,
      int C,
      int D,
      int E,
      int addA,
      int addB,
      int addC,
      int addD,
      int addE,
      int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float value = joined.get(i);
      if (i < A) {
        add(a, value, i, addA);
      } else if (i < A + B) {
        add(b, value, i - A, addB);
      } else if (i < A + B + C) {
        add(c, value, i - (A + B), addC);
      } else if (i < A + B + C + D) {
        add(d, value, i - (A + B + C), addD);
      } else if (i < A + B + C + D + E) {
        add(e, value, i - (A + B + C + D), addE);
      }
    }
  }

  private static void add(FloatArray sum, float value, int i, int accumulate) {
    float before = 0.0f;
    if (accumulate == 1) {
      before = sum.get(i);
    }
    sum.set(i, before + value);
  }
}
