package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.BFloat16;

/// An array of bfloat16 bit patterns over a Java heap array, so that the JVM's compiler can
/// vectorize loops over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class BFloat16Array extends TornadoNativeArray {

  private final short[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public BFloat16Array(int numberOfElements) {
    storage = new short[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public BFloat16Array(BFloat16Array... arrays) {
    storage = join(arrays);
  }

  private BFloat16Array(short[] storage) {
    this.storage = storage;
  }

  private static short[] join(BFloat16Array... arrays) {
    int size = 0;
    for (BFloat16Array array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    short[] joined = new short[size];
    int at = 0;
    for (BFloat16Array array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param segment copied; its byte size is a multiple of 2
  /// @return an array of the segment's elements in native byte order
  public static BFloat16Array fromSegment(MemorySegment segment) {
    BFloat16Array array = new BFloat16Array(elements(segment, 2));
    MemorySegment.copy(
        segment, ValueLayout.JAVA_SHORT_UNALIGNED, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(BFloat16Array array, short value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static BFloat16Array concat(BFloat16Array... arrays) {
    return new BFloat16Array(arrays);
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

  /// @param bits bit patterns, copied
  /// @return an array of them
  public static BFloat16Array fromShorts(short... bits) {
    return new BFloat16Array(bits.clone());
  }

  /// @param values rounded to bfloat16
  /// @return an array of them
  public static BFloat16Array fromFloats(float... values) {
    BFloat16Array array = new BFloat16Array(values.length);
    for (int i = 0; i < values.length; i++) {
      array.setFloat(i, values[i]);
    }
    return array;
  }

  /// @return a copy of the bit patterns
  public short[] toShortArray() {
    return storage.clone();
  }

  /// @param index where to write
  /// @param value rounded to bfloat16
  public void setFloat(int index, float value) {
    storage[index] = BFloat16.bf16FromFloat(value);
  }

  /// @param index where to read
  /// @return the element as a float, exactly
  public float getFloat(int index) {
    return BFloat16.bf16ToFloat(storage[index]);
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
  public BFloat16Array slice(int offset, int length) {
    checkRange(offset, length);
    return new BFloat16Array(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
