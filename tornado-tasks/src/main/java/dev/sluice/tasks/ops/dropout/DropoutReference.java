package dev.sluice.tasks.ops.dropout;

import dev.sluice.tasks.random.Philox;

/// Dropout in double precision.
public final class DropoutReference {
  private static final int WORD_BITS = 24;

  private DropoutReference() {}

  /// `y[i] = x[i]/(1 − probability)` where element i is kept, else 0. Word `i mod 4` of the Philox
  /// block with key `(key[0], key[1])` and counter `(i/4, site, key[2], key[3])` decides: the
  /// element is kept if its upper 24 bits are below `(1 − probability)·2²⁴`. The backward pass is
  /// the same function of `dY`.
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
      Philox.block(i / Philox.WORDS, site, key[2], key[3], seed, words, 0);
      boolean kept = words[i % Philox.WORDS] >>> (32 - WORD_BITS) < threshold;
      y[i] = kept ? x[i] / (1.0 - probability) : 0.0;
    }
    return y;
  }

  /// `(1 − probability)·2²⁴`, rounded: below it, an element is kept.
  static int threshold(float probability) {
    return Math.round((1.0f - probability) * (1 << WORD_BITS));
  }
}
