package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Moves blocks of tokens between tensors and the scratch of [GlaHost], where rows follow each
/// other without gaps, in the order in which a sweep takes them, padded with zeros to whole
/// vectors.
final class GlaBlock {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private GlaBlock() {}

  /// `x[to + i·stride + c] = scale · source[from + i·step + c]` for `c < width`, 0 beyond.
  static void load(
      float[] source,
      int from,
      int step,
      int width,
      float scale,
      float[] x,
      int to,
      int stride,
      int steps) {
    for (int i = 0; i < steps; i++) {
      int at = from + i * step;
      for (int c = 0; c < stride; c += L) {
        VectorMask<Float> inside = S.indexInRange(c, width);
        FloatVector.fromArray(S, source, at + c, inside)
            .mul(scale)
            .intoArray(x, to + i * stride + c);
      }
    }
  }

  /// `target[to + i·step + c] = x[from + i·stride + c]` for `c < width`.
  static void store(
      float[] x, int from, int stride, float[] target, int to, int step, int width, int steps) {
    for (int i = 0; i < steps; i++) {
      for (int c = 0; c < width; c += L) {
        FloatVector.fromArray(S, x, from + i * stride + c)
            .intoArray(target, to + i * step + c, S.indexInRange(c, width));
      }
    }
  }

  /// `x[to + i·stride + c] = e^g`, with a gate a column.
  static void exponentiate(
      float[] g, int from, int step, int width, float[] x, int to, int stride, int steps) {
    for (int i = 0; i < steps; i++) {
      int at = from + i * step;
      for (int c = 0; c < stride; c += L) {
        FloatVector gate = FloatVector.fromArray(S, g, at + c, S.indexInRange(c, width));
        VectorMath.exp(gate).intoArray(x, to + i * stride + c);
      }
    }
  }

  /// `x[to + i·stride + c] = e^g`, with one gate for all columns.
  static void exponentiateShared(
      float[] g, int from, int step, float[] x, int to, int stride, int steps) {
    for (int i = 0; i < steps; i++) {
      FloatVector decay = VectorMath.exp(FloatVector.broadcast(S, g[from + i * step]));
      for (int c = 0; c < stride; c += L) {
        decay.intoArray(x, to + i * stride + c);
      }
    }
  }

  /// `x[to + r·stride + c] = source[from + c·step + r]` for `r < rows`, `c < width`; the rest of
  /// the `paddedRows` rows is 0.
  static void transpose(
      float[] source,
      int from,
      int step,
      int width,
      int rows,
      float[] x,
      int to,
      int stride,
      int paddedRows) {
    Arrays.fill(x, to, to + paddedRows * stride, 0.0f);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < width; c++) {
        x[to + r * stride + c] = source[from + c * step + r];
      }
    }
  }

  /// `x[to + i] = Σ_c x[a + i·stride + c] · x[b + i·stride + c]`
  static void dots(float[] x, int a, int b, int stride, int to, int steps) {
    for (int i = 0; i < steps; i++) {
      FloatVector sum = FloatVector.zero(S);
      for (int c = 0; c < stride; c += L) {
        FloatVector left = FloatVector.fromArray(S, x, a + i * stride + c);
        sum = left.fma(FloatVector.fromArray(S, x, b + i * stride + c), sum);
      }
      x[to + i] = VectorMath.sum(sum);
    }
  }
}
