package dev.sluice.tasks.ops.l2norm;

import dev.sluice.embedded.HostTask;
import dev.sluice.tasks.host.BlockTask;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Division of rows by their length with the Vector API.
final class L2NormHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private L2NormHost() {}

  /// `y[r,d] = x[r,d]·s[r]`, `s[r] = 1/√(Σ_d x[r,d]² + eps)`
  ///
  /// @param x `[R, D]`, Read
  /// @param y `[R, D]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  static HostTask forward(float[] x, float[] y, float[] s, float eps, int R, int D) {
    return BlockTask.rows(
        R,
        D,
        (from, to) -> {
          for (int r = from; r < to; r++) {
            float reciprocal = 1.0f / (float) Math.sqrt(dot(x, x, r * D, D) + eps);
            s[r] = reciprocal;
            scaled(x, y, r * D, D, reciprocal);
          }
        });
  }

  /// `dX (+)= s·(dY − x·s²·Σ_d dY·x)`
  ///
  /// @param x `[R, D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulate`
  /// @param s `[R]`, Read; of the forward pass
  static HostTask backward(
      float[] x, float[] dY, float[] dX, float[] s, boolean accumulate, int R, int D) {
    return BlockTask.rows(
        R,
        D,
        (from, to) -> {
          for (int r = from; r < to; r++) {
            float along = dot(dY, x, r * D, D) * s[r] * s[r];
            gradient(x, dY, dX, r * D, D, s[r], along, accumulate);
          }
        });
  }

  private static float dot(float[] a, float[] b, int at, int D) {
    FloatVector sums = FloatVector.zero(S);
    int d = 0;
    for (; d + L <= D; d += L) {
      sums = FloatVector.fromArray(S, a, at + d).fma(FloatVector.fromArray(S, b, at + d), sums);
    }
    float sum = VectorMath.sum(sums);
    for (; d < D; d++) {
      sum = Math.fma(a[at + d], b[at + d], sum);
    }
    return sum;
  }

  private static void scaled(float[] x, float[] y, int at, int D, float factor) {
    int d = 0;
    for (; d + L <= D; d += L) {
      FloatVector.fromArray(S, x, at + d).mul(factor).intoArray(y, at + d);
    }
    for (; d < D; d++) {
      y[at + d] = x[at + d] * factor;
    }
  }

  private static void gradient(
      float[] x,
      float[] dY,
      float[] dX,
      int at,
      int D,
      float reciprocal,
      float along,
      boolean accumulate) {
    int d = 0;
    for (; d + L <= D; d += L) {
      FloatVector off = FloatVector.fromArray(S, x, at + d).mul(along);
      FloatVector value = FloatVector.fromArray(S, dY, at + d).sub(off).mul(reciprocal);
      value = accumulate ? value.add(FloatVector.fromArray(S, dX, at + d)) : value;
      value.intoArray(dX, at + d);
    }
    for (; d < D; d++) {
      float value = (dY[at + d] - x[at + d] * along) * reciprocal;
      dX[at + d] = accumulate ? dX[at + d] + value : value;
    }
  }
}
