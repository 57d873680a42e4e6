package dev.sluice.data;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/// A text as bytes: the vocabulary is 0 … 255, and the target of each position is the next byte.
///
/// The text is cut into windows of T + 1 bytes that do not overlap: the first T are tokens, the
/// last T targets. The last window may be shorter (two bytes at least); what it lacks has token 0
/// and no target.
public final class TextDataset implements Dataset {
  /// Different bytes.
  public static final int VOCABULARY = 256;

  private final String name;
  private final Bytes bytes;
  private final long start;
  private final long count;
  private final int length;

  TextDataset(String name, Bytes bytes, long start, long count, int length) {
    if (length < 1) {
      throw new DataException("text: length %d must be at least 1".formatted(length));
    }
    this.name = name;
    this.bytes = bytes;
    this.start = start;
    this.count = count;
    this.length = length;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String fingerprint() {
    return "text crc32c=%s bytes=%d part=%d+%d length=%d"
        .formatted(
            HexFormat.of().toHexDigits((int) bytes.checksum()), bytes.size(), start, count, length);
  }

  @Override
  public int vocabulary() {
    return VOCABULARY;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public long size() {
    long window = length + 1L;
    return count / window + (count % window >= 2 ? 1 : 0);
  }

  @Override
  public void example(long index, int[] ids, int idsOffset, int[] labels, int labelsOffset) {
    long first = Objects.checkIndex(index, size()) * (length + 1L);
    int present = (int) Math.min(length + 1L, count - first);
    byte[] window = new byte[present];
    bytes.copy(start + first, window, present);
    for (int i = 0; i < present - 1; i++) {
      ids[idsOffset + i] = Byte.toUnsignedInt(window[i]);
      labels[labelsOffset + i] = Byte.toUnsignedInt(window[i + 1]);
    }
    Arrays.fill(ids, idsOffset + present - 1, idsOffset + length, 0);
    Arrays.fill(labels, labelsOffset + present - 1, labelsOffset + length, IGNORED);
  }
}
