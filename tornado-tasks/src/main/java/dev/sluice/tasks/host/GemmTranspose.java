package dev.sluice.tasks.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Turns blocks of 16 × 16 round in registers, for vectors of 512 bits: four rounds in which
/// vectors at distances 1, 2, 4 and 8 exchange every other group of lanes, half the time of copying
/// single elements.
final class GemmTranspose {
  /// Rows and columns of a block.
  static final int SIZE = 16;

  /// Whether the vectors of this JVM are as long as a block.
  static final boolean USABLE = Lanes.COUNT == SIZE;

  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final VectorShuffle<Float> UP_1 = shift(-1);
  private static final VectorShuffle<Float> DOWN_1 = shift(1);
  private static final VectorMask<Float> HIGH_1 = high(1);
  private static final VectorMask<Float> LOW_1 = HIGH_1.not();
  private static final VectorShuffle<Float> UP_2 = shift(-2);
  private static final VectorShuffle<Float> DOWN_2 = shift(2);
  private static final VectorMask<Float> HIGH_2 = high(2);
  private static final VectorMask<Float> LOW_2 = HIGH_2.not();
  private static final VectorShuffle<Float> UP_4 = shift(-4);
  private static final VectorShuffle<Float> DOWN_4 = shift(4);
  private static final VectorMask<Float> HIGH_4 = high(4);
  private static final VectorMask<Float> LOW_4 = HIGH_4.not();
  private static final VectorShuffle<Float> UP_8 = shift(-8);
  private static final VectorShuffle<Float> DOWN_8 = shift(8);
  private static final VectorMask<Float> HIGH_8 = high(8);
  private static final VectorMask<Float> LOW_8 = HIGH_8.not();

  private GemmTranspose() {}

  private static VectorShuffle<Float> shift(int by) {
    return VectorShuffle.fromOp(S, lane -> (lane + by) & (Lanes.COUNT - 1));
  }

  private static VectorMask<Float> high(int bit) {
    boolean[] lanes = new boolean[Lanes.COUNT];
    for (int lane = 0; lane < lanes.length; lane++) {
      lanes[lane] = (lane & bit) != 0;
    }
    return VectorMask.fromArray(S, lanes, 0);
  }

