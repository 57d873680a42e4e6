package dev.sluice.tasks.ops;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Tables that say which rows belong together.
public final class SequenceKernels {
  private SequenceKernels() {}

  /// `offsets[b] = b · T`
  ///
  /// @param offsets `[B+1]`, Overwritten
  public static void offsets(IntArray offsets, int B, int T) {
    for (@Parallel int b = 0; b < B + 1; b++) {
      offsets.set(b, b * T);
    }
  }

  /// Cuts each sequence into chunks of `C` rows, the last one shorter.
  ///
  /// @param offsets `[N+1]`, Read
  /// @param bounds `[chunks, 2]`, Overwritten; chunks that are not needed are empty
  /// @param first `[N+1]`, Overwritten
  public static void chunks(
      IntArray offsets, IntArray bounds, IntArray first, int chunks, int C, int N) {
    for (@Parallel int n = 0; n < N + 1; n++) {
      int chunk = 0;
      for (int m = 0; m < n; m++) {
        chunk += (offsets.get(m + 1) - offsets.get(m) + C - 1) / C;
      }
      first.set(n, chunk);
      if (n < N) {
        int end = offsets.get(n + 1);
        for (int begin = offsets.get(n); begin < end; begin += C) {
          bounds.set(2 * chunk, begin);
          bounds.set(2 * chunk + 1, Math.min(end, begin + C));
          chunk++;
        }
      } else {
        for (int unused = chunk; unused < chunks; unused++) {
          bounds.set(2 * unused, 0);
          bounds.set(2 * unused + 1, 0);
        }
      }
    }
  }

  /// The bounds of each row's sequence, and its number.
  ///
  /// @param offsets `[N+1]`, Read
  /// @param bounds `[rows, 3]`, Overwritten
  public static void rowBounds(IntArray offsets, IntArray bounds, int rows, int N) {
    for (@Parallel int r = 0; r < rows; r++) {
      int n = 0;
      while (n < N - 1 && offsets.get(n + 1) <= r) {
        n++;
      }
      bounds.set(3 * r, offsets.get(n));
      bounds.set(3 * r + 1, offsets.get(n + 1));
      bounds.set(3 * r + 2, n);
    }
  }
}
