package dev.sluice.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path file = folder.resolve("x.safetensors");
    float[] weights = new float[200_000];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i * 0.37f - 1000;
    }
    weights[3] = Float.NaN;
    weights[4] = Float.NEGATIVE_INFINITY;
    weights[5] = -0f;
    int[] ids = {7, -3, Integer.MAX_VALUE, Integer.MIN_VALUE};
    List<TensorInfo> tensors =
        List.of(
            TensorInfo.of("z.weight", ElementType.F32, 400, 500),
            TensorInfo.of("ids", ElementType.I64, 4),
            TensorInfo.of("empty", ElementType.F32, 3, 0),
            TensorInfo.of("scalar", ElementType.F32),
            TensorInfo.of("counts", ElementType.I32, 3),
            TensorInfo.of("wide", ElementType.F64, 2));
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of("step", "12"), tensors)) {
      writer.write("z.weight", weights, 0);
      writer.write("ids", ids, 0);
      writer.write("empty", new float[0], 0);
      writer.write("scalar", new float[] {9, 2.5f}, 1);
      writer.write("counts", ids, 1);
      writer.write("wide", weights, 1);
      writer.finish();
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0, bytes.getLong(0) % 8, "data is aligned");
    try (TensorSource source = TensorSource.open(file)) {
      assertEquals(tensors, source.tensors());
      assertEquals(Map.of("format", "pt", "step", "12"), source.metadata());
      float[] read = new float[weights.length + 2];
      Arrays.fill(read, 77);
      source.read("z.weight", read, 1);
      assertEquals(77, read[0]);
      assertEquals(77, read[weights.length + 1]);
      assertArrayEquals(weights, Arrays.copyOfRange(read, 1, weights.length + 1));
      assertArrayEquals(ids, source.ints("ids"));
      assertEquals(0, source.floats("empty").length);
      assertArrayEquals(new float[] {2.5f}, source.floats("scalar"));
      assertArrayEquals(Arrays.copyOfRange(ids, 1, 4), source.ints("counts"));
      assertArrayEquals(Arrays.copyOfRange(weights, 1, 3), source.floats("wide"));
      assertThrows(
          IndexOutOfBoundsException.class, () -> source.read("ids", new int[4], 1), "too short");
    }
  }

  @Test
  void halfPrecisionRoundsToNearestEven() {
    float[] values = {1, 1 + 1 / 256f, 1 + 3 / 256f, -2.75f, 0, Float.NaN, 3.4e38f, 65504, 1e-7f};
    Path file = folder.resolve("half.safetensors");
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(
            file,
            Map.of(),
            List.of(
                TensorInfo.of("bf16", ElementType.BF16, values.length),
                TensorInfo.of("f16", ElementType.F16, values.length)))) {
      writer.write("bf16", values, 0);
      writer.write("f16", values, 0);
      writer.finish();
    }
    try (TensorSource source = TensorSource.open(file)) {
      float[] bf16 = source.floats("bf16");
      assertArrayEquals(
          new float[] {1, 1, 1 + 4 / 256f, -2.75f, 0, Float.NaN, Float.POSITIVE_INFINITY, 65536},
          Arrays.copyOf(bf16, 8));
      assertEquals(1e-7f, bf16[8], 1e-7f / 256, "8 bits of precision");
      float[] f16 = source.floats("f16");
      for (int i = 0; i < values.length; i++) {
        assertEquals(Float.float16ToFloat(Float.floatToFloat16(values[i])), f16[i]);
      }
    }
  }

  @Test
  void integersOfAllWidths() throws IOException {
    String header =
        """
        {"u8":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},\
        "i8":{"dtype":"I8","shape":[2],"data_offsets":[2,4]},\
        "b":{"dtype":"BOOL","shape":[2],"data_offsets":[4,6]},\
        "u16":{"dtype":"U16","shape":[1],"data_offsets":[6,8]},\
        "i16":{"dtype":"I16","shape":[1],"data_offsets":[8,10]},\
        "u32":{"dtype":"U32","shape":[1],"data_offsets":[10,14]},\
        "u64":{"dtype":"U64","shape":[1],"data_offsets":[14,22]},\
        "big":{"dtype":"U64","shape":[1],"data_offsets":[22,30]}}\
        """;
    byte[] data = {-1, 1, -1, 1, 0, 1, -1, -1, -2, -1, 5, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0};
    data = Arrays.copyOf(data, 30);
    Arrays.fill(data, 22, 30, (byte) -1);
    try (TensorSource source = TensorSource.open(file(header, data))) {
      assertArrayEquals(new int[] {255, 1}, source.ints("u8"));
      assertArrayEquals(new int[] {-1, 1}, source.ints("i8"));
      assertArrayEquals(new int[] {0, 1}, source.ints("b"));
      assertArrayEquals(new int[] {65535}, source.ints("u16"));
      assertArrayEquals(new int[] {-2}, source.ints("i16"));
      assertArrayEquals(new int[] {5}, source.ints("u32"));
      assertArrayEquals(new int[] {6}, source.ints("u64"));
      CheckpointException beyond =
          assertThrows(CheckpointException.class, () -> source.ints("big"));
      assertTrue(beyond.getMessage().contains("tensor big holds 18446744073709551615"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          []                                                            | its header is not a JSON object
          {"a":1}                                                       | tensor a is not described by an object
          {"a":                                                         | its header is not valid JSON
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} {}     | text follows the JSON object
          {"a":{"dtype":"F32","shape":[1]}}                             | tensor a lacks one of dtype, shape, data_offsets
          {"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}        | tensor a has the unknown dtype F31
          {"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}      | shape of tensor a is not a list of integers
          {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}       | tensor a: negative dimension in shape [-1]
          {"a":{"dtype":"F32","shape":[9223372036854775807,3],"data_offsets":[0,4]}} | is too large
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}        | needs 8 bytes, but its data offsets [0, 4] hold 4
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}        | tensor a has the data offsets [4, 0]
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}        | 4 bytes follow the last tensor
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}        | there is a gap before tensor a
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}       | tensor a ends at byte 12 of the data, but only 8
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | tensor b overlaps
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | tensor a occurs twice
          {"__metadata__":{"x":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | __metadata__ is not an object of strings
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"stride":[1]}} | tensor a has the key stride
          """)
  void refusesMalformedHeaders(String header, String message) throws IOException {
    Path file = file(header, new byte[8]);
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> TensorSource.open(file));
    assertTrue(refused.getMessage().startsWith(file + ": "), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
    assertTrue(refused.getMessage().lines().count() == 1, refused.getMessage());
  }

  @Test
  void refusesWhatIsNoSuchFile() throws IOException {
    assertRefused(Files.write(folder.resolve("short"), new byte[7]), "7 bytes are too few");
    assertRefused(
        Files.write(folder.resolve("text"), "a text, not tensors".getBytes(StandardCharsets.UTF_8)),
        "it is not a safetensors file");
    Path whole =
        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", new byte[8]);
    byte[] bytes = Files.readAllBytes(whole);
    assertRefused(Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, 20)), "it is truncated");
    assertRefused(
        Files.write(folder.resolve("cut2"), Arrays.copyOf(bytes, bytes.length - 1)),
        "tensor a ends at byte 8 of the data, but only 7 are there: the file is truncated");
    assertRefused(folder.resolve("absent"), "no such file");
    assertRefused(folder, "neither model.safetensors nor model.safetensors.index.json is there");
  }

  private static void assertRefused(Path path, String message) {
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> TensorSource.open(path));
    assertTrue(refused.getMessage().startsWith(path + ": "), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }

  @Test
  void readingNamesFileTensorAndWayOut() throws IOException {
    Path path =
        file(
            "{\"a.weight\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}}",
            new byte[8]);
    try (TensorSource source = TensorSource.open(path)) {
      assertEquals(
          path + ": tensor a.wieght is missing; the nearest name in the file is a.weight",
          assertThrows(CheckpointException.class, () -> source.floats("a.wieght")).getMessage());
      assertEquals(
          path
              + ": tensor a.weight has dtype F8_E4M3 where floating numbers (F32, F16, BF16 or F64)"
              + " are needed; convert it",
          assertThrows(CheckpointException.class, () -> source.floats("a.weight")).getMessage());
      assertThrows(CheckpointException.class, () -> source.ints("a.weight"));
    }
  }

  @Test
  void writerKeepsToTheList() {
    Path file = folder.resolve("x.safetensors");
    List<TensorInfo> tensors = List.of(TensorInfo.of("a", ElementType.F32, 1));
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of(), tensors)) {
      assertThrows(IllegalArgumentException.class, () -> writer.write("b", new float[1], 0));
      assertThrows(IllegalArgumentException.class, () -> writer.write("a", new int[1], 0));
      assertThrows(IllegalStateException.class, writer::finish);
      writer.write("a", new float[1], 0);
      assertThrows(IllegalArgumentException.class, () -> writer.write("a", new float[1], 0));
      writer.finish();
    }
    List<TensorInfo> twice = List.of(tensors.getFirst(), tensors.getFirst());
    assertThrows(
        IllegalArgumentException.class, () -> SafetensorsWriter.create(file, Map.of(), twice));
  }

  static boolean hasFullDevice() {
    return Files.isWritable(Path.of("/dev/full"));
  }

  @Test
  @EnabledIf("hasFullDevice")
  void fullDiskIsOneClearError() {
    Path full = Path.of("/dev/full");
    CheckpointException refused =
        assertThrows(
            CheckpointException.class, () -> SafetensorsWriter.create(full, Map.of(), List.of()));
    assertEquals(
        "/dev/full: cannot be written: No space left on device; free some space or choose another"
            + " disk",
        refused.getMessage());
  }

  @Test
  void shardsAreOneSource() throws IOException {
    write("m-1.safetensors", "a", 1);
    write("m-2.safetensors", "b", 2);
    Path index = folder.resolve(TensorSource.INDEX_FILE);
    Files.writeString(
        index,
        """
        {"metadata": {"total_size": 8},
         "weight_map": {"b": "m-2.safetensors", "a": "m-1.safetensors"}}
        """);
    try (TensorSource source = TensorSource.open(folder)) {
      assertEquals(List.of("b", "a"), source.tensors().stream().map(TensorInfo::name).toList());
      assertArrayEquals(new float[] {1}, source.floats("a"));
      assertArrayEquals(new float[] {2}, source.floats("b"));
      assertEquals(Map.of("format", "pt"), source.metadata());
      assertThrows(CheckpointException.class, () -> source.floats("c"));
    }
    Files.writeString(index, "{\"weight_map\":\n {\"a\": \"m-2.safetensors\"}}");
    assertRefused(index, 2, "weight_map.a: is not in m-2.safetensors");
    Files.writeString(index, "{\"weight_map\": {\"a\": \"m-3.safetensors\"}}");
    assertRefused(index, 1, "weight_map.a: the shard m-3.safetensors is missing");
    Files.writeString(index, "{\"weight_map\": {\"a\": \"../m-1.safetensors\"}}");
    assertRefused(index, 1, "weight_map.a: \"../m-1.safetensors\" is not the name of a file");
    Files.writeString(index, "{}");
    assertEquals(
        index + ": weight_map: is missing; give an object",
        assertThrows(CheckpointException.class, () -> TensorSource.open(index)).getMessage());
  }

  private static void assertRefused(Path index, int line, String message) {
    CheckpointException refused =
        assertThrows(CheckpointException.class, () -> TensorSource.open(index));
    assertTrue(
        refused.getMessage().startsWith(index + ":" + line + ": " + message), refused.getMessage());
  }

  private void write(String file, String name, float value) {
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(
            folder.resolve(file), Map.of(), List.of(TensorInfo.of(name, ElementType.F32, 1)))) {
      writer.write(name, new float[] {value}, 0);
      writer.finish();
    }
  }

  private Path file(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    byte[] bytes =
        ByteBuffer.allocate(8 + text.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(text.length)
            .put(text)
            .put(data)
            .array();
    return Files.write(folder.resolve("made.safetensors"), bytes);
  }
}
