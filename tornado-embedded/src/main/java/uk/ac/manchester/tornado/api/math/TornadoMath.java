package uk.ac.manchester.tornado.api.math;

/// Mathematical functions of kernels, by their usual names; those of `float` are rounded from
/// `double`.
///
/// On a device each becomes the device's own function.
public final class TornadoMath {

  private TornadoMath() {}

  /// @return the lesser
  public static float min(float a, float b) {
    return Math.min(a, b);
  }

  /// @return the greater
  public static float max(float a, float b) {
    return Math.max(a, b);
  }

  /// @return the magnitude
  public static float abs(float a) {
    return Math.abs(a);
  }

  /// @return `value`, brought into the range from `least` to `greatest`
  public static float clamp(float value, float least, float greatest) {
    return Math.max(least, Math.min(greatest, value));
  }

  /// @return the lesser
  public static double min(double a, double b) {
    return Math.min(a, b);
  }

  /// @return the greater
  public static double max(double a, double b) {
    return Math.max(a, b);
  }

  /// @return the magnitude
  public static double abs(double a) {
    return Math.abs(a);
  }

  /// @return `value`, brought into the range from `least` to `greatest`
  public static double clamp(double value, double least, double greatest) {
    return Math.max(least, Math.min(greatest, value));
  }

  /// @return the lesser
  public static long min(long a, long b) {
    return Math.min(a, b);
  }

  /// @return the greater
  public static long max(long a, long b) {
    return Math.max(a, b);
  }

  /// @return the magnitude
  public static long abs(long a) {
    return Math.abs(a);
  }

  /// @return `value`, brought into the range from `least` to `greatest`
  public static long clamp(long value, long least, long greatest) {
    return Math.max(least, Math.min(greatest, value));
  }

  /// @return the lesser
  public static int min(int a, int b) {
    return Math.min(a, b);
  }

  /// @return the greater
  public static int max(int a, int b) {
    return Math.max(a, b);
  }

  /// @return the magnitude
  public static int abs(int a) {
    return Math.abs(a);
  }

  /// @return `value`, brought into the range from `least` to `greatest`
  public static int clamp(int value, int least, int greatest) {
    return Math.max(least, Math.min(greatest, value));
  }

  /// @return e^x
  public static float exp(float x) {
    return (float) Math.exp(x);
  }

  /// @return e^x
  public static double exp(double x) {
    return Math.exp(x);
  }

  /// @return √x
  public static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }

  /// @return √x
  public static double sqrt(double x) {
    return Math.sqrt(x);
  }

  /// @return the greatest whole number not above x
  public static float floor(float x) {
    return (float) Math.floor(x);
  }

  /// @return the greatest whole number not above x
  public static double floor(double x) {
    return Math.floor(x);
  }

  /// @return the natural logarithm
  public static float log(float x) {
    return (float) Math.log(x);
  }

  /// @return the natural logarithm
  public static double log(double x) {
    return Math.log(x);
  }

  /// @return the arc tangent
  public static float atan(float x) {
    return (float) Math.atan(x);
  }

  /// @return the arc tangent
  public static double atan(double x) {
    return Math.atan(x);
  }

  /// @return the tangent
  public static float tan(float x) {
    return (float) Math.tan(x);
  }

  /// @return the tangent
  public static double tan(double x) {
    return Math.tan(x);
  }

  /// @return the hyperbolic tangent
  public static float tanh(float x) {
    return (float) Math.tanh(x);
  }

  /// @return the hyperbolic tangent
  public static double tanh(double x) {
    return Math.tanh(x);
  }

  /// @return the arc cosine
  public static float acos(float x) {
    return (float) Math.acos(x);
  }

  /// @return the arc cosine
  public static double acos(double x) {
    return Math.acos(x);
  }

  /// @return the arc sine
  public static float asin(float x) {
    return (float) Math.asin(x);
  }

  /// @return the arc sine
  public static double asin(double x) {
    return Math.asin(x);
  }

  /// @return the cosine
  public static float cos(float x) {
    return (float) Math.cos(x);
  }

  /// @return the cosine
  public static double cos(double x) {
    return Math.cos(x);
  }

  /// @return the sine
  public static float sin(float x) {
    return (float) Math.sin(x);
  }

  /// @return the sine
  public static double sin(double x) {
    return Math.sin(x);
  }

  /// @return the least whole number not below x
  public static float ceil(float x) {
    return (float) Math.ceil(x);
  }

  /// @return the least whole number not below x
  public static double ceil(double x) {
    return Math.ceil(x);
  }

  /// @return -1, 0 or 1
  public static float signum(float x) {
    return Math.signum(x);
  }

  /// @return x - ⌊x⌋
  public static float fract(float x) {
    return x - floor(x);
  }

  /// @return the logarithm to base 2
  public static float log2(float x) {
    return (float) (Math.log(x) / Math.log(2));
  }

  /// @return x^y
  public static float pow(float x, float y) {
    return (float) Math.pow(x, y);
  }

  /// @return the angle of the point (x, y)
  public static float atan2(float y, float x) {
    return (float) Math.atan2(y, x);
  }

  /// @return the inverse hyperbolic sine
  public static float asinh(float x) {
    return (float) Math.log(x + Math.sqrt((double) x * x + 1));
  }

  /// @return the inverse hyperbolic cosine
  public static float acosh(float x) {
    return (float) Math.log(x + Math.sqrt((double) x * x - 1));
  }

  /// @return sin(πx)
  public static float sinpi(float x) {
    return (float) Math.sin(x * Math.PI);
  }

  /// @return cos(πx)
  public static float cospi(float x) {
    return (float) Math.cos(x * Math.PI);
  }

  /// @return -1, 0 or 1
  public static double signum(double x) {
    return Math.signum(x);
  }

  /// @return x - ⌊x⌋
  public static double fract(double x) {
    return x - floor(x);
  }

  /// @return the logarithm to base 2
  public static double log2(double x) {
    return (Math.log(x) / Math.log(2));
  }

  /// @return x^y
  public static double pow(double x, double y) {
    return Math.pow(x, y);
  }

  /// @return the angle of the point (x, y)
  public static double atan2(double y, double x) {
    return Math.atan2(y, x);
  }

  /// @return the inverse hyperbolic sine
  public static double asinh(double x) {
    return Math.log(x + Math.sqrt(x * x + 1));
  }

  /// @return the inverse hyperbolic cosine
  public static double acosh(double x) {
    return Math.log(x + Math.sqrt(x * x - 1));
  }

  /// @return sin(πx)
  public static double sinpi(double x) {
    return Math.sin(x * Math.PI);
  }

  /// @return cos(πx)
  public static double cospi(double x) {
    return Math.cos(x * Math.PI);
  }

  /// @return π
  public static float floatPI() {
    return (float) Math.PI;
  }

  /// @return π
  public static double PI() {
    return Math.PI;
  }
}
