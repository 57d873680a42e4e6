package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A `float` array over a Java heap array, so that the JVM's compiler can vectorize loops over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class FloatArray extends TornadoNativeArray {

  private final float[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public FloatArray(int numberOfElements) {
    storage = new float[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public FloatArray(FloatArray... arrays) {
    storage = join(arrays);
  }

  private FloatArray(float[] storage) {
    this.storage = storage;
  }

  private static float[] join(FloatArray... arrays) {
    int size = 0;
    for (FloatArray array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    float[] joined = new float[size];
    int at = 0;
    for (FloatArray array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param values copied
  /// @return an array of the same elements
  public static FloatArray fromArray(float[] values) {
    return new FloatArray(values.clone());
  }

  /// @param values copied
  /// @return an array of the same elements
  public static FloatArray fromElements(float... values) {
    return new FloatArray(values.clone());
  }

  /// @param segment copied; its byte size is a multiple of 4
  /// @return an array of the segment's elements in native byte order
  public static FloatArray fromSegment(MemorySegment segment) {
    FloatArray array = new FloatArray(elements(segment, 4));
    MemorySegment.copy(
        segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(FloatArray array, float value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static FloatArray concat(FloatArray... arrays) {
    return new FloatArray(arrays);
  }

  /// @return a copy of the elements
  public float[] toHeapArray() {
    return storage.clone();
  }

  /// @param index where to write
  /// @param value the element's new value
  public void set(int index, float value) {
    storage[index] = value;
  }

  /// @param index where to read
  /// @return the element there
  public float get(int index) {
    return storage[index];
  }

  /// Sets every element to zero.
  @Override
  public void clear() {
    Arrays.fill(storage, 0f);
  }

  /// @param value what every element becomes
  public void init(float value) {
    Arrays.fill(storage, value);
  }

  @Override
  public int getElementSize() {
    return 4;
  }

  @Override
  public int getSize() {
    return storage.length;
  }

  /// @return a view of the elements, in native byte order; writes go through
  @Override
  public MemorySegment getSegment() {
    return MemorySegment.ofArray(storage);
  }

  /// @param offset first element
  /// @param length how many
  /// @return a copy of that range
  /// @throws IllegalArgumentException if the range leaves the array
  public FloatArray slice(int offset, int length) {
    checkRange(offset, length);
    return new FloatArray(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
