package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Elementwise operations over `n` elements of arrays with offsets, in one pass over memory each.
///
/// Inputs are Read, the result is Overwritten, or Accumulated where the equation says `+=`. A
/// result may be the same elements as an input, but may not overlap one otherwise.
public final class Elementwise {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private Elementwise() {}

  /// `y = x`.
  public static void copy(Workers workers, int n, float[] x, int xo, float[] y, int yo) {
    Blocks.run(
        workers,
        n,
        Blocks.ELEMENTS,
        (from, to) -> System.arraycopy(x, xo + from, y, yo + from, to - from));
  }

  /// `y = value`.
  public static void fill(Workers workers, int n, float value, float[] y, int yo) {
    Blocks.run(
        workers, n, Blocks.ELEMENTS, (from, to) -> Arrays.fill(y, yo + from, yo + to, value));
  }

  /// `z = x + y`.
  public static void add(
      Workers workers, int n, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    Blocks.run(workers, n, Blocks.ELEMENTS, (from, to) -> addBlock(from, to, x, xo, y, yo, z, zo));
  }

  private static void addBlock(
      int from, int to, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector.fromArray(S, x, xo + i)
          .add(FloatVector.fromArray(S, y, yo + i))
          .intoArray(z, zo + i);
    }
    for (; i < to; i++) {
      z[zo + i] = x[xo + i] + y[yo + i];
    }
  }

  /// `z = x · y`.
  public static void multiply(
      Workers workers, int n, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    Blocks.run(
        workers, n, Blocks.ELEMENTS, (from, to) -> multiplyBlock(from, to, x, xo, y, yo, z, zo));
  }

  private static void multiplyBlock(
      int from, int to, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector.fromArray(S, x, xo + i)
          .mul(FloatVector.fromArray(S, y, yo + i))
          .intoArray(z, zo + i);
    }
    for (; i < to; i++) {
      z[zo + i] = x[xo + i] * y[yo + i];
    }
  }

  /// `z += x · y`.
  public static void multiplyAdd(
      Workers workers, int n, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    Blocks.run(
        workers, n, Blocks.ELEMENTS, (from, to) -> multiplyAddBlock(from, to, x, xo, y, yo, z, zo));
  }

  private static void multiplyAddBlock(
      int from, int to, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector.fromArray(S, x, xo + i)
          .fma(FloatVector.fromArray(S, y, yo + i), FloatVector.fromArray(S, z, zo + i))
          .intoArray(z, zo + i);
    }
    for (; i < to; i++) {
      z[zo + i] = Math.fma(x[xo + i], y[yo + i], z[zo + i]);
    }
  }

  /// `y = a · x`.
  public static void scale(Workers workers, int n, float a, float[] x, int xo, float[] y, int yo) {
    Blocks.run(workers, n, Blocks.ELEMENTS, (from, to) -> scaleBlock(from, to, a, x, xo, y, yo));
  }

  private static void scaleBlock(int from, int to, float a, float[] x, int xo, float[] y, int yo) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector.fromArray(S, x, xo + i).mul(a).intoArray(y, yo + i);
    }
    for (; i < to; i++) {
      y[yo + i] = x[xo + i] * a;
    }
  }

  /// `y += a · x`.
  public static void axpy(Workers workers, int n, float a, float[] x, int xo, float[] y, int yo) {
    Blocks.run(workers, n, Blocks.ELEMENTS, (from, to) -> axpyBlock(from, to, a, x, xo, y, yo));
  }

  private static void axpyBlock(int from, int to, float a, float[] x, int xo, float[] y, int yo) {
    FloatVector factor = FloatVector.broadcast(S, a);
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector.fromArray(S, x, xo + i)
          .fma(factor, FloatVector.fromArray(S, y, yo + i))
          .intoArray(y, yo + i);
    }
    for (; i < to; i++) {
      y[yo + i] = Math.fma(x[xo + i], a, y[yo + i]);
    }
  }

  /// `z = silu(x) · y`, a gated linear unit.
  public static void swiglu(
      Workers workers, int n, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    Blocks.run(
        workers, n, Blocks.ELEMENTS, (from, to) -> swigluBlock(from, to, x, xo, y, yo, z, zo));
  }

  private static void swigluBlock(
      int from, int to, float[] x, int xo, float[] y, int yo, float[] z, int zo) {
    int i = from;
    for (; i + L <= to; i += L) {
      VectorMath.silu(FloatVector.fromArray(S, x, xo + i))
          .mul(FloatVector.fromArray(S, y, yo + i))
          .intoArray(z, zo + i);
    }
    for (; i < to; i++) {
      z[zo + i] = ScalarMath.silu(x[xo + i]) * y[yo + i];
    }
  }

  /// The gradients of [#swiglu]: `dx = dz · y · silu'(x)` and `dy = dz · silu(x)`.
  public static void swigluBackward(
      Workers workers,
      int n,
      float[] dz,
      int dzo,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] dx,
      int dxo,
      float[] dy,
      int dyo) {
    Blocks.run(
        workers,
        n,
        Blocks.ELEMENTS,
        (from, to) -> swigluBackwardBlock(from, to, dz, dzo, x, xo, y, yo, dx, dxo, dy, dyo));
  }

  private static void swigluBackwardBlock(
      int from,
      int to,
      float[] dz,
      int dzo,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] dx,
      int dxo,
      float[] dy,
      int dyo) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dz, dzo + i);
      FloatVector u = FloatVector.fromArray(S, x, xo + i);
      FloatVector s = VectorMath.sigmoid(u);
      FloatVector t = u.mul(s);
      g.mul(FloatVector.fromArray(S, y, yo + i)).mul(s.add(t).sub(s.mul(t))).intoArray(dx, dxo + i);
      g.mul(t).intoArray(dy, dyo + i);
    }
    for (; i < to; i++) {
      float g = dz[dzo + i];
      float u = x[xo + i];
      float s = ScalarMath.sigmoid(u);
      float t = u * s;
      dx[dxo + i] = g * y[yo + i] * (s + t - s * t);
      dy[dyo + i] = g * t;
    }
  }

  /// `Σ x²` over `n` elements, in a fixed order: short runs in fp32 lanes, the rest in double.
  public static double sumOfSquares(Workers workers, int n, float[] x, int xo) {
    int blocks = Math.ceilDiv(n, Blocks.ELEMENTS);
    double[] sums = Blocks.doubles(blocks);
    Blocks.run(
        workers,
        n,
        Blocks.ELEMENTS,
        (from, to) -> sums[from / Blocks.ELEMENTS] = squaresBlock(from, to, x, xo));
    double sum = 0;
    for (int i = 0; i < blocks; i++) {
      sum += sums[i];
    }
    return sum;
  }

  private static double squaresBlock(int from, int to, float[] x, int xo) {
    double sum = 0;
    int i = from;
    while (i + 4 * L <= to) {
      FloatVector a = FloatVector.zero(S);
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      int end = Math.min(to, i + 64 * L) - 4 * L;
      for (; i <= end; i += 4 * L) {
        FloatVector p = FloatVector.fromArray(S, x, xo + i);
        FloatVector q = FloatVector.fromArray(S, x, xo + i + L);
        FloatVector r = FloatVector.fromArray(S, x, xo + i + 2 * L);
        FloatVector s = FloatVector.fromArray(S, x, xo + i + 3 * L);
        a = p.fma(p, a);
        b = q.fma(q, b);
        c = r.fma(r, c);
        d = s.fma(s, d);
      }
      sum += VectorMath.sum(a.add(b).add(c.add(d)));
    }
    for (; i < to; i++) {
      sum += (double) x[xo + i] * x[xo + i];
    }
    return sum;
  }
}
