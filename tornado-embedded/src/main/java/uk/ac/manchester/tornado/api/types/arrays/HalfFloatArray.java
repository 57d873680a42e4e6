package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/// An array of IEEE 754 binary16 numbers over a Java heap array, so that the JVM's compiler can
/// vectorize loops over it.
///
/// Indices outside `0 … getSize()-1` throw [ArrayIndexOutOfBoundsException].
public final class HalfFloatArray extends TornadoNativeArray {

  private final short[] storage;

  /// @param numberOfElements the length; every element is zero
  /// @throws NegativeArraySizeException if it is negative
  public HalfFloatArray(int numberOfElements) {
    storage = new short[numberOfElements];
  }

  /// @param arrays the arrays whose elements, one after the other, are copied
  public HalfFloatArray(HalfFloatArray... arrays) {
    storage = join(arrays);
  }

  private HalfFloatArray(short[] storage) {
    this.storage = storage;
  }

  private static short[] join(HalfFloatArray... arrays) {
    int size = 0;
    for (HalfFloatArray array : arrays) {
      size = Math.addExact(size, array.storage.length);
    }
    short[] joined = new short[size];
    int at = 0;
    for (HalfFloatArray array : arrays) {
      System.arraycopy(array.storage, 0, joined, at, array.storage.length);
      at += array.storage.length;
    }
    return joined;
  }

  /// @param segment copied; its byte size is a multiple of 2
  /// @return an array of the segment's elements in native byte order
  public static HalfFloatArray fromSegment(MemorySegment segment) {
    HalfFloatArray array = new HalfFloatArray(elements(segment, 2));
    MemorySegment.copy(
        segment, ValueLayout.JAVA_SHORT_UNALIGNED, 0, array.storage, 0, array.storage.length);
    return array;
  }

  /// @param array Overwritten with `value`
  /// @param value what every element becomes
  public static void initialize(HalfFloatArray array, HalfFloat value) {
    array.init(value);
  }

  /// @param arrays the arrays to join
  /// @return a new array of their elements, one array after the other
  public static HalfFloatArray concat(HalfFloatArray... arrays) {
    return new HalfFloatArray(arrays);
  }

  /// @param index where to write
  /// @param value the element's new value
  public void set(int index, HalfFloat value) {
    storage[index] = value.getHalfFloatValue();
  }

  /// @param index where to read
  /// @return the element there
  public HalfFloat get(int index) {
    return new HalfFloat(storage[index]);
  }

  /// @param index the first of two elements
  /// @return the elements at `index` and `index + 1`
  public Half2 getHalf2(int index) {
    return new Half2(new HalfFloat(storage[index]), new HalfFloat(storage[index + 1]));
  }

  /// @param index the first of two elements
  /// @param value written to `index` and `index + 1`
  public void setHalf2(int index, Half2 value) {
    storage[index] = value.getX().getHalfFloatValue();
    storage[index + 1] = value.getY().getHalfFloatValue();
  }

  /// @param values copied
  /// @return an array of the same elements
  public static HalfFloatArray fromArray(HalfFloat[] values) {
    HalfFloatArray array = new HalfFloatArray(values.length);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
    return array;
  }

  /// @param values copied
  /// @return an array of the same elements
  public static HalfFloatArray fromElements(HalfFloat... values) {
    return fromArray(values);
  }

  /// @return a copy of the elements
  public HalfFloat[] toHeapArray() {
    HalfFloat[] values = new HalfFloat[storage.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  /// @return a copy of the bit patterns
  public short[] toShortArray() {
    return storage.clone();
  }

  /// Sets every element to zero.
  @Override
  public void clear() {
    Arrays.fill(storage, (short) 0);
  }

  /// @param value what every element becomes
  public void init(HalfFloat value) {
    Arrays.fill(storage, value.getHalfFloatValue());
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
  public HalfFloatArray slice(int offset, int length) {
    checkRange(offset, length);
    return new HalfFloatArray(Arrays.copyOfRange(storage, offset, offset + length));
  }
}
