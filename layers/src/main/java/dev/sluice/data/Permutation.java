package dev.sluice.data;

import dev.sluice.tasks.random.Philox;

/// A random order of 0 … size−1 that is a function of seed and epoch and is not stored: a Feistel
/// network over the smallest square power of two that holds `size` (Luby and Rackoff: "How to
/// construct pseudorandom permutations from pseudorandom functions", 1988), walked along its cycle
/// until the number is below `size` (Black and Rogaway: "Ciphers with arbitrary finite domains",
/// 2002); at most four times as many numbers as wanted, so about four steps at most.
final class Permutation {
  private static final int ROUNDS = 8;
  private static final int PURPOSE = 0x50520000;

  private final long size;
  private final long seed;
  private final long epoch;
  private final int halfBits;
  private final int[] words = new int[Philox.WORDS];

  Permutation(long size, long seed, long epoch) {
    this.size = size;
    this.seed = seed;
    this.epoch = epoch;
    this.halfBits = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
  }

  /// Where the order puts `index`.
  long apply(long index) {
    long image = index;
    do {
      image = encipher(image);
    } while (image >= size);
    return image;
  }

  private long encipher(long number) {
    long mask = (1L << halfBits) - 1;
    long left = number >>> halfBits;
    long right = number & mask;
    for (int round = 0; round < ROUNDS; round++) {
      Philox.block((int) right, PURPOSE + round, (int) epoch, (int) (epoch >> 32), seed, words, 0);
      long mixed = left ^ (Integer.toUnsignedLong(words[0]) & mask);
      left = right;
      right = mixed;
    }
    return (left << halfBits) | right;
  }
}
