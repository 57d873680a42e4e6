package dev.sluice.tasks.ops.dropout;

import dev.sluice.embedded.HostTask;
import dev.sluice.tasks.host.BlockTask;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.random.Philox;
import jdk.incubator.vector.FloatVector;
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

  /// Elements of so many blocks: two vectors of words.
  private static final int GROUP = 2 * L;

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
    return BlockTask.elements(
        size,
        (from, to) -> {
          int i = from;
          for (; i + GROUP <= to; i += GROUP) {
            group(x, key, y, factor, threshold, site, accumulate, i);
          }
          rest(x, key, y, factor, threshold, site, accumulate, i, to);
        });
  }

  private static void group(
      float[] x,
      int[] key,
      float[] y,
      float factor,
      int threshold,
      int site,
      boolean accumulate,
      int i) {
    LongVector x0 = LANES.add(i / Philox.WORDS);
    LongVector x1 = LongVector.broadcast(WIDE, site & LOW);
    LongVector x2 = LongVector.broadcast(WIDE, key[2] & LOW);
    LongVector x3 = LongVector.broadcast(WIDE, key[3] & LOW);
    int k0 = key[0];
    int k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
      LongVector p0 = x0.mul(MULTIPLIER_0);
      LongVector p1 = x2.mul(MULTIPLIER_1);
      x0 =
          p1.lanewise(VectorOperators.LSHR, 32)
              .lanewise(VectorOperators.XOR, x1)
              .lanewise(VectorOperators.XOR, k0 & LOW);
      x1 = p1.and(LOW);
      x2 =
          p0.lanewise(VectorOperators.LSHR, 32)
              .lanewise(VectorOperators.XOR, x3)
              .lanewise(VectorOperators.XOR, k1 & LOW);
      x3 = p0.and(LOW);
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    LongVector even = x0.or(x1.lanewise(VectorOperators.LSHL, 32));
    LongVector odd = x2.or(x3.lanewise(VectorOperators.LSHL, 32));
    put(even.rearrange(FIRST, odd), x, y, factor, threshold, accumulate, i);
    put(even.rearrange(SECOND, odd), x, y, factor, threshold, accumulate, i + L);
  }

  private static void put(
      LongVector words,
      float[] x,
      float[] y,
      float factor,
      int threshold,
      boolean accumulate,
      int i) {
    VectorMask<Float> kept =
        words
            .reinterpretAsInts()
            .lanewise(VectorOperators.LSHR, 8)
            .compare(VectorOperators.LT, threshold)
            .cast(S);
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
      boolean kept = ((word(i, site, key) >> 8) & 0xFFFFFF) < threshold;
      float value = kept ? x[i] * factor : 0.0f;
      y[i] = accumulate ? value + y[i] : value;
    }
  }

  /// The word of element `i`.
  private static int word(int i, int site, int[] key) {
    int x0 = i / Philox.WORDS;
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
    return switch (i % Philox.WORDS) {
      case 0 -> x0;
      case 1 -> x1;
      case 2 -> x2;
      default -> x3;
    };
  }
}
