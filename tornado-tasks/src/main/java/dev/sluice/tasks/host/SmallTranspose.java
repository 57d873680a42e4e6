package dev.sluice.tasks.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Transposes small matrices, a square of one vector a side at a time.
///
/// Stage `h` swaps the off-diagonal `h × h` squares of each `2h × 2h` square; two stages are done
/// on four rows in registers.
public final class SmallTranspose {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /// Rows and columns of a square under way.
  private static final int C = 16;

  private static final VectorShuffle<Float> UP_1 = moved(-1);
  private static final VectorShuffle<Float> DOWN_1 = moved(1);
  private static final VectorShuffle<Float> UP_2 = moved(-2);
  private static final VectorShuffle<Float> DOWN_2 = moved(2);
  private static final VectorShuffle<Float> UP_4 = moved(-4);
  private static final VectorShuffle<Float> DOWN_4 = moved(4);
  private static final VectorShuffle<Float> UP_8 = moved(-8);
  private static final VectorShuffle<Float> DOWN_8 = moved(8);
  private static final VectorMask<Float> HIGH_1 = high(1);
  private static final VectorMask<Float> HIGH_2 = high(2);
  private static final VectorMask<Float> HIGH_4 = high(4);
  private static final VectorMask<Float> HIGH_8 = high(8);

  private SmallTranspose() {}

  private static VectorShuffle<Float> moved(int by) {
    return VectorShuffle.fromOp(S, i -> i + by & L - 1);
  }

  private static VectorMask<Float> high(int h) {
    boolean[] bits = new boolean[L];
    for (int i = 0; i < L; i++) {
      bits[i] = (i & h) != 0;
    }
    return VectorMask.fromArray(S, bits, 0);
  }

  /// `to[x, r] = from[r, x]`
  ///
  /// @param rows a multiple of 16
  /// @param columns a multiple of 16
  /// @param from `[rows, columns]` in rows of `fromStep`, Read
  /// @param fromAt where it begins
  /// @param fromStep elements from row to row
  /// @param to `[columns, rows]` in rows of `toStep`, Overwritten
  /// @param toAt where it begins
  /// @param toStep elements from row to row
  /// @param square 256 elements from `squareAt` on, Overwritten
  /// @param squareAt where they begin
  public static void run(
      int rows,
      int columns,
      float[] from,
      int fromAt,
      int fromStep,
      float[] to,
      int toAt,
      int toStep,
      float[] square,
      int squareAt) {
    for (int r = 0; r < rows; r += L) {
      for (int x = 0; x < columns; x += L) {
        int source = fromAt + r * fromStep + x;
        int target = toAt + x * toStep + r;
        if (L == 4) {
          near(from, source, fromStep, to, target, toStep);
        } else {
          for (int i = 0; i < L; i += 4) {
            near(from, source + i * fromStep, fromStep, square, squareAt + i * C, C);
          }
          for (int i = 0; i < 4; i++) {
            if (L == 8) {
              farPair(square, squareAt + i * C, to, target + i * toStep, 4 * toStep);
            } else {
              far(square, squareAt + i * C, to, target + i * toStep, 4 * toStep);
            }
          }
        }
      }
    }
  }

  /// Stages 1 and 2 of four neighbouring rows.
  private static void near(float[] from, int at, int step, float[] to, int toAt, int toStep) {
    FloatVector a = FloatVector.fromArray(S, from, at);
    FloatVector b = FloatVector.fromArray(S, from, at + step);
    FloatVector c = FloatVector.fromArray(S, from, at + 2 * step);
    FloatVector d = FloatVector.fromArray(S, from, at + 3 * step);
    FloatVector e = a.blend(b.rearrange(UP_1), HIGH_1);
    FloatVector f = a.rearrange(DOWN_1).blend(b, HIGH_1);
    FloatVector g = c.blend(d.rearrange(UP_1), HIGH_1);
    FloatVector h = c.rearrange(DOWN_1).blend(d, HIGH_1);
    e.blend(g.rearrange(UP_2), HIGH_2).intoArray(to, toAt);
    f.blend(h.rearrange(UP_2), HIGH_2).intoArray(to, toAt + toStep);
    e.rearrange(DOWN_2).blend(g, HIGH_2).intoArray(to, toAt + 2 * toStep);
    f.rearrange(DOWN_2).blend(h, HIGH_2).intoArray(to, toAt + 3 * toStep);
  }

  /// Stages 4 and 8 of four rows that are four apart.
  private static void far(float[] from, int at, float[] to, int toAt, int toStep) {
    FloatVector a = FloatVector.fromArray(S, from, at);
    FloatVector b = FloatVector.fromArray(S, from, at + 4 * C);
    FloatVector c = FloatVector.fromArray(S, from, at + 8 * C);
    FloatVector d = FloatVector.fromArray(S, from, at + 12 * C);
    FloatVector e = a.blend(b.rearrange(UP_4), HIGH_4);
    FloatVector f = a.rearrange(DOWN_4).blend(b, HIGH_4);
    FloatVector g = c.blend(d.rearrange(UP_4), HIGH_4);
    FloatVector h = c.rearrange(DOWN_4).blend(d, HIGH_4);
    e.blend(g.rearrange(UP_8), HIGH_8).intoArray(to, toAt);
    f.blend(h.rearrange(UP_8), HIGH_8).intoArray(to, toAt + toStep);
    e.rearrange(DOWN_8).blend(g, HIGH_8).intoArray(to, toAt + 2 * toStep);
    f.rearrange(DOWN_8).blend(h, HIGH_8).intoArray(to, toAt + 3 * toStep);
  }

  /// Stage 4 of two rows that are four apart.
  private static void farPair(float[] from, int at, float[] to, int toAt, int toStep) {
    FloatVector a = FloatVector.fromArray(S, from, at);
    FloatVector b = FloatVector.fromArray(S, from, at + 4 * C);
    a.blend(b.rearrange(UP_4), HIGH_4).intoArray(to, toAt);
    a.rearrange(DOWN_4).blend(b, HIGH_4).intoArray(to, toAt + toStep);
  }
}
