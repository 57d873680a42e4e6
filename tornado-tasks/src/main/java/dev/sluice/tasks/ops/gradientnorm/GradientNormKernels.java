package dev.sluice.tasks.ops.gradientnorm;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The length of all gradients together. Lane j sums the squares of elements j, j + LANES, … of
/// every gradient in turn, so that the order of addition is fixed.
public final class GradientNormKernels {
  /// Work-items that sum squares: as many as keep a GPU busy.
  public static final int LANES = 16384;

  /// Work-items of the group that sums their sums.
  public static final int GROUP = 256;

  private GradientNormKernels() {}

  /// `sums[j] (+)= Σ g[i]²` over elements `i = j mod LANES` of eight gradients
  ///
  /// @param a gradient of `sizeA` elements, Read; so `b` to `h`; a size of 0 leaves one out
  /// @param sums `[LANES]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void addSquares(
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray d,
      FloatArray e,
      FloatArray f,
      FloatArray g,
      FloatArray h,
      FloatArray sums,
      int sizeA,
      int sizeB,
      int sizeC,
      int sizeD,
      int sizeE,
      int sizeF,
      int sizeG,
      int sizeH,
      int accumulate) {
    for (@Parallel int j = 0; j < LANES; j++) {
      float sum = accumulate == 1 ? sums.get(j) : 0.0f;
      sum += squares(a, j, sizeA);
      sum += squares(b, j, sizeB);
      sum += squares(c, j, sizeC);
      sum += squares(d, j, sizeD);
      sum += squares(e, j, sizeE);
      sum += squares(f, j, sizeF);
      sum += squares(g, j, sizeG);
      sum += squares(h, j, sizeH);
      sums.set(j, sum);
    }
  }

  private static float squares(FloatArray gradient, int lane, int size) {
    float sum = 0.0f;
    for (int i = lane; i < size; i += LANES) {
      sum += gradient.get(i) * gradient.get(i);
    }
    return sum;
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

  /// As [#finish], by one group of [#GROUP].
  ///
  /// @param sums `[LANES]`, Read
  /// @param norm `[1]`, Overwritten
  public static void finishGrouped(KernelContext context, FloatArray sums, FloatArray norm) {
    float[] partial = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    float sum = 0.0f;
    for (int j = item; j < LANES; j += GROUP) {
      sum += sums.get(j);
    }
    partial[item] = sum;
    for (int width = GROUP / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (item < width) {
        partial[item] += partial[item + width];
      }
    }
    if (item == 0) {
      norm.set(0, TornadoMath.sqrt(partial[0]));
    }
  }
}
