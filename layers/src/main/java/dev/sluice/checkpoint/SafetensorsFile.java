package dev.sluice.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A safetensors file, open for reading. Data passes through a small buffer, so that only what is
/// asked for is in memory.
public final class SafetensorsFile implements TensorSource {
  private static final int BUFFER_BYTES = 1 << 18;

  private final Path path;
  private final FileChannel channel;
  private final long dataStart;
  private final SafetensorsHeader header;
  private final List<TensorInfo> tensors;

  private SafetensorsFile(
      Path path, FileChannel channel, long dataStart, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.dataStart = dataStart;
    this.header = header;
    this.tensors = header.entries().values().stream().map(SafetensorsHeader.Entry::info).toList();
  }

  /// Opens a file and checks its header.
  ///
  /// @throws CheckpointException if it cannot be read or is malformed
  public static SafetensorsFile open(Path path) {
    if (Files.isDirectory(path)) {
      throw new CheckpointException(path + ": is a folder; give a safetensors file");
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      SafetensorsFile file = read(path, channel);
      channel = null;
      return file;
    } catch (IOException e) {
      throw new CheckpointException("%s: cannot be read: %s".formatted(path, Reason.of(e)), e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static SafetensorsFile read(Path path, FileChannel channel) throws IOException {
    String file = path.toString();
    long size = channel.size();
    if (size < SafetensorsHeader.LENGTH_BYTES) {
      throw SafetensorsHeader.malformed(
          file, "%d bytes are too few for a safetensors file".formatted(size), null);
    }
    ByteBuffer length =
        ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length, 0);
    long jsonBytes = length.getLong(0);
    if (jsonBytes < 0 || jsonBytes > SafetensorsHeader.MAX_JSON_BYTES) {
      throw new CheckpointException(
          "%s: begins with the header length %s; it is not a safetensors file"
              .formatted(file, Long.toUnsignedString(jsonBytes)));
    }
    long dataStart = SafetensorsHeader.LENGTH_BYTES + jsonBytes;
    if (dataStart > size) {
      throw SafetensorsHeader.malformed(
          file,
          "its header needs %d bytes, but the file has %d: it is truncated"
              .formatted(dataStart, size),
          null);
    }
    ByteBuffer json = ByteBuffer.allocate((int) jsonBytes);
    readFully(channel, json, SafetensorsHeader.LENGTH_BYTES);
    SafetensorsHeader header = SafetensorsHeader.parse(file, json.array(), size - dataStart);
    return new SafetensorsFile(path, channel, dataStart, header);
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  @Override
  public List<TensorInfo> tensors() {
    return tensors;
  }

  @Override
  public Optional<TensorInfo> find(String name) {
    return Optional.ofNullable(header.entries().get(name)).map(SafetensorsHeader.Entry::info);
  }

  @Override
  public void read(String name, float[] into, int offset) {
    TensorInfo info = info(name);
    if (info.type().kind() != ElementType.Kind.FLOATING) {
      throw wrongType(info, "floating numbers (F32, F16, BF16 or F64)");
    }
    Objects.checkFromIndexSize(offset, info.elements(), into.length);
    eachBuffer(
        info,
        (data, done, count) -> Elements.decode(info.type(), data, into, offset + done, count));
  }

  @Override
  public void read(String name, int[] into, int offset) {
    TensorInfo info = info(name);
    if (info.type().kind() != ElementType.Kind.INTEGER) {
      throw wrongType(info, "integers (I64, I32, U8, …)");
    }
    Objects.checkFromIndexSize(offset, info.elements(), into.length);
    try {
      eachBuffer(
          info,
          (data, done, count) -> Elements.decode(info.type(), data, into, offset + done, count));
    } catch (ArithmeticException e) {
      throw new CheckpointException(
          "%s: tensor %s holds %s, which is beyond a 32-bit integer; it is not a tensor of ids"
              .formatted(path, name, e.getMessage()),
          e);
    }
  }

  private CheckpointException wrongType(TensorInfo info, String needed) {
    return new CheckpointException(
        "%s: tensor %s has dtype %s where %s are needed; convert it"
            .formatted(path, info.name(), info.type(), needed));
  }

  /// Takes `count` elements, of which the first is number `done` of the tensor, from the buffer's
  /// start.
  private interface BufferReader {
    void take(ByteBuffer data, int done, int count);
  }

  private void eachBuffer(TensorInfo info, BufferReader reader) {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER_BYTES, info.bytes()));
    buffer.order(ByteOrder.LITTLE_ENDIAN);
    long position = dataStart + entry(info).begin();
    long left = info.bytes();
    int done = 0;
    try {
      while (left > 0) {
        buffer.clear().limit((int) Math.min(left, buffer.capacity()));
        int bytes = buffer.limit();
        readFully(channel, buffer, position);
        int count = bytes / info.type().bytes();
        reader.take(buffer.flip(), done, count);
        done += count;
        position += bytes;
        left -= bytes;
      }
    } catch (IOException e) {
      throw new CheckpointException(
          "%s: tensor %s cannot be read (%s); check the disk and the file"
              .formatted(path, info.name(), e.getMessage()),
          e);
    }
  }

  private SafetensorsHeader.Entry entry(TensorInfo info) {
    return Objects.requireNonNull(header.entries().get(info.name()));
  }

  private static void readFully(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, position + buffer.position());
      if (read < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }
}
