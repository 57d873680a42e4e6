package dev.sluice.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Writes a safetensors file: first all names and shapes, then the data of one tensor after the
/// other, in that order.
///
/// Nothing is certain before [#finish()]; closing without it leaves a partial file, which is the
/// caller's to delete.
public final class SafetensorsWriter implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 18;
  private static final int ALIGNMENT = 8;

  private final Path path;
  private final FileChannel channel;
  private final List<TensorInfo> tensors;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private int written;

  private SafetensorsWriter(Path path, FileChannel channel, List<TensorInfo> tensors) {
    this.path = path;
    this.channel = channel;
    this.tensors = tensors;
  }

  /// Creates the file, or empties it, and writes the header.
  ///
  /// @param metadata texts beside the tensors; `format: pt`, which transformers asks for, is added
  /// @param tensors what will be written, in order
  /// @throws CheckpointException if the file cannot be written
  /// @throws IllegalArgumentException if a name occurs twice
  public static SafetensorsWriter create(
      Path path, Map<String, String> metadata, List<TensorInfo> tensors) {
    byte[] header = header(metadata, tensors);
    try {
      FileChannel channel =
          FileChannel.open(
              path,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING);
      SafetensorsWriter writer = new SafetensorsWriter(path, channel, List.copyOf(tensors));
      try {
        writer.drain(ByteBuffer.wrap(header));
      } catch (IOException e) {
        writer.close();
        throw e;
      }
      return writer;
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  /// Writes the next tensor, of floating type.
  ///
  /// @param from its elements, row-major, from `offset` on: Read
  /// @throws CheckpointException if the file cannot be written
  /// @throws IllegalArgumentException if another tensor is next, or its type is not floating
  public void write(String name, float[] from, int offset) {
    TensorInfo info = next(name, ElementType.Kind.FLOATING);
    Objects.checkFromIndexSize(offset, info.elements(), from.length);
    int end = offset + (int) info.elements();
    int step = BUFFER_BYTES / info.type().bytes();
    for (int i = offset; i < end; i += Math.min(step, end - i)) {
      buffer.clear();
      Elements.encode(info.type(), from, i, Math.min(step, end - i), buffer);
      flush();
    }
  }

  /// Writes the next tensor, of type I32 or I64.
  ///
  /// @param from its elements, row-major, from `offset` on: Read
  /// @throws CheckpointException if the file cannot be written
  /// @throws IllegalArgumentException if another tensor is next, or its type is another
  public void write(String name, int[] from, int offset) {
    TensorInfo info = next(name, ElementType.Kind.INTEGER);
    Objects.checkFromIndexSize(offset, info.elements(), from.length);
    int end = offset + (int) info.elements();
    int step = BUFFER_BYTES / info.type().bytes();
    for (int i = offset; i < end; i += Math.min(step, end - i)) {
      buffer.clear();
      Elements.encode(info.type(), from, i, Math.min(step, end - i), buffer);
      flush();
    }
  }

  /// Brings everything to the disk and closes the file.
  ///
  /// @throws CheckpointException if the file cannot be written
  /// @throws IllegalStateException if a tensor is missing
  public void finish() {
    if (written != tensors.size()) {
      throw new IllegalStateException(
          "%s: tensor %s has not been written".formatted(path, tensors.get(written).name()));
    }
    try {
      channel.force(true);
      channel.close();
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  /// Closes the file.
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  private TensorInfo next(String name, ElementType.Kind kind) {
    if (written == tensors.size() || !tensors.get(written).name().equals(name)) {
      throw new IllegalArgumentException(
          "%s: tensor %s is not the next one (%s)"
              .formatted(
                  path, name, written == tensors.size() ? "none" : tensors.get(written).name()));
    }
    TensorInfo info = tensors.get(written);
    if (info.type().kind() != kind) {
      throw new IllegalArgumentException(
          "%s: tensor %s is of type %s".formatted(path, name, info.type()));
    }
    written++;
    return info;
  }

  private void flush() {
    try {
      drain(buffer.flip());
    } catch (IOException e) {
      throw unwritable(path, e);
    }
  }

  private void drain(ByteBuffer data) throws IOException {
    while (data.hasRemaining()) {
      channel.write(data);
    }
  }

  private static CheckpointException unwritable(Path path, IOException e) {
    return new CheckpointException("%s: cannot be written: %s".formatted(path, Reason.of(e)), e);
  }

  /// The length and the JSON text, padded with spaces so that the data is aligned.
  private static byte[] header(Map<String, String> metadata, List<TensorInfo> tensors) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart(SafetensorsHeader.METADATA);
      json.writeStringField("format", "pt");
      for (Map.Entry<String, String> entry : metadata.entrySet()) {
        if (!entry.getKey().equals("format")) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
      }
      json.writeEndObject();
      writeTensors(json, tensors);
      json.writeEndObject();
    } catch (IOException e) {
      throw new AssertionError("an array in memory takes everything", e);
    }
    int length = text.size();
    int padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer header =
        ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + padded)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(padded)
            .put(text.toByteArray());
    Arrays.fill(header.array(), header.position(), header.capacity(), (byte) ' ');
    return header.array();
  }

  private static void writeTensors(JsonGenerator json, List<TensorInfo> tensors)
      throws IOException {
    Set<String> names = new HashSet<>();
    long begin = 0;
    for (TensorInfo tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("tensor " + tensor.name() + " occurs twice");
      }
      json.writeObjectFieldStart(tensor.name());
      json.writeStringField(SafetensorsHeader.TYPE, tensor.type().name());
      json.writeArrayFieldStart(SafetensorsHeader.SHAPE);
      for (long dimension : tensor.shape()) {
        json.writeNumber(dimension);
      }
      json.writeEndArray();
      json.writeArrayFieldStart(SafetensorsHeader.OFFSETS);
      json.writeNumber(begin);
      begin += tensor.bytes();
      json.writeNumber(begin);
      json.writeEndArray();
      json.writeEndObject();
    }
  }
}
