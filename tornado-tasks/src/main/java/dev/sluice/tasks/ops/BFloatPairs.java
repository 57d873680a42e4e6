package dev.sluice.tasks.ops;

import uk.ac.manchester.tornado.api.types.BFloat16;

/// Two bfloat16 numbers in one integer, the first in the lower half: four bytes are read and
/// written at once.
public final class BFloatPairs {
  private BFloatPairs() {}

  /// Packs two numbers.
  ///
  /// @param zero 0 that the compiler cannot see through: it keeps the arithmetic in 32 bits
  public static int pack(int zero, float first, float second) {
    int low = zero - ((zero - BFloat16.bf16FromFloat(first)) << 16);
    int high = zero - ((zero - BFloat16.bf16FromFloat(second)) << 16);
    return ((low >> 16) & 0xFFFF) | high;
  }

  /// The first number of a pair.
  public static float first(int pair) {
    return BFloat16.bf16ToFloat((short) pair);
  }

  /// The second number of a pair.
  public static float second(int pair) {
    return BFloat16.bf16ToFloat((short) (pair >> 16));
  }
}
