package dev.sluice.tasks.ceiling;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Loops that do one thing only.
public final class CeilingKernels {
  /// Multiply-adds of a round of [#multiplyAdd] in each work-item.
  static final int CHAINS = 8;

  private CeilingKernels() {}

  /// `out[i]` = the sum of [#CHAINS] chains of `c = x·c + y` with nothing between them.
  ///
  /// @param rounds `[1]`, how many multiply-adds a chain has; data, so that another number needs no
  ///   other code. Read
  /// @param factors `[2]`: x and y. Read
  /// @param out `[size]`, Overwritten
  public static void multiplyAdd(IntArray rounds, FloatArray factors, FloatArray out, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      int count = rounds.get(0);
      float x = factors.get(0);
      float y = factors.get(1);
      float a = i;
      float b = y;
      float c = x;
      float d = a + y;
      float e = a + x;
      float f = a - y;
      float g = a - x;
      float h = x + y;
      for (int round = 0; round < count; round++) {
        a = a * x + y;
        b = b * x + y;
        c = c * x + y;
        d = d * x + y;
        e = e * x + y;
        f = f * x + y;
        g = g * x + y;
        h = h * x + y;
      }
      out.set(i, a + b + c + d + e + f + g + h);
    }
  }

  /// `to[i] = from[i]`
  ///
  /// @param from `[size]`, Read
  /// @param to `[size]`, Overwritten
  public static void copy(FloatArray from, FloatArray to, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      to.set(i, from.get(i));
    }
  }

  /// `done[0] = 1`: a result so small that reading it costs nothing, for which a device must have
  /// ended what stands before it.
  ///
  /// @param done `[1]`, Overwritten
  public static void finish(FloatArray done, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      done.set(i, 1.0f);
    }
  }
}
