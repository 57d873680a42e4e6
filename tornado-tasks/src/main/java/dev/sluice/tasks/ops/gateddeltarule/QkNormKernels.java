package dev.sluice.tasks.ops.gateddeltarule;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The L2 norm of `q` and `k` before and behind a form that takes them divided by their length.
///
/// A row has [#LANES] work-items, which read neighbours of it at a time and add up what they found
/// in the same order.
public final class QkNormKernels {
  /// Work-items of a group.
  public static final int GROUP = 256;

  /// Rows of a group.
  public static final int ROWS = 8;

  private static final int LANES = GROUP / ROWS;

  private QkNormKernels() {}

  /// `y[r] = x[r] s[r]`, `s[r] = 1/√(Σ_d x[r,d]² + eps)`; groups `(⌈R/8⌉)`.
  ///
  /// @param x `[R, K]`, Read
  /// @param y `[R, K]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  public static void divideByLength(
      KernelContext context, FloatArray x, FloatArray y, FloatArray s, float eps, int R, int K) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int r = context.groupIdx * ROWS + item / LANES;
    float sum = 0.0f;
    if (r < R) {
      for (int d = item % LANES; d < K; d += LANES) {
        float value = x.get(r * K + d);
        sum += value * value;
      }
    }
    sums[item] = sum;
    context.localBarrier();
    float squares = eps;
    for (int i = 0; i < LANES; i++) {
      squares += sums[item / LANES * LANES + i];
    }
    if (r < R) {
      float reciprocal = 1.0f / TornadoMath.sqrt(squares);
      for (int d = item % LANES; d < K; d += LANES) {
        y.set(r * K + d, x.get(r * K + d) * reciprocal);
      }
      if (item % LANES == 0) {
        s.set(r, reciprocal);
      }
    }
  }

  /// From the gradient of `y` to that of `x`: `d ← s (d − y (y·d))`; groups `(⌈R/8⌉)`.
  ///
  /// @param y `[R, K]`, Read; of the forward pass
  /// @param s `[R]`, Read; of the forward pass
  /// @param d `[R, K]`, Read and Overwritten
  public static void throughNorm(
      KernelContext context, FloatArray y, FloatArray s, FloatArray d, int R, int K) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int r = context.groupIdx * ROWS + item / LANES;
    float sum = 0.0f;
    if (r < R) {
      for (int i = item % LANES; i < K; i += LANES) {
        sum += y.get(r * K + i) * d.get(r * K + i);
      }
    }
    sums[item] = sum;
    context.localBarrier();
    float along = 0.0f;
    for (int i = 0; i < LANES; i++) {
      along += sums[item / LANES * LANES + i];
    }
    if (r < R) {
      float factor = s.get(r);
      for (int i = item % LANES; i < K; i += LANES) {
        float across = d.get(r * K + i) - y.get(r * K + i) * along;
        d.set(r * K + i, factor * across);
      }
    }
  }
}
