package dev.sluice.tasks.ops;

import dev.sluice.tasks.device.ArrayHeader;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The results of matrix units.
public final class Fragments {
  /// Numbers by which `mmaStore` begins before the first element. Public for the embedded runtime,
  /// which copies the methods that a kernel calls into a class of their own.
  public static final int SHIFT = ArrayHeader.missedFloats();

  private Fragments() {}

  /// Stores a 16 × 8 accumulator at `(row, column)` of a matrix, where its elements are:
  /// [KernelContext#mmaStore] alone takes an array to begin where the JVM's do.
  ///
  /// @param d the accumulator
  /// @param out Overwritten
  /// @param stride numbers from a row to the next
  public static void store(
      KernelContext context, float[] d, FloatArray out, int row, int column, int stride) {
    context.mmaStore(d, out, row, column + SHIFT, stride);
  }
}
