package dev.sluice.embedded.engine;

import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.exceptions.TornadoDeviceMMANotSupported;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Warp-wide matrix products, lane by lane: a fragment of 16-bit or 8-bit operands holds the whole
/// tile, an accumulator the lane's own four elements of 16 × 8, laid out as `mma.sync` lays them
/// out.
final class Mma {

  static final int ROWS = 16;
  static final int COLUMNS = 8;
  static final int DEPTH = 16;
  static final int DEPTH_INT8 = 32;
  private static final int LANE_ELEMENTS = 4;

  private Mma() {}

  /// A tile of 16-bit numbers behind a fragment's handle, decoded once for the warp.
  static final class Tile extends HalfFloat {
    private final short[] bits;
    private float[] half = {};
    private float[] brain = {};

    Tile(short[] bits) {
      super((short) 0);
      this.bits = bits;
    }

    float[] halfFloats() {
      if (half.length == 0) {
        half = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
          half[i] = Float.float16ToFloat(bits[i]);
        }
      }
      return half;
    }

    float[] brainFloats() {
      if (brain.length == 0) {
        brain = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
          brain[i] = Float.intBitsToFloat(bits[i] << 16);
        }
      }
      return brain;
    }
  }

  /// @param packed two 16-bit numbers an element, the lower first
  /// @param byteOffset where the tile starts
  /// @param count how many numbers
  /// @return the handle of a fragment
  static HalfFloat[] load(int[] packed, int byteOffset, int count) {
    short[] bits = new short[count];
    int first = byteOffset / Short.BYTES;
    for (int i = 0; i < count; i++) {
      int at = first + i;
      bits[i] = (short) (packed[at / 2] >> (at % 2 * Short.SIZE));
    }
    return new HalfFloat[] {new Tile(bits)};
  }

  /// @param packed four bytes an element, the lowest first
  /// @param count how many bytes
  /// @return the bytes
  static byte[] loadBytes(int[] packed, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (packed[i / 4] >> (i % 4 * Byte.SIZE));
    }
    return bytes;
  }

  static Tile tile(HalfFloat[] fragment) {
    if (fragment.length == 1 && fragment[0] instanceof Tile tile) {
      return tile;
    }
    throw new TornadoDeviceMMANotSupported(
        "A fragment comes from mmaLoadA or mmaLoadB; it cannot be made from elements");
  }

  static void checkDepth(int actual, int expected) {
    if (actual != expected) {
      throw new TornadoDeviceMMANotSupported(
          "A fragment has depth " + expected + ", not " + actual + "; pass " + expected);
    }
  }

  static void checkShape(MMAShape actual, MMAShape expected) {
    if (actual != expected) {
      throw new TornadoDeviceMMANotSupported(
          "This product has shape " + expected + ", not " + actual + "; pass " + expected);
    }
  }

  private static int row(int lane, int element) {
    return lane / 4 + (element < 2 ? 0 : 8);
  }

  private static int column(int lane, int element) {
    return lane % 4 * 2 + element % 2;
  }

  /// @return the lane's part of `A·B + C`
  static float[] multiply(int lane, float[] a, float[] b, float[] c) {
    float[] d = new float[LANE_ELEMENTS];
    for (int e = 0; e < LANE_ELEMENTS; e++) {
      int row = row(lane, e) * DEPTH;
      int column = column(lane, e);
      float sum = c[e];
      for (int k = 0; k < DEPTH; k++) {
        sum += a[row + k] * b[k * COLUMNS + column];
      }
      d[e] = sum;
    }
    return d;
  }

  /// B holds pairs of neighbours in K: byte `2·(8·(k/2) + column) + k%2`.
  ///
  /// @return the lane's part of `A·B + C`
  static int[] multiplyBytes(int lane, byte[] a, byte[] b, int[] c) {
    int[] d = new int[LANE_ELEMENTS];
    for (int e = 0; e < LANE_ELEMENTS; e++) {
      int row = row(lane, e) * DEPTH_INT8;
      int column = column(lane, e);
      int sum = c[e];
      for (int k = 0; k < DEPTH_INT8; k++) {
        sum += a[row + k] * b[2 * (k / 2 * COLUMNS + column) + k % 2];
      }
      d[e] = sum;
    }
    return d;
  }

  static void store(int lane, float[] d, FloatArray out, int row, int column, int stride) {
    for (int e = 0; e < LANE_ELEMENTS; e++) {
      out.set((row + row(lane, e)) * stride + column + column(lane, e), d[e]);
    }
  }

  static void storeInts(int lane, int[] d, IntArray out, int row, int column, int stride) {
    for (int e = 0; e < LANE_ELEMENTS; e++) {
      out.set((row + row(lane, e)) * stride + column + column(lane, e), d[e]);
    }
  }
}
