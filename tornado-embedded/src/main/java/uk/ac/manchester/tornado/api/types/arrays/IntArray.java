package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// An `int` array over a Java heap array, so that the JVM's compiler can vectorize loops over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class IntArray extends TornadoNativeArray {

  private final int[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public IntArray(int numberOfElements) {
    storage = new int[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public IntArray(IntArray... arrays) {
    storage = join(arrays);
  }

  private IntArray(int[] storage) {
    this.storage = storage;
  }

  private static int[] join(IntArray... arrays) {
    int size = 0;
    for (IntArray array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    int[] joined = new int[size];
    int at = 0;
    for (IntArray array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param values copied
  /// @return an array of the same elements
  public static IntArray fromArray(int[] values) {
    return new IntArray(values.clone());
  }

  /// @param values copied
  /// @return an array of the same elements
  public static IntArray fromElements(int... values) {
    return new IntArray(values.clone());
  }

  /// @param segment copied; its byte size is a multiple of 4
  /// @return an array of the segment's elements in native byte order
  public static IntArray fromSegment(MemorySegment segment) {
    IntArray array = new IntArray(elements(segment, 4));
    MemorySegment.copy(
        segment, ValueLayout.JAVA_INT_UNALIGNED, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(IntArray array, int value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static IntArray concat(IntArray... arrays) {
    return new IntArray(arrays);
  }

  /// @return a copy of the elements
  public int[] toHeapArray() {
    return storage.clone();
  }

  /// @param index where to write
  /// @param value the element's new value
  public void set(int index, int value) {
    storage[index] = value;
  }

  /// @param index where to read
  /// @return the element there
  public int get(int index) {
    return storage[index];
  }

  /// Sets every element to zero.
  @Override
  public void clear() {
    Arrays.fill(storage, 0);
  }

  /// @param value what every element becomes
  public void init(int value) {
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
  public IntArray slice(int offset, int length) {
    checkRange(offset, length);
    return new IntArray(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
