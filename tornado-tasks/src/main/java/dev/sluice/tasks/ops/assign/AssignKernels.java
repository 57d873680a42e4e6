package dev.sluice.tasks.ops.assign;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Copies, one element a work-item.
public final class AssignKernels {
  private AssignKernels() {}

  /// `target[i] = source[i]`
  ///
  /// @param source `[size]`, Read
  /// @param target `[size]`, Overwritten
  public static void copy(FloatArray source, FloatArray target, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      target.set(i, source.get(i));
    }
  }

  /// `target[i] = value`
  ///
  /// @param target `[size]`, Overwritten
  public static void fill(FloatArray target, float value, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      target.set(i, value);
    }
  }
}
