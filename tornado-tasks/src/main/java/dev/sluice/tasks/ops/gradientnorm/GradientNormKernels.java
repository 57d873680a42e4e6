package dev.sluice.tasks.ops.gradientnorm;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The length of all gradients together. Lane j sums the squares of elements j, j + LANES, … of
/// every gradient in turn, so that the order of addition is fixed.
public final class GradientNormKernels {
  /// Work-items that sum.
  public static final int LANES = 1024;

  private GradientNormKernels() {}

  /// `sums[j] (+)= Σ g[i]²` over elements `i = j mod LANES` of four gradients
  ///
  /// @param a gradient of `sizeA` elements, Read; so `b`, `c`, `d`; a size of 0 leaves one out
  /// @param sums `[LANES]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void addSquares(
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray d,
      FloatArray sums,
      int sizeA,
      int sizeB,
      int sizeC,
      int sizeD,
      int accumulate) {
    for (@Parallel int j = 0; j < LANES; j++) {
      float sum = accumulate == 1 ? sums.get(j) : 0.0f;
      for (int i = j; i < sizeA; i += LANES) {
        sum += a.get(i) * a.get(i);
      }
      for (int i = j; i < sizeB; i += LANES) {
        sum += b.get(i) * b.get(i);
      }
      for (int i = j; i < sizeC; i += LANES) {
        sum += c.get(i) * c.get(i);
      }
      for (int i = j; i < sizeD; i += LANES) {
        sum += d.get(i) * d.get(i);
      }
      sums.set(j, sum);
    }
  }

  /// `norm = √(Σ_j sums[j])`
  ///
  /// @param sums `[LANES]`, Read
  /// @param norm `[1]`, Overwritten
  public static void finish(FloatArray sums, FloatArray norm) {
    for (@Parallel int i = 0; i < 1; i++) {
      float sum = 0.0f;
      for (int j = 0; j < LANES; j++) {
        sum += sums.get(j);
      }
      norm.set(i, TornadoMath.sqrt(sum));
    }
  }
}
