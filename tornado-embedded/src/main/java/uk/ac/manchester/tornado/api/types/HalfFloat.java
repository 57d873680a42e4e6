package uk.ac.manchester.tornado.api.types;

/// An IEEE 754 binary16 number. Operations round once, to nearest even.
public class HalfFloat {

  private final short bits;

  /// @param value rounded to the nearest half float
  public HalfFloat(float value) {
    bits = Float.floatToFloat16(value);
  }

  /// @param bits a bit pattern
  public HalfFloat(short bits) {
    this.bits = bits;
  }

  /// @return `a + b`
  public static HalfFloat add(HalfFloat a, HalfFloat b) {
    return new HalfFloat(a.getFloat32() + b.getFloat32());
  }

  /// @return `a - b`
  public static HalfFloat sub(HalfFloat a, HalfFloat b) {
    return new HalfFloat(a.getFloat32() - b.getFloat32());
  }

  /// @return `a · b`
  public static HalfFloat mult(HalfFloat a, HalfFloat b) {
    return new HalfFloat(a.getFloat32() * b.getFloat32());
  }

  /// @return `a / b`
  public static HalfFloat div(HalfFloat a, HalfFloat b) {
    return new HalfFloat(a.getFloat32() / b.getFloat32());
  }

  /// @return the bit pattern
  public short getHalfFloatValue() {
    return bits;
  }

  /// @return the number as a float, exactly
  public float getFloat32() {
    return Float.float16ToFloat(bits);
  }

  @Override
  public String toString() {
    return Float.toString(getFloat32());
  }
}
