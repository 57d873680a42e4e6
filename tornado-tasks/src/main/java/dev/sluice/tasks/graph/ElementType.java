package dev.sluice.tasks.graph;

/// What an element of a tensor is.
public enum ElementType {
  /// IEEE 754 binary32.
  FLOAT32(4),
  /// Two's complement 32-bit integer.
  INT32(4),
  /// IEEE 754 binary16, for matrix units.
  FLOAT16(2),
  /// bfloat16, for matrix units.
  BFLOAT16(2);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /// Bytes of one element.
  public int bytes() {
    return bytes;
  }
}
