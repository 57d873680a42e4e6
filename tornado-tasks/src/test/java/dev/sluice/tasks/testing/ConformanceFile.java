package dev.sluice.tasks.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The numbers of one op of `shared/conformance/ops`: a safetensors file whose keys are
/// `CASE/in/NAME`, `CASE/out/NAME`, `CASE/cot/NAME` and `CASE/grad/NAME`.
///
/// A reader for tests only: it knows little-endian float32 and int32 and believes the header.
public final class ConformanceFile {
  private static final Pattern ENTRY =
      Pattern.compile(
          "\"([^\"]+)\":\\s*\\{\"dtype\":\\s*\"([A-Z0-9]+)\",\\s*\"shape\":\\s*\\[([^]]*)],"
              + "\\s*\"data_offsets\":\\s*\\[(\\d+),\\s*(\\d+)]}");

  private record Entry(String type, int[] shape, int start, int end) {}

  private final Map<String, Entry> entries = new TreeMap<>();
  private final ByteBuffer data;

  private ConformanceFile(Path path) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) file.getLong()];
    file.get(header);
    Matcher entry = ENTRY.matcher(new String(header, StandardCharsets.UTF_8));
    while (entry.find()) {
      int[] shape =
          Arrays.stream(entry.group(3).split(","))
              .map(String::strip)
              .filter(s -> !s.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      entries.put(
          entry.group(1),
          new Entry(
              entry.group(2),
              shape,
              Integer.parseInt(entry.group(4)),
              Integer.parseInt(entry.group(5))));
    }
    data = file.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The file of `op`, or nothing where there is no folder `shared/conformance` in this or a higher
  /// folder.
  public static Optional<ConformanceFile> find(String op) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null) {
      Path file = folder.resolve("shared/conformance/ops/" + op + ".safetensors");
      if (Files.isRegularFile(file)) {
        try {
          return Optional.of(new ConformanceFile(file));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      folder = folder.getParent();
    }
    return Optional.empty();
  }

  /// The names of the cases.
  public SequencedSet<String> cases() {
    SequencedSet<String> cases = new TreeSet<>();
    entries.keySet().forEach(key -> cases.add(key.substring(0, key.indexOf('/'))));
    return cases;
  }

  /// Whether there is a tensor of this key.
  public boolean has(String key) {
    return entries.containsKey(key);
  }

  /// Extents of a tensor.
  public int[] shape(String key) {
    return entry(key).shape().clone();
  }

  /// Elements of a float32 tensor.
  public float[] floats(String key) {
    Entry entry = entry(key);
    if (!entry.type().equals("F32")) {
      throw new IllegalArgumentException(key + " is " + entry.type() + ", not F32");
    }
    float[] values = new float[(entry.end() - entry.start()) / Float.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.getFloat(entry.start() + i * Float.BYTES);
    }
    return values;
  }

  /// Elements of an int32 tensor.
  public int[] integers(String key) {
    Entry entry = entry(key);
    if (!entry.type().equals("I32")) {
      throw new IllegalArgumentException(key + " is " + entry.type() + ", not I32");
    }
    int[] values = new int[(entry.end() - entry.start()) / Integer.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.getInt(entry.start() + i * Integer.BYTES);
    }
    return values;
  }

  private Entry entry(String key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      throw new IllegalArgumentException("no tensor " + key + "; there are " + entries.keySet());
    }
    return entry;
  }
}
