package dev.sluice.tasks.host;

/// Reads that are there for their effect on the caches.
///
/// A chunk's rows are read in one go and then multiplied for microseconds; the processor's own
/// prefetching stops in between. A read of the next chunk's lines before each product has them on
/// their way while the product runs, as Java has no instruction for it.
public final class Prefetch {
  /// Floats of a cache line.
  private static final int LINE = 16;

  private static float kept;

  private Prefetch() {}

  /// Reads one element of each cache line of some rows.
  ///
  /// @param x Read
  /// @param from first element of the first row
  /// @param step elements from row to row, negative to go back
  /// @param width elements of a row
  /// @param rows rows, none if not positive
  /// @return a sum for the caller to keep in a field, since reads without a use are left out
  public static float rows(float[] x, int from, int step, int width, int rows) {
    float even = 0.0f;
    float odd = 0.0f;
    for (int i = 0; i < rows; i++) {
      int at = from + i * step;
      // Rows begin anywhere in a line: the last element may lie in one more.
      int last = at + width - 1;
      for (int c = at; c < last; c += 2 * LINE) {
        even += x[c];
        odd += x[Math.min(c + LINE, last)];
      }
      even += x[last];
    }
    return even + odd;
  }

  /// Keeps the sum of elements that a loop has read for this only.
  static void keep(float sum) {
    kept = sum;
  }
}
