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
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Dropout with the Vector API: as many Philox blocks at a time as a vector has 64-bit lanes, a
/// word of each to a lane; see [DropoutKernels#mask].
final class DropoutHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final VectorSpecies<Long> WIDE =
      VectorSpecies.of(long.class, Lanes.FLOATS.vectorShape());

  /// Blocks of a vector of words.
  private static final int BLOCKS = WIDE.length();

  /// Words of so many blocks: two vectors of floats have as many lanes.
  private static final int HALF = 2 * L;

  /// Words at a time: one round's products wait for the last round's, so two halves take turns.
  private static final int WORDS = 2 * HALF;

  /// Elements of so many words, whole groups of [DropoutReference#GROUP].
  private static final int GROUP = 2 * WORDS;

  /// Elements whose words are drawn before they are used: the first-level cache holds them.
  private static final int TILE = 1 << 12;

  private static final int RUN = DropoutReference.RUN;

  private static final ThreadLocal<long[]> DRAWN =
      ThreadLocal.withInitial(() -> new long[TILE / 4]);

  private static final long LOW = 0xFFFFFFFFL;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final LongVector LANES = LongVector.zero(WIDE).addIndex(1);

  /// Pairs of lanes of two vectors in turn: the first half of them, and the second.
  private static final VectorShuffle<Long> FIRST = VectorShuffle.makeZip(WIDE, 0);

  private static final VectorShuffle<Long> SECOND = VectorShuffle.makeZip(WIDE, 1);

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
    BlockTask blocks =
        BlockTask.elements(
            size,
            (from, to) -> {
              long[] words = DRAWN.get();
              int bound = to - (to - from) % GROUP;
              for (int i = from; i < bound; i += TILE) {
                int count = Math.min(TILE, bound - i);
                for (int j = 0; j < count; j += GROUP) {
                  draw((i + j) / (2 * Philox.WORDS), key, keys, site, words, j / 4);
                }
                apply(x, words, y, factor, threshold, accumulate, i, count);
              }
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

  /// The words of blocks `block …`, two of them to an element of `words`.
  private static void draw(int block, int[] key, long[] keys, int site, long[] words, int at) {
    LongVector low = LongVector.broadcast(WIDE, LOW);
    LongVector m0 = LongVector.broadcast(WIDE, MULTIPLIER_0);
    LongVector m1 = LongVector.broadcast(WIDE, MULTIPLIER_1);
    LongVector x0 = LANES.add(block);
    LongVector z0 = x0.add(BLOCKS);
    LongVector x1 = LongVector.broadcast(WIDE, site & LOW);
    LongVector z1 = x1;
    LongVector x2 = LongVector.broadcast(WIDE, key[2] & LOW);
    LongVector z2 = x2;
    LongVector x3 = LongVector.broadcast(WIDE, key[3] & LOW);
    LongVector z3 = x3;
    // The upper halves of words are never looked at: a product's low word stays where it is.
    for (int round = 0; round < ROUNDS; round++) {
      LongVector k0 = LongVector.broadcast(WIDE, keys[2 * round]);
      LongVector k1 = LongVector.broadcast(WIDE, keys[2 * round + 1]);
      LongVector p0 = x0.and(low).mul(m0);
      LongVector p1 = x2.and(low).mul(m1);
      LongVector q0 = z0.and(low).mul(m0);
      LongVector q1 = z2.and(low).mul(m1);
      x0 = mixed(p1, x1, k0);
      x2 = mixed(p0, x3, k1);
      z0 = mixed(q1, z1, k0);
      z2 = mixed(q0, z3, k1);
      x1 = p1;
      x3 = p0;
      z1 = q1;
      z3 = q0;
    }
    put(x0, x1, low, words, at);
    put(x2, x3, low, words, at + BLOCKS);
    put(z0, z1, low, words, at + 2 * BLOCKS);
    put(z2, z3, low, words, at + 3 * BLOCKS);
  }

  /// The low words of two vectors as pairs.
  private static void put(
      LongVector first, LongVector second, LongVector low, long[] words, int at) {
    first.and(low).or(second.lanewise(VectorOperators.LSHL, 32)).intoArray(words, at);
  }

  private static LongVector mixed(LongVector product, LongVector word, LongVector key) {
    return product
        .lanewise(VectorOperators.LSHR, 32)
        .lanewise(VectorOperators.XOR, word)
        .lanewise(VectorOperators.XOR, key);
  }

  /// `y (+)= x·factor` where half a word is below the threshold, else 0.
  private static void apply(
      float[] x,
      long[] words,
      float[] y,
      float factor,
      int threshold,
      boolean accumulate,
      int from,
      int count) {
    for (int word = 0; 2 * word < count; word += HALF) {
      LongVector even = LongVector.fromArray(WIDE, words, word / 2);
      LongVector odd = LongVector.fromArray(WIDE, words, word / 2 + BLOCKS);
      halves(even.rearrange(FIRST, odd), x, y, factor, threshold, accumulate, from, word);
      halves(even.rearrange(SECOND, odd), x, y, factor, threshold, accumulate, from, word + L);
    }
  }

  /// The elements whose bits are in a vector of words, which begins at `word`.
  private static void halves(
      LongVector words,
      float[] x,
      float[] y,
      float factor,
      int threshold,
      boolean accumulate,
      int from,
      int word) {
    int i = from + 2 * word - word % RUN;
    IntVector both = words.reinterpretAsInts();
    mask(both.and(0xFFFF), x, y, factor, threshold, accumulate, i);
    mask(both.lanewise(VectorOperators.LSHR, 16), x, y, factor, threshold, accumulate, i + RUN);
  }

  private static void mask(
      IntVector bits,
      float[] x,
      float[] y,
      float factor,
      int threshold,
      boolean accumulate,
      int i) {
    VectorMask<Float> kept = bits.compare(VectorOperators.LT, threshold).cast(S);
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
    int inGroup = i % DropoutReference.GROUP;
    int x0 = i / DropoutReference.GROUP * Philox.WORDS + inGroup % RUN / Philox.WORDS;
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
        switch (i % Philox.WORDS) {
          case 0 -> x0;
          case 1 -> x1;
          case 2 -> x2;
          default -> x3;
        };
    return (inGroup < RUN ? word : word >> 16) & 0xFFFF;
  }
}
