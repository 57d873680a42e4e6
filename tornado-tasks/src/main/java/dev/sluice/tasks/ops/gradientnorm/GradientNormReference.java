package dev.sluice.tasks.ops.gradientnorm;

import java.util.List;

/// The length of all gradients together in double precision.
public final class GradientNormReference {
  private GradientNormReference() {}

  /// `√(Σ over all elements of all gradients, squared)`
  public static double forward(List<double[]> gradients) {
    double sum = 0;
    for (double[] gradient : gradients) {
      for (double value : gradient) {
        sum += value * value;
      }
    }
    return Math.sqrt(sum);
  }
}
