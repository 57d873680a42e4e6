package dev.sluice.tasks.ops.dropout;

import dev.sluice.embedded.HostTask;
import dev.sluice.tasks.host.BlockTask;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.random.Philox;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Dropout with the Vector API: as many Philox blocks at a time as a vector has 64-bit lanes, a
/// word of each to a lane; see [DropoutKernels#mask]. What is dropped is known before elements are
/// needed, so the processor draws the next numbers while memory sends the elements of these.
final class DropoutHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final VectorSpecies<Long> WIDE =
      VectorSpecies.of(long.class, Lanes.FLOATS.vectorShape());

  /// Blocks of a vector of words.
  private static final int BLOCKS = WIDE.length();

  /// Elements of a block: two of each word.
  private static final int ELEMENTS = 2 * Philox.WORDS;

  private static final int GROUP = DropoutReference.GROUP;
  private static final int RUN = DropoutReference.RUN;

  private static final long LOW = 0xFFFFFFFFL;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final LongVector LANES = LongVector.zero(WIDE).addIndex(1);

  /// The class of these vectors, as [Lanes#EXACT] is that of floats.
  private static final Class<? extends LongVector> EXACT = LANES.getClass();

  private DropoutHost() {}

  /// As [DropoutKernels#mask].
  ///
  /// @param x `[size]`, Read
  /// @param key `[4]`, Read
  /// @param y `[size]`, Overwritten, or Accumulated where `accumulate`
  static HostTask mask(
      float[] x,
      int[] key,
      float[] y,
      float factor,
      int threshold,
      int site,
      boolean accumulate,
      int size) {
    long[] keys = new long[2 * ROUNDS];
    // Half a word is below the threshold if it is at most this where it is a word's upper half.
    int most = (threshold << 16) - 1;
    BlockTask blocks =
        BlockTask.elements(
            size,
            (from, to) -> {
              int bound = to - (to - from) % GROUP;
              groups(x, key, keys, y, factor, most, site, accumulate, from, bound);
              rest(x, key, y, factor, threshold, site, accumulate, bound, to);
            });
    return workers -> {
      for (int round = 0; round < ROUNDS; round++) {
        keys[2 * round] = (key[0] + round * WEYL_0) & LOW;
        keys[2 * round + 1] = (key[1] + round * WEYL_1) & LOW;
      }
      blocks.run(workers);
    };
  }

  /// Whole groups of elements.
  private static void groups(
      float[] x,
      int[] key,
      long[] keys,
      float[] y,
      float factor,
      int most,
      int site,
      boolean accumulate,
      int from,
      int to) {
    LongVector low = LongVector.broadcast(WIDE, LOW);
    LongVector m0 = LongVector.broadcast(WIDE, MULTIPLIER_0);
    LongVector m1 = LongVector.broadcast(WIDE, MULTIPLIER_1);
    LongVector c1 = LongVector.broadcast(WIDE, site & LOW);
    LongVector c2 = LongVector.broadcast(WIDE, key[2] & LOW);
    LongVector c3 = LongVector.broadcast(WIDE, key[3] & LOW);
    for (int i = from; i < to; i += ELEMENTS * BLOCKS) {
      LongVector x0 = LANES.add(i / ELEMENTS);
      LongVector x1 = c1;
      LongVector x2 = c2;
      LongVector x3 = c3;
      // A product's low word stays where it is, its high word is above it.
      for (int round = 0; round < ROUNDS; round++) {
        LongVector p0 = m0.mul(x0);
        LongVector p1 = m1.mul(x2);
        x0 = mixed(p1, low.and(x1), keys[2 * round]);
        x2 = mixed(p0, low.and(x3), keys[2 * round + 1]);
        x1 = p1;
        x3 = p0;
      }
      // Vectors of fewer lanes take a group's blocks in parts.
      int at = i / GROUP * GROUP + i % GROUP / Philox.WORDS;
      pair(x0, x1, x, y, factor, most, accumulate, at);
      pair(x2, x3, x, y, factor, most, accumulate, at + 2 * RUN);
    }
  }

  /// The product's high word, exclusive or a word and the key. The latter are known first: only one
  /// step waits for the product.
  private static LongVector mixed(LongVector product, LongVector word, long key) {
    return product
        .lanewise(VectorOperators.LSHR, 32)
        .lanewise(VectorOperators.XOR, word.lanewise(VectorOperators.XOR, key));
  }

  /// The elements of two words of each block, from `i` and [#RUN] behind it.
  private static void pair(
      LongVector first,
      LongVector second,
      float[] x,
      float[] y,
      float factor,
      int most,
      boolean accumulate,
      int i) {
    IntVector words =
        EXACT.cast(second).lanewise(VectorOperators.LSHL, 32).or(first).reinterpretAsInts();
    put(words.lanewise(VectorOperators.LSHL, 16), x, y, factor, most, accumulate, i);
    put(words, x, y, factor, most, accumulate, i + RUN);
  }

  /// `y (+)= x·factor` where a word's upper half is below the threshold, else 0.
  private static void put(
      IntVector words, float[] x, float[] y, float factor, int most, boolean accumulate, int i) {
    VectorMask<Float> kept = words.compare(VectorOperators.ULE, most).cast(S);
    FloatVector value = FloatVector.zero(S).blend(FloatVector.fromArray(S, x, i).mul(factor), kept);
    value = accumulate ? value.add(FloatVector.fromArray(S, y, i)) : value;
    value.intoArray(y, i);
  }

  private static void rest(
      float[] x,
      int[] key,
      float[] y,
      float factor,
      int threshold,
      int site,
      boolean accumulate,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      boolean kept = bits(i, site, key) < threshold;
      float value = kept ? x[i] * factor : 0.0f;
      y[i] = accumulate ? value + y[i] : value;
    }
  }

  /// Half a word, that of element `i`.
  private static int bits(int i, int site, int[] key) {
    int x0 = DropoutReference.block(i);
    int x1 = site;
    int x2 = key[2];
    int x3 = key[3];
    int k0 = key[0];
    int k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = MULTIPLIER_0 * (x0 & LOW);
      long p1 = MULTIPLIER_1 * (x2 & LOW);
      x0 = (int) (p1 >> 32) ^ x1 ^ k0;
      x1 = (int) p1;
      x2 = (int) (p0 >> 32) ^ x3 ^ k1;
      x3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    int word =
        switch (DropoutReference.word(i)) {
          case 0 -> x0;
          case 1 -> x1;
          case 2 -> x2;
          default -> x3;
        };
    return (word >> DropoutReference.shift(i)) & 0xFFFF;
  }
}
