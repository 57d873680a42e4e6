package dev.sluice.tasks.random;

/// A sequence of random numbers that is a function of `(seed, purpose, index)` alone: block `n` of
/// the sequence is Philox with the seed as key and the counter `(n, purpose, index low, index
/// high)`.
///
/// For the host: examples, permutations, initial parameters, sampling. Not for use by several
/// threads at once.
public final class RandomStream {
  private static final double TWO_POW_MINUS_53 = 0x1p-53;

  private final long seed;
  private final int purpose;
  private final long index;
  private final int[] words = new int[Philox.WORDS];
  private int block;
  private int used = Philox.WORDS;

  /// Starts the sequence.
  ///
  /// @param purpose keeps sequences of one seed apart: each use of random numbers has its own
  ///   constant
  /// @param index which sequence of that purpose, for instance the number of an example
  public RandomStream(long seed, int purpose, long index) {
    this.seed = seed;
    this.purpose = purpose;
    this.index = index;
  }

  /// The next 32 random bits.
  public int next() {
    if (used == Philox.WORDS) {
      Philox.block(block++, purpose, (int) index, (int) (index >> 32), seed, words, 0);
      used = 0;
    }
    return words[used++];
  }

  /// A number from 0 to `bound` − 1, all equally likely (Lemire: "Fast random integer generation in
  /// an interval", 2019).
  ///
  /// @throws IllegalArgumentException if `bound` is not positive
  public int below(int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException(
          "bound " + bound + " of a random number: must be positive");
    }
    long product = Integer.toUnsignedLong(next()) * bound;
    int threshold = Integer.remainderUnsigned(-bound, bound);
    while (Integer.compareUnsigned((int) product, threshold) < 0) {
      product = Integer.toUnsignedLong(next()) * bound;
    }
    return (int) (product >> 32);
  }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  public double uniform() {
    long high = next() & 0xFFFFFFFFL;
    long low = next() & 0xFFFFFFFFL;
    return (((high << 32) | low) >>> 11) * TWO_POW_MINUS_53;
  }

  /// A number of the standard normal distribution (Box and Muller, one of the two). `StrictMath`,
  /// so that it is the same number on every machine.
  public double normal() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
    return radius * StrictMath.cos(2 * StrictMath.PI * uniform());
  }
}
