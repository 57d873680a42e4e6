package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;

/// What the arrays that host and device share have in common.
public abstract sealed class TornadoNativeArray
    permits FloatArray,
        IntArray,
        LongArray,
        DoubleArray,
        ShortArray,
        Int8Array,
        ByteArray,
        BFloat16Array,
        HalfFloatArray {

  /// The bytes before the first element. Read when the class is loaded, so that what is compiled
  /// here has the value of the runtime that it runs on.
  public static final long ARRAY_HEADER = Long.getLong("tornado.panama.objectHeader", 0L);

  TornadoNativeArray() {}

  /// @return the number of elements
  public abstract int getSize();

  /// @return a view of the elements
  public abstract MemorySegment getSegment();

  /// @return the bytes that the elements take
  public long getNumBytesOfSegment() {
    return (long) getSize() * getElementSize();
  }

  /// @return the bytes of one element
  public abstract int getElementSize();

  /// Sets every element to zero.
  abstract void clear();

  static int elements(MemorySegment segment, int elementSize) {
    long bytes = segment.byteSize();
    if (bytes % elementSize != 0) {
      throw new IllegalArgumentException(
          "A segment of "
              + bytes
              + " bytes is no whole number of elements of "
              + elementSize
              + " bytes");
    }
    return Math.toIntExact(bytes / elementSize);
  }

  void checkRange(int offset, int length) {
    if (offset < 0 || length < 0 || offset > getSize() - length) {
      throw new IllegalArgumentException(
          "Slice from " + offset + " of " + length + " elements leaves an array of " + getSize());
    }
  }
}
