package dev.sluice.embedded;

import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.Int8Array;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// The Java arrays behind the runtime's arrays: index 0 is element 0, and writes go through.
///
/// Ask once when a task is built and keep the array: it never changes.
public final class HostArrays {

  private HostArrays() {}

  /// @return the array behind `a`
  public static float[] floats(FloatArray a) {
    return (float[]) heap(a);
  }

  /// @return the array behind `a`
  public static double[] doubles(DoubleArray a) {
    return (double[]) heap(a);
  }

  /// @return the array behind `a`
  public static int[] ints(IntArray a) {
    return (int[]) heap(a);
  }

  /// @return the array behind `a`
  public static long[] longs(LongArray a) {
    return (long[]) heap(a);
  }

  /// @return the array behind `a`
  public static short[] shorts(ShortArray a) {
    return (short[]) heap(a);
  }

  /// @return the bit patterns behind `a`
  public static short[] halfBits(HalfFloatArray a) {
    return (short[]) heap(a);
  }

  /// @return the bit patterns behind `a`
  public static short[] bfloat16Bits(BFloat16Array a) {
    return (short[]) heap(a);
  }

  /// @return the array behind `a`
  public static byte[] bytes(ByteArray a) {
    return (byte[]) heap(a);
  }

  /// @return the array behind `a`
  public static byte[] bytes(Int8Array a) {
    return (byte[]) heap(a);
  }

  private static Object heap(TornadoNativeArray a) {
    return a.getSegment().heapBase().orElseThrow();
  }
}