  /// `y[yo + k·width + r] = x[xo + r·ld + k]` for `r, k < SIZE`.
  static void block(float[] x, int xo, int ld, float[] y, int yo, int width) {
    FloatVector a0 = FloatVector.fromArray(S, x, xo);
    FloatVector a1 = FloatVector.fromArray(S, x, xo + ld);
    FloatVector a2 = FloatVector.fromArray(S, x, xo + 2 * ld);
    FloatVector a3 = FloatVector.fromArray(S, x, xo + 3 * ld);
    FloatVector a4 = FloatVector.fromArray(S, x, xo + 4 * ld);
    FloatVector a5 = FloatVector.fromArray(S, x, xo + 5 * ld);
    FloatVector a6 = FloatVector.fromArray(S, x, xo + 6 * ld);
    FloatVector a7 = FloatVector.fromArray(S, x, xo + 7 * ld);
    FloatVector a8 = FloatVector.fromArray(S, x, xo + 8 * ld);
    FloatVector a9 = FloatVector.fromArray(S, x, xo + 9 * ld);
    FloatVector a10 = FloatVector.fromArray(S, x, xo + 10 * ld);
    FloatVector a11 = FloatVector.fromArray(S, x, xo + 11 * ld);
    FloatVector a12 = FloatVector.fromArray(S, x, xo + 12 * ld);
    FloatVector a13 = FloatVector.fromArray(S, x, xo + 13 * ld);
    FloatVector a14 = FloatVector.fromArray(S, x, xo + 14 * ld);
    FloatVector a15 = FloatVector.fromArray(S, x, xo + 15 * ld);
    FloatVector b0 = a0.blend(a1.rearrange(UP_1), HIGH_1);
    FloatVector b1 = a1.blend(a0.rearrange(DOWN_1), LOW_1);
    FloatVector b2 = a2.blend(a3.rearrange(UP_1), HIGH_1);
    FloatVector b3 = a3.blend(a2.rearrange(DOWN_1), LOW_1);
    FloatVector b4 = a4.blend(a5.rearrange(UP_1), HIGH_1);
    FloatVector b5 = a5.blend(a4.rearrange(DOWN_1), LOW_1);
    FloatVector b6 = a6.blend(a7.rearrange(UP_1), HIGH_1);
    FloatVector b7 = a7.blend(a6.rearrange(DOWN_1), LOW_1);
    FloatVector b8 = a8.blend(a9.rearrange(UP_1), HIGH_1);
    FloatVector b9 = a9.blend(a8.rearrange(DOWN_1), LOW_1);
    FloatVector b10 = a10.blend(a11.rearrange(UP_1), HIGH_1);
    FloatVector b11 = a11.blend(a10.rearrange(DOWN_1), LOW_1);
    FloatVector b12 = a12.blend(a13.rearrange(UP_1), HIGH_1);
    FloatVector b13 = a13.blend(a12.rearrange(DOWN_1), LOW_1);
    FloatVector b14 = a14.blend(a15.rearrange(UP_1), HIGH_1);
    FloatVector b15 = a15.blend(a14.rearrange(DOWN_1), LOW_1);
    FloatVector c0 = b0.blend(b2.rearrange(UP_2), HIGH_2);
    FloatVector c2 = b2.blend(b0.rearrange(DOWN_2), LOW_2);
    FloatVector c1 = b1.blend(b3.rearrange(UP_2), HIGH_2);
    FloatVector c3 = b3.blend(b1.rearrange(DOWN_2), LOW_2);
    FloatVector c4 = b4.blend(b6.rearrange(UP_2), HIGH_2);
    FloatVector c6 = b6.blend(b4.rearrange(DOWN_2), LOW_2);
    FloatVector c5 = b5.blend(b7.rearrange(UP_2), HIGH_2);
    FloatVector c7 = b7.blend(b5.rearrange(DOWN_2), LOW_2);
    FloatVector c8 = b8.blend(b10.rearrange(UP_2), HIGH_2);
    FloatVector c10 = b10.blend(b8.rearrange(DOWN_2), LOW_2);
    FloatVector c9 = b9.blend(b11.rearrange(UP_2), HIGH_2);
    FloatVector c11 = b11.blend(b9.rearrange(DOWN_2), LOW_2);
    FloatVector c12 = b12.blend(b14.rearrange(UP_2), HIGH_2);
    FloatVector c14 = b14.blend(b12.rearrange(DOWN_2), LOW_2);
    FloatVector c13 = b13.blend(b15.rearrange(UP_2), HIGH_2);
    FloatVector c15 = b15.blend(b13.rearrange(DOWN_2), LOW_2);
    FloatVector d0 = c0.blend(c4.rearrange(UP_4), HIGH_4);
    FloatVector d4 = c4.blend(c0.rearrange(DOWN_4), LOW_4);
    FloatVector d1 = c1.blend(c5.rearrange(UP_4), HIGH_4);
    FloatVector d5 = c5.blend(c1.rearrange(DOWN_4), LOW_4);
    FloatVector d2 = c2.blend(c6.rearrange(UP_4), HIGH_4);
    FloatVector d6 = c6.blend(c2.rearrange(DOWN_4), LOW_4);
    FloatVector d3 = c3.blend(c7.rearrange(UP_4), HIGH_4);
    FloatVector d7 = c7.blend(c3.rearrange(DOWN_4), LOW_4);
    FloatVector d8 = c8.blend(c12.rearrange(UP_4), HIGH_4);
    FloatVector d12 = c12.blend(c8.rearrange(DOWN_4), LOW_4);
    FloatVector d9 = c9.blend(c13.rearrange(UP_4), HIGH_4);
    FloatVector d13 = c13.blend(c9.rearrange(DOWN_4), LOW_4);
    FloatVector d10 = c10.blend(c14.rearrange(UP_4), HIGH_4);
    FloatVector d14 = c14.blend(c10.rearrange(DOWN_4), LOW_4);
    FloatVector d11 = c11.blend(c15.rearrange(UP_4), HIGH_4);
    FloatVector d15 = c15.blend(c11.rearrange(DOWN_4), LOW_4);
    FloatVector e0 = d0.blend(d8.rearrange(UP_8), HIGH_8);
    FloatVector e8 = d8.blend(d0.rearrange(DOWN_8), LOW_8);
    FloatVector e1 = d1.blend(d9.rearrange(UP_8), HIGH_8);
    FloatVector e9 = d9.blend(d1.rearrange(DOWN_8), LOW_8);
    FloatVector e2 = d2.blend(d10.rearrange(UP_8), HIGH_8);
    FloatVector e10 = d10.blend(d2.rearrange(DOWN_8), LOW_8);
    FloatVector e3 = d3.blend(d11.rearrange(UP_8), HIGH_8);
    FloatVector e11 = d11.blend(d3.rearrange(DOWN_8), LOW_8);
    FloatVector e4 = d4.blend(d12.rearrange(UP_8), HIGH_8);
    FloatVector e12 = d12.blend(d4.rearrange(DOWN_8), LOW_8);
    FloatVector e5 = d5.blend(d13.rearrange(UP_8), HIGH_8);
    FloatVector e13 = d13.blend(d5.rearrange(DOWN_8), LOW_8);
    FloatVector e6 = d6.blend(d14.rearrange(UP_8), HIGH_8);
    FloatVector e14 = d14.blend(d6.rearrange(DOWN_8), LOW_8);
    FloatVector e7 = d7.blend(d15.rearrange(UP_8), HIGH_8);
    FloatVector e15 = d15.blend(d7.rearrange(DOWN_8), LOW_8);
    e0.intoArray(y, yo);
    e1.intoArray(y, yo + width);
    e2.intoArray(y, yo + 2 * width);
    e3.intoArray(y, yo + 3 * width);
    e4.intoArray(y, yo + 4 * width);
    e5.intoArray(y, yo + 5 * width);
    e6.intoArray(y, yo + 6 * width);
    e7.intoArray(y, yo + 7 * width);
    e8.intoArray(y, yo + 8 * width);
    e9.intoArray(y, yo + 9 * width);
    e10.intoArray(y, yo + 10 * width);
    e11.intoArray(y, yo + 11 * width);
    e12.intoArray(y, yo + 12 * width);
    e13.intoArray(y, yo + 13 * width);
    e14.intoArray(y, yo + 14 * width);
    e15.intoArray(y, yo + 15 * width);
  }
}
