package uk.ac.manchester.tornado.api.types.vectors;

import uk.ac.manchester.tornado.api.types.HalfFloat;

/// Two half floats, loaded and stored as one.
public final class Half2 {

  private HalfFloat x;
  private HalfFloat y;

  /// Two zeros.
  public Half2() {
    this(new HalfFloat((short) 0), new HalfFloat((short) 0));
  }

  /// @param x first
  /// @param y second
  public Half2(HalfFloat x, HalfFloat y) {
    this.x = x;
    this.y = y;
  }

  /// @return the first number as a float
  public static float lowFloat(Half2 a) {
    return a.x.getFloat32();
  }

  /// @return the second number as a float
  public static float highFloat(Half2 a) {
    return a.y.getFloat32();
  }

  /// @return both numbers, rounded
  public static Half2 fromFloats(float x, float y) {
    return new Half2(new HalfFloat(x), new HalfFloat(y));
  }

  /// @return the first number
  public HalfFloat getX() {
    return x;
  }

  /// @param value the first number
  public void setX(HalfFloat value) {
    x = value;
  }

  /// @return the second number
  public HalfFloat getY() {
    return y;
  }

  /// @param value the second number
  public void setY(HalfFloat value) {
    y = value;
  }
}
