package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A `double` array over a Java heap array, so that the JVM's compiler can vectorize loops over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class DoubleArray extends TornadoNativeArray {

  private final double[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public DoubleArray(int numberOfElements) {
    storage = new double[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public DoubleArray(DoubleArray... arrays) {
    storage = join(arrays);
  }

  private DoubleArray(double[] storage) {
    this.storage = storage;
  }

  private static double[] join(DoubleArray... arrays) {
    int size = 0;
    for (DoubleArray array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    double[] joined = new double[size];
    int at = 0;
    for (DoubleArray array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param values copied
  /// @return an array of the same elements
  public static DoubleArray fromArray(double[] values) {
    return new DoubleArray(values.clone());
  }

  /// @param values copied
  /// @return an array of the same elements
  public static DoubleArray fromElements(double... values) {
    return new DoubleArray(values.clone());
  }

  /// @param segment copied; its byte size is a multiple of 8
  /// @return an array of the segment's elements in native byte order
  public static DoubleArray fromSegment(MemorySegment segment) {
    DoubleArray array = new DoubleArray(elements(segment, 8));
    MemorySegment.copy(
        segment, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(DoubleArray array, double value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static DoubleArray concat(DoubleArray... arrays) {
    return new DoubleArray(arrays);
  }

  /// @return a copy of the elements
  public double[] toHeapArray() {
    return storage.clone();
  }

  /// @param index where to write
  /// @param value the element's new value
  public void set(int index, double value) {
    storage[index] = value;
  }

  /// @param index where to read
  /// @return the element there
  public double get(int index) {
    return storage[index];
  }

  /// Sets every element to zero.
  @Override
  public void clear() {
    Arrays.fill(storage, 0.0);
  }

  /// @param value what every element becomes
  public void init(double value) {
    Arrays.fill(storage, value);
  }

  @Override
  public int getElementSize() {
    return 8;
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
  public DoubleArray slice(int offset, int length) {
    checkRange(offset, length);
    return new DoubleArray(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
