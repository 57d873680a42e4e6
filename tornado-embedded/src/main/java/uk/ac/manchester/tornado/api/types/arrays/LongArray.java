package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A `long` array over a Java heap array, so that the JVM's compiler can vectorize loops over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class LongArray extends TornadoNativeArray {

  private final long[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public LongArray(int numberOfElements) {
    storage = new long[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public LongArray(LongArray... arrays) {
    storage = join(arrays);
  }

  private LongArray(long[] storage) {
    this.storage = storage;
  }

  private static long[] join(LongArray... arrays) {
    int size = 0;
    for (LongArray array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    long[] joined = new long[size];
    int at = 0;
    for (LongArray array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param values copied
  /// @return an array of the same elements
  public static LongArray fromArray(long[] values) {
    return new LongArray(values.clone());
  }

  /// @param values copied
  /// @return an array of the same elements
  public static LongArray fromElements(long... values) {
    return new LongArray(values.clone());
  }

  /// @param segment copied; its byte size is a multiple of 8
  /// @return an array of the segment's elements in native byte order
  public static LongArray fromSegment(MemorySegment segment) {
    LongArray array = new LongArray(elements(segment, 8));
    MemorySegment.copy(
        segment, ValueLayout.JAVA_LONG_UNALIGNED, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(LongArray array, long value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static LongArray concat(LongArray... arrays) {
    return new LongArray(arrays);
  }

  /// @return a copy of the elements
  public long[] toHeapArray() {
    return storage.clone();
  }

  /// @param index where to write
  /// @param value the element's new value
  public void set(int index, long value) {
    storage[index] = value;
  }

  /// @param index where to read
  /// @return the element there
  public long get(int index) {
    return storage[index];
  }

  /// Sets every element to zero.
  @Override
  public void clear() {
    Arrays.fill(storage, 0L);
  }

  /// @param value what every element becomes
  public void init(long value) {
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
  public LongArray slice(int offset, int length) {
    checkRange(offset, length);
    return new LongArray(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
