package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/// A `byte` array over a Java heap array, so that the JVM's compiler can vectorize loops over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class ByteArray extends TornadoNativeArray {

  private final byte[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public ByteArray(int numberOfElements) {
    storage = new byte[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public ByteArray(ByteArray... arrays) {
    storage = join(arrays);
  }

  private ByteArray(byte[] storage) {
    this.storage = storage;
  }

  private static byte[] join(ByteArray... arrays) {
    int size = 0;
    for (ByteArray array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    byte[] joined = new byte[size];
    int at = 0;
    for (ByteArray array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param values copied
  /// @return an array of the same elements
  public static ByteArray fromArray(byte[] values) {
    return new ByteArray(values.clone());
  }

  /// @param values copied
  /// @return an array of the same elements
  public static ByteArray fromElements(byte... values) {
    return new ByteArray(values.clone());
  }

  /// @param segment copied; its byte size is a multiple of 1
  /// @return an array of the segment's elements in native byte order
  public static ByteArray fromSegment(MemorySegment segment) {
    ByteArray array = new ByteArray(elements(segment, 1));
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(ByteArray array, byte value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static ByteArray concat(ByteArray... arrays) {
    return new ByteArray(arrays);
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

  /// @param byteIndex where the two bytes of the number start, even
  /// @param value stored in native byte order
  /// @throws IllegalArgumentException if the index is odd
  public void setHalfFloat(int byteIndex, HalfFloat value) {
    getSegment().set(ValueLayout.JAVA_SHORT_UNALIGNED, even(byteIndex), value.getHalfFloatValue());
  }

  /// @param byteIndex where the two bytes of the number start, even
  /// @return the number there
  /// @throws IllegalArgumentException if the index is odd
  public HalfFloat getHalfFloat(int byteIndex) {
    return new HalfFloat(getSegment().get(ValueLayout.JAVA_SHORT_UNALIGNED, even(byteIndex)));
  }

  private static int even(int byteIndex) {
    if ((byteIndex & 1) != 0) {
      throw new IllegalArgumentException(
          "A half float starts at an even byte, not at " + byteIndex);
    }
    return byteIndex;
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
  public ByteArray slice(int offset, int length) {
    checkRange(offset, length);
    return new ByteArray(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
