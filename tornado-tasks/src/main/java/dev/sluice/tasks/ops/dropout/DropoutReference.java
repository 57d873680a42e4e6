package dev.sluice.tasks.ops.dropout;

import dev.sluice.tasks.random.Philox;

/// Dropout in double precision.
public final class DropoutReference {
  /// Elements of eight blocks, which together have as many bits as four vectors of 512.
  static final int GROUP = 64;

  /// Elements that have their bits in the same half of the same two words of these blocks.
  static final int RUN = GROUP / 4;

  private static final int BITS = 16;

  private DropoutReference() {}

  /// `y[i] = x[i]·2¹⁶/n` where element i is kept, else 0, with `n = (1 − probability)·2¹⁶`,
  /// rounded, at least 1. Half a word decides: the element is kept if it is below `n`. With `i = 64
  /// g + 32 p + 16 h + 2 b + w`, parts below 2, 2, 8 and 2, that is the lower half, for h = 1 the
  /// upper half, of word `2 p + w` of the Philox block with key `(key[0], key[1])` and counter `(8
  /// g
  /// + b, site, key[2], key[3])`. The backward pass is the same function of `dY`.
  ///
  /// @param x `[size]`, Read
  /// @param key `[4]`: seed low, seed high, step, micro-step; Read
  /// @return y `[size]`
  public static double[] forward(double[] x, int[] key, float probability, int site) {
    long seed = Integer.toUnsignedLong(key[0]) | (long) key[1] << 32;
    int threshold = threshold(probability);
    double[] y = new double[x.length];
    int[] words = new int[Philox.WORDS];
    for (int i = 0; i < x.length; i++) {
      Philox.block(block(i), site, key[2], key[3], seed, words, 0);
      int half = words[word(i)] >>> shift(i) & (1 << BITS) - 1;
      y[i] = half < threshold ? x[i] * (1 << BITS) / threshold : 0.0;
    }
    return y;
  }

  /// The block that element `i` has its bits from.
  static int block(int i) {
    return i / GROUP * (RUN / 2) + i % RUN / 2;
  }

  /// The word of that block.
  static int word(int i) {
    return i % GROUP / (2 * RUN) * 2 + i % 2;
  }

  /// How far to the right the word is shifted.
  static int shift(int i) {
    return i % (2 * RUN) / RUN * BITS;
  }

  /// `(1 − probability)·2¹⁶`, rounded, at least 1: below it, an element is kept.
  static int threshold(float probability) {
    return Math.max(1, Math.round((1.0f - probability) * (1 << BITS)));
  }

  /// One over the share of elements that are kept.
  static float factor(float probability) {
    return (float) (1 << BITS) / threshold(probability);
  }
}
