package uk.ac.manchester.tornado.api.types;

/// bfloat16: the upper half of an IEEE 754 binary32 number.
public final class BFloat16 {

  /// The largest finite value.
  public static final float BF16_MAX = 3.3895314e38f;

  private BFloat16() {}

  /// @param bits a bit pattern
  /// @return the number, exactly
  public static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /// Rounds to the nearest bfloat16, ties away from zero; beyond the largest finite value to
  /// infinity, both zeros to +0, every NaN to `0x7FC0`.
  ///
  /// @param value any number
  /// @return its bit pattern
  public static short bf16FromFloat(float value) {
    if (Float.isNaN(value)) {
      return 0x7FC0;
    }
    if (value == 0f) {
      return 0;
    }
    return (short) ((Float.floatToRawIntBits(value) + 0x8000) >> 16);
  }
}
