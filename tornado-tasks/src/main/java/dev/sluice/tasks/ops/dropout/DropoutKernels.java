package dev.sluice.tasks.ops.dropout;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Dropout, one Philox block of eight elements a work-item.
public final class DropoutKernels {
  private static final long LOW = 0xFFFFFFFFL;

  private DropoutKernels() {}

  /// `y[i] (+)= x[i]·factor` where half a word of a block keeps element i, else 0. Block `8 g + b`
  /// has elements `64 g + 2 b`, the next and those 16 behind in its first two words' lower and
  /// upper halves, those 32 behind these in its last two (see [DropoutReference]). Unsigned
  /// products are made of signed ones and shifts that device compilers get right: `(p >> 32) &
  /// 0xFFFFFFFF`.
  ///
  /// @param x `[size]`, Read
  /// @param key `[4]`: seed low, seed high, step, micro-step; Read
  /// @param y `[size]`, Overwritten, or Accumulated where `accumulate` is 1
  /// @param threshold below it, half a word keeps an element
  public static void mask(
      FloatArray x,
      IntArray key,
      FloatArray y,
      float factor,
      int threshold,
      int site,
      int accumulate,
      int size) {
    for (@Parallel int block = 0; block < (size + 63) / 64 * 8; block++) {
      int x0 = block;
      int x1 = site;
      int x2 = key.get(2);
      int x3 = key.get(3);
      int k0 = key.get(0);
      int k1 = key.get(1);
      for (int round = 0; round < 10; round++) {
        long p0 = 0xD2511F53L * (x0 & LOW);
        long p1 = 0xCD9E8D57L * (x2 & LOW);
        x0 = (int) ((p1 >> 32) & LOW) ^ x1 ^ k0;
        x1 = (int) p1;
        x2 = (int) ((p0 >> 32) & LOW) ^ x3 ^ k1;
        x3 = (int) p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
      }
      int i = (block >> 3) * 64 + (block & 7) * 2;
      put(x, y, i, x0, factor, threshold, accumulate, size);
      put(x, y, i + 1, x1, factor, threshold, accumulate, size);
      put(x, y, i + 16, x0 >> 16, factor, threshold, accumulate, size);
      put(x, y, i + 17, x1 >> 16, factor, threshold, accumulate, size);
      put(x, y, i + 32, x2, factor, threshold, accumulate, size);
      put(x, y, i + 33, x3, factor, threshold, accumulate, size);
      put(x, y, i + 48, x2 >> 16, factor, threshold, accumulate, size);
      put(x, y, i + 49, x3 >> 16, factor, threshold, accumulate, size);
    }
  }

  private static void put(
      FloatArray x,
      FloatArray y,
      int i,
      int word,
      float factor,
      int threshold,
      int accumulate,
      int size) {
    if (i < size) {
      float value = 0.0f;
      if ((word & 0xFFFF) < threshold) {
        value = x.get(i) * factor;
      }
      if (accumulate == 1) {
        value += y.get(i);
      }
      y.set(i, value);
    }
  }
}
