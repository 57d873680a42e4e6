package dev.sluice.checkpoint;

import java.nio.ByteBuffer;

/// Converts between the bytes of a file (little endian, the order of the given buffer) and Java
/// arrays.
final class Elements {
  private Elements() {}

  /// Reads `count` floating numbers from the buffer's position on.
  static void decode(ElementType type, ByteBuffer data, float[] into, int offset, int count) {
    switch (type) {
      case F32 -> data.asFloatBuffer().get(into, offset, count);
      case F16 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = Float.float16ToFloat(data.getShort());
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = Float.intBitsToFloat(data.getShort() << 16);
        }
      }
      case F64 -> {
        for (int i = 0; i < count; i++) {
          into[offset + i] = (float) data.getDouble();
        }
      }
      default -> throw new IllegalArgumentException(type + " is not a floating type");
    }
  }

  /// Reads `count` integers from the buffer's position on.
  ///
  /// @throws ArithmeticException if one is beyond int; the message is the number
  static void decode(ElementType type, ByteBuffer data, int[] into, int offset, int count) {
    for (int i = 0; i < count; i++) {
      into[offset + i] =
          switch (type) {
            case BOOL, U8 -> Byte.toUnsignedInt(data.get());
            case I8 -> data.get();
            case U16 -> Short.toUnsignedInt(data.getShort());
            case I16 -> data.getShort();
            case I32 -> data.getInt();
            case U32 -> toInt(Integer.toUnsignedLong(data.getInt()));
            case I64 -> toInt(data.getLong());
            case U64 -> unsignedToInt(data.getLong());
            default -> throw new IllegalArgumentException(type + " is not an integer type");
          };
    }
  }

  /// Appends `count` floats to the buffer, rounded to nearest even.
  static void encode(ElementType type, float[] from, int offset, int count, ByteBuffer data) {
    for (int i = offset; i < offset + count; i++) {
      switch (type) {
        case F32 -> data.putFloat(from[i]);
        case F16 -> data.putShort(Float.floatToFloat16(from[i]));
        case BF16 -> data.putShort(toBfloat16(from[i]));
        case F64 -> data.putDouble(from[i]);
        default -> throw new IllegalArgumentException(type + " is not a floating type");
      }
    }
  }

  /// Appends `count` ints to the buffer.
  static void encode(ElementType type, int[] from, int offset, int count, ByteBuffer data) {
    for (int i = offset; i < offset + count; i++) {
      switch (type) {
        case I32 -> data.putInt(from[i]);
        case I64 -> data.putLong(from[i]);
        default -> throw new IllegalArgumentException(type + " cannot be written from ints");
      }
    }
  }

  /// The upper half of a float, rounded to nearest even; a NaN stays a NaN.
  private static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  private static int toInt(long value) {
    if (value != (int) value) {
      throw new ArithmeticException(Long.toString(value));
    }
    return (int) value;
  }

  private static int unsignedToInt(long value) {
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new ArithmeticException(Long.toUnsignedString(value));
    }
    return (int) value;
  }
}
