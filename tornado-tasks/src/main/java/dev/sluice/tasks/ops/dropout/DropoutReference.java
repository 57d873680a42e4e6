package dev.sluice.tasks.ops.dropout;

import dev.sluice.tasks.random.Philox;

/// Dropout in double precision.
public final class DropoutReference {
  /// Elements that have their bits from the same words: four blocks.
  static final int GROUP = 32;

  /// Elements that have their bits in lower halves of words, before as many in the upper ones.
  static final int RUN = GROUP / 2;

  private static final int BITS = 16;

  private DropoutReference() {}

  /// `y[i] = x[i]·2¹⁶/n` where element i is kept, else 0, with `n = (1 − probability)·2¹⁶`,
  /// rounded, at least 1. Half a word decides: the element is kept if it is below `n`. With `i = 32
  /// g + 16 h + 4 b + w`, parts below 2, 4 and 4, that is the lower half, for h = 1 the upper half,
  /// of word `w` of the Philox block with key `(key[0], key[1])` and counter `(4 g + b, site,
  /// key[2], key[3])`. The backward pass is the same function of `dY`.
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
      int inGroup = i % GROUP;
      int block = i / GROUP * Philox.WORDS + inGroup % RUN / Philox.WORDS;
      Philox.block(block, site, key[2], key[3], seed, words, 0);
      int half = words[i % Philox.WORDS] >>> (inGroup < RUN ? 0 : BITS) & (1 << BITS) - 1;
      y[i] = half < threshold ? x[i] * (1 << BITS) / threshold : 0.0;
    }
    return y;
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
