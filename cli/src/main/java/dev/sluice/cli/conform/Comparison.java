package dev.sluice.cli.conform;

/// One tensor of ours beside the one that it should equal.
///
/// @param what file and case
/// @param implementation how ours was computed
/// @param tensor its name
/// @param error rms(ours − theirs) / rms(theirs); absolute where theirs is zero
/// @param tolerance the largest error that passes
record Comparison(
    String what, String implementation, String tensor, double error, double tolerance) {
  private static final double ABSOLUTE = 1e-6;

  static Comparison of(
      String what,
      String implementation,
      String tensor,
      float[] ours,
      float[] theirs,
      double tolerance) {
    if (ours.length != theirs.length) {
      return new Comparison(what, implementation, tensor, Double.POSITIVE_INFINITY, tolerance);
    }
    double difference = 0;
    double reference = 0;
    for (int i = 0; i < ours.length; i++) {
      double d = (double) ours[i] - theirs[i];
      difference += d * d;
      reference += (double) theirs[i] * theirs[i];
    }
    if (reference == 0) {
      double absolute = ours.length == 0 ? 0 : Math.sqrt(difference / ours.length);
      return new Comparison(what, implementation, tensor, absolute, ABSOLUTE);
    }
    return new Comparison(
        what, implementation, tensor, Math.sqrt(difference / reference), tolerance);
  }

  /// A comparison that could not be made, and so fails.
  static Comparison failed(String what, String implementation, String reason) {
    return new Comparison(what, implementation, reason, Double.POSITIVE_INFINITY, 0);
  }

  /// Whether the error is within the tolerance; NaN never is.
  boolean agrees() {
    return error <= tolerance;
  }
}
