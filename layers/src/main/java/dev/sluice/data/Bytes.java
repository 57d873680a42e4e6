package dev.sluice.data;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/// A long row of bytes in pieces: arrays, and files mapped into memory.
final class Bytes {
  private static final int CHUNK = 1 << 24;

  private final MemorySegment[] pieces;

  /// `starts[i]` is the position of the first byte of piece `i`; the last element is the size.
  private final long[] starts;

  private final long checksum;

  private Bytes(List<MemorySegment> pieces, long checksum) {
    this.pieces = pieces.toArray(MemorySegment[]::new);
    this.checksum = checksum;
    starts = new long[this.pieces.length + 1];
    for (int i = 0; i < this.pieces.length; i++) {
      starts[i + 1] = starts[i] + this.pieces[i].byteSize();
    }
  }

  long size() {
    return starts[pieces.length];
  }

  long heapBytes() {
    return Arrays.stream(pieces)
        .filter(piece -> !piece.isNative())
        .mapToLong(MemorySegment::byteSize)
        .sum();
  }

  /// CRC-32C of all bytes.
  long checksum() {
    return checksum;
  }

  /// Copies the bytes from `position` on to the front of `into`.
  void copy(long position, byte[] into, int count) {
    int found = Arrays.binarySearch(starts, position);
    int piece = found >= 0 ? found : -found - 2;
    int done = 0;
    while (done < count) {
      long inside = position + done - starts[piece];
      int step = (int) Math.min(count - done, pieces[piece].byteSize() - inside);
      MemorySegment.copy(pieces[piece], ValueLayout.JAVA_BYTE, inside, into, done, step);
      done += step;
      piece++;
    }
  }

  /// More bytes than the heap can hold.
  static final class TooLarge extends RuntimeException {}

  /// Collects the pieces.
  static final class Builder {
    /// What the rest of the program needs at least, as a part of the heap.
    private static final double HEAP_PART = 0.75;

    private final List<MemorySegment> pieces = new ArrayList<>();
    private final CRC32C checksum = new CRC32C();
    private final long heapLimit = (long) (Runtime.getRuntime().maxMemory() * HEAP_PART);
    private byte[] chunk = new byte[1 << 16];
    private int used;
    private long heap;
    private long size;

    long size() {
      return size;
    }

    /// Appends everything that a stream gives.
    void append(InputStream in) throws IOException {
      while (true) {
        if (used == chunk.length) {
          grow();
        }
        int read = in.read(chunk, used, chunk.length - used);
        if (read < 0) {
          return;
        }
        checksum.update(chunk, used, read);
        used += read;
        size += read;
      }
    }

    /// Appends a whole file by mapping it; the mapping lives as long as these bytes are in use.
    void map(FileChannel channel) throws IOException {
      closeChunk();
      MemorySegment piece =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      for (long position = 0; position < piece.byteSize(); position += CHUNK) {
        long step = Math.min(CHUNK, piece.byteSize() - position);
        checksum.update(piece.asSlice(position, step).asByteBuffer());
      }
      pieces.add(piece);
      size += piece.byteSize();
    }

    Bytes build() {
      closeChunk();
      return new Bytes(pieces, checksum.getValue());
    }

    private void grow() {
      if (heap + 2L * chunk.length > heapLimit) {
        throw new TooLarge();
      }
      if (chunk.length < CHUNK) {
        chunk = Arrays.copyOf(chunk, 2 * chunk.length);
      } else {
        closeChunk();
      }
    }

    private void closeChunk() {
      if (used > 0) {
        byte[] full = used == chunk.length ? chunk : Arrays.copyOf(chunk, used);
        pieces.add(MemorySegment.ofArray(full));
        heap += used;
        chunk = new byte[Math.min(chunk.length, CHUNK)];
        used = 0;
      }
    }
  }
}
