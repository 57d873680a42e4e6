package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A `short` array over a Java heap array, so that the JVM's compiler can vectorize loops over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class ShortArray extends TornadoNativeArray {

  private final short[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public ShortArray(int numberOfElements) {
    storage = new short[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public ShortArray(ShortArray... arrays) {
    storage = join(arrays);
  }

  private ShortArray(short[] storage) {
    this.storage = storage;
  }

  private static short[] join(ShortArray... arrays) {
    int size = 0;
    for (ShortArray array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    short[] joined = new short[size];
    int at = 0;
    for (ShortArray array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param values copied
  /// @return an array of the same elements
  public static ShortArray fromArray(short[] values) {
    return new ShortArray(values.clone());
  }

  /// @param values copied
  /// @return an array of the same elements
  public static ShortArray fromElements(short... values) {
    return new ShortArray(values.clone());
  }

  /// @param segment copied; its byte size is a multiple of 2
  /// @return an array of the segment's elements in native byte order
  public static ShortArray fromSegment(MemorySegment segment) {
    ShortArray array = new ShortArray(elements(segment, 2));
    MemorySegment.copy(
        segment, ValueLayout.JAVA_SHORT_UNALIGNED, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(ShortArray array, short value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static ShortArray concat(ShortArray... arrays) {
    return new ShortArray(arrays);
  }

  /// @return a copy of the elements
  public short[] toHeapArray() {
    return storage.clone();
  }

  /// @param index where to write
  /// @param value the element's new value
  public void set(int index, short value) {
    storage[index] = value;
  }

  /// @param index where to read
  /// @return the element there
  public short get(int index) {
    return storage[index];
  }

  /// Sets every element to zero.
  @Override
  public void clear() {
    Arrays.fill(storage, (short) 0);
  }

  /// @param value what every element becomes
  public void init(short value) {
    Arrays.fill(storage, value);
  }

  @Override
  public int getElementSize() {
    return 2;
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
  public ShortArray slice(int offset, int length) {
    checkRange(offset, length);
    return new ShortArray(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
