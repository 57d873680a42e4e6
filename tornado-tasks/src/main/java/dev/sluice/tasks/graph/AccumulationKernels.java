package dev.sluice.tasks.graph;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Kernels that add gradients.
public final class AccumulationKernels {
  private AccumulationKernels() {}

  /// `total[i] += part[i]`
  ///
  /// @param part `[size]`, Read
  /// @param total `[size]`, Accumulated
  public static void add(FloatArray part, FloatArray total, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      total.set(i, total.get(i) + part.get(i));
    }
  }

  /// `total[i] = a[i] + b[i]`
  ///
  /// @param a `[size]`, Read
  /// @param b `[size]`, Read
  /// @param total `[size]`, Overwritten
  public static void sum(FloatArray a, FloatArray b, FloatArray total, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      total.set(i, a.get(i) + b.get(i));
    }
  }
}
