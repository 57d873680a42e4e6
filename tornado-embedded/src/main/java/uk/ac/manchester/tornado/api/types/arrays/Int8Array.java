package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// An 8-bit integer array over a Java heap array, so that the JVM's compiler can vectorize loops
/// over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class Int8Array extends TornadoNativeArray {

  private final byte[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public Int8Array(int numberOfElements) {
    storage = new byte[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public Int8Array(Int8Array... arrays) {
    storage = join(arrays);
  }

  private Int8Array(byte[] storage) {
    this.storage = storage;
  }

  private static byte[] join(Int8Array... arrays) {
    int size = 0;
    for (Int8Array array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    byte[] joined = new byte[size];
    int at = 0;
    for (Int8Array array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param values copied
  /// @return an array of the same elements
  public static Int8Array fromArray(byte[] values) {
    return new Int8Array(values.clone());
  }

  /// @param values copied
  /// @return an array of the same elements
  public static Int8Array fromElements(byte... values) {
    return new Int8Array(values.clone());
  }

  /// @param segment copied; its byte size is a multiple of 1
  /// @return an array of the segment's elements in native byte order
  public static Int8Array fromSegment(MemorySegment segment) {
    Int8Array array = new Int8Array(elements(segment, 1));
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(Int8Array array, byte value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static Int8Array concat(Int8Array... arrays) {
    return new Int8Array(arrays);
  }

  /// @return a copy of the elements
  public byte[] toHeapArray() {
    return storage.clone();
  }

  /// @param index where to write
  /// @param value the element's new value
  public void set(int index, byte value) {
    storage[index] = value;
  }

  /// @param index where to read
  /// @return the element there
  public byte get(int index) {
    return storage[index];
  }

  /// Sets every element to zero.
  @Override
  public void clear() {
    Arrays.fill(storage, (byte) 0);
  }

  /// @param value what every element becomes
  public void init(byte value) {
    Arrays.fill(storage, value);
  }

  @Override
  public int getElementSize() {
    return 1;
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
  public Int8Array slice(int offset, int length) {
    checkRange(offset, length);
    return new Int8Array(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
