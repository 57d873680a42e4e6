package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The loops of [LinearCrossEntropyHost] beside its products.
final class LinearCrossEntropyLoops {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private LinearCrossEntropyLoops() {}

  /// `m_i = max_j a_ji`. Comparing and choosing takes less than half the time of the vectors'
  /// `max`, which looks for NaN and −0.
  ///
  /// @param a `[words, ld]`
  /// @param size columns; up to a whole vector more are computed
  static void maxima(float[] a, int offset, int ld, int words, int size, float[] m, int mo) {
    for (int i = 0; i < size; i += L) {
      FloatVector.fromArray(S, a, offset + i).intoArray(m, mo + i);
    }
    for (int j = 1; j < words; j += 4) {
      int p = offset + j * ld;
      int q = offset + Math.min(j + 1, words - 1) * ld;
      int r = offset + Math.min(j + 2, words - 1) * ld;
      int s = offset + Math.min(j + 3, words - 1) * ld;
      for (int i = 0; i < size; i += L) {
        FloatVector v = FloatVector.fromArray(S, a, p + i);
        FloatVector w = FloatVector.fromArray(S, a, q + i);
        FloatVector x = FloatVector.fromArray(S, a, r + i);
        FloatVector y = FloatVector.fromArray(S, a, s + i);
        FloatVector z = FloatVector.fromArray(S, m, mo + i);
        v = v.blend(w, w.compare(VectorOperators.GT, v));
        x = x.blend(y, y.compare(VectorOperators.GT, x));
        v = v.blend(x, x.compare(VectorOperators.GT, v));
        z.blend(v, v.compare(VectorOperators.GT, z)).intoArray(m, mo + i);
      }
    }
  }

  /// `a_ji ← e^{a_ji − largest_i}`, `s_i = Σ_j a_ji`, two `j` at a time.
  ///
  /// @param size columns; up to a whole vector more are computed
  static void exponentials(
      float[] a, int offset, int ld, int words, int size, float[] s, int largest, int sums) {
    for (int i = 0; i < size; i += L) {
      FloatVector.zero(S).intoArray(s, sums + i);
    }
    int pairs = words / 2;
    for (int j = 0; j < pairs; j++) {
      int p = offset + 2 * j * ld;
      int q = p + ld;
      for (int i = 0; i < size; i += L) {
        FloatVector most = FloatVector.fromArray(S, s, largest + i);
        FloatVector x = VectorMath.expBelow(FloatVector.fromArray(S, a, p + i).sub(most));
        FloatVector y = VectorMath.expBelow(FloatVector.fromArray(S, a, q + i).sub(most));
        x.intoArray(a, p + i);
        y.intoArray(a, q + i);
        FloatVector.fromArray(S, s, sums + i).add(x.add(y)).intoArray(s, sums + i);
      }
    }
    if (2 * pairs < words) {
      int p = offset + 2 * pairs * ld;
      for (int i = 0; i < size; i += L) {
        FloatVector most = FloatVector.fromArray(S, s, largest + i);
        FloatVector x = VectorMath.expBelow(FloatVector.fromArray(S, a, p + i).sub(most));
        x.intoArray(a, p + i);
        FloatVector.fromArray(S, s, sums + i).add(x).intoArray(s, sums + i);
      }
    }
  }

  static void multiply(float[] a, int offset, int size, float factor) {
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector.fromArray(S, a, offset + i).mul(factor).intoArray(a, offset + i);
    }
    for (; i < size; i++) {
      a[offset + i] *= factor;
    }
  }

  /// `y ← factor·Σ_p x_p`
  ///
  /// @param step elements from one `x_p` to the next
  static void addUp(
      float[] x, int xo, int step, int number, float factor, float[] y, int yo, int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector sum = FloatVector.fromArray(S, x, xo + i);
      for (int p = 1; p < number; p++) {
        sum = FloatVector.fromArray(S, x, xo + p * step + i).add(sum);
      }
      Lanes.EXACT.cast(sum).mul(factor).intoArray(y, yo + i);
    }
    for (; i < size; i++) {
      float sum = x[xo + i];
      for (int p = 1; p < number; p++) {
        sum += x[xo + p * step + i];
      }
      y[yo + i] = sum * factor;
    }
  }

  /// `y ← y − factor·x`
  static void subtract(float[] x, int xo, float factor, float[] y, int yo, int size) {
    FloatVector minus = FloatVector.broadcast(S, -factor);
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector.fromArray(S, x, xo + i)
          .fma(minus, FloatVector.fromArray(S, y, yo + i))
          .intoArray(y, yo + i);
    }
    for (; i < size; i++) {
      y[yo + i] = Math.fma(x[xo + i], -factor, y[yo + i]);
    }
  }
}
