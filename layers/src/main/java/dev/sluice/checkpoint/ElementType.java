package dev.sluice.checkpoint;

import java.util.Optional;

/// Types of tensor elements that the safetensors format has, under their names in the file.
///
/// Those with a kind other than [Kind#OPAQUE] can be read as numbers.
public enum ElementType {
  /// IEEE half precision.
  F16(2, Kind.FLOATING),
  /// The upper half of a float.
  BF16(2, Kind.FLOATING),
  /// IEEE single precision.
  F32(4, Kind.FLOATING),
  /// IEEE double precision; rounded to float when read.
  F64(8, Kind.FLOATING),
  /// One byte, 0 or 1.
  BOOL(1, Kind.INTEGER),
  /// Unsigned byte.
  U8(1, Kind.INTEGER),
  /// Signed byte.
  I8(1, Kind.INTEGER),
  /// Unsigned 16 bits.
  U16(2, Kind.INTEGER),
  /// Signed 16 bits.
  I16(2, Kind.INTEGER),
  /// Unsigned 32 bits.
  U32(4, Kind.INTEGER),
  /// Signed 32 bits.
  I32(4, Kind.INTEGER),
  /// Unsigned 64 bits.
  U64(8, Kind.INTEGER),
  /// Signed 64 bits.
  I64(8, Kind.INTEGER),
  /// Eight bits with 4 of exponent: listed, not read.
  F8_E4M3(1, Kind.OPAQUE),
  /// Eight bits with 5 of exponent: listed, not read.
  F8_E5M2(1, Kind.OPAQUE),
  /// A power of two as eight bits: listed, not read.
  F8_E8M0(1, Kind.OPAQUE),
  /// Two floats: listed, not read.
  C64(8, Kind.OPAQUE);

  /// What an element is.
  public enum Kind {
    /// Can be read as float.
    FLOATING,
    /// Can be read as int.
    INTEGER,
    /// Cannot be read here.
    OPAQUE
  }

  private final int bytes;
  private final Kind kind;

  ElementType(int bytes, Kind kind) {
    this.bytes = bytes;
    this.kind = kind;
  }

  /// Bytes of an element.
  public int bytes() {
    return bytes;
  }

  /// What an element is.
  public Kind kind() {
    return kind;
  }

  /// The type of that name, if there is one.
  static Optional<ElementType> of(String name) {
    for (ElementType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
