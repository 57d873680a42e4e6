package dev.sluice.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The header of a safetensors file: 8 bytes of length (little endian), then a JSON object `{NAME:
/// {"dtype", "shape", "data_offsets": [begin, end]}, …, "__metadata__": {KEY: TEXT}}`; the data
/// follows, and the offsets count from its first byte. Source: the format's description in the
/// safetensors repository.
///
/// @param metadata the texts, in file order
/// @param entries the tensors by name, in file order
record SafetensorsHeader(Map<String, String> metadata, SequencedMap<String, Entry> entries) {
  /// Bytes before the JSON text.
  static final int LENGTH_BYTES = 8;

  /// The format's own limit of the JSON text.
  static final long MAX_JSON_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";
  static final String TYPE = "dtype";
  static final String SHAPE = "shape";
  static final String OFFSETS = "data_offsets";

  private static final JsonFactory JSON = new JsonFactory();

  /// A tensor and where its data begins.
  record Entry(TensorInfo info, long begin) {
    long end() {
      return begin + info.bytes();
    }
  }

  /// Parses and checks a header.
  ///
  /// @param file names the file in messages
  /// @param json the JSON text
  /// @param dataBytes bytes of the file after the header
  static SafetensorsHeader parse(String file, byte[] json, long dataBytes) {
    SafetensorsHeader header;
    try (JsonParser parser = JSON.createParser(json)) {
      header = parse(file, parser);
    } catch (IOException e) {
      throw malformed(file, "its header is not valid JSON", e);
    }
    header.checkData(file, dataBytes);
    return header;
  }

  /// An error in a file that only a new copy can mend.
  static CheckpointException malformed(String file, String what, @Nullable Exception cause) {
    String message = "%s: %s; get or write the file again".formatted(file, what);
    return cause == null
        ? new CheckpointException(message)
        : new CheckpointException(message, cause);
  }

  private static SafetensorsHeader parse(String file, JsonParser parser) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    SequencedMap<String, Entry> entries = new LinkedHashMap<>();
    boolean seenMetadata = false;
    expect(file, parser.nextToken() == JsonToken.START_OBJECT, "its header is not a JSON object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (name.equals(METADATA)) {
        expect(file, !seenMetadata, METADATA + " occurs twice");
        seenMetadata = true;
        parseMetadata(file, parser, metadata);
      } else {
        Entry entry = parseEntry(file, name, parser);
        expect(file, entries.put(name, entry) == null, "tensor " + name + " occurs twice");
      }
    }
    expect(file, parser.nextToken() == null, "text follows the JSON object of its header");
    return new SafetensorsHeader(metadata, entries);
  }

  private static void parseMetadata(String file, JsonParser parser, Map<String, String> metadata)
      throws IOException {
    String wrong = METADATA + " is not an object of strings";
    expect(file, parser.nextToken() == JsonToken.START_OBJECT, wrong);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      expect(file, parser.nextToken() == JsonToken.VALUE_STRING, wrong);
      metadata.put(key, parser.getText());
    }
  }

  private static Entry parseEntry(String file, String name, JsonParser parser) throws IOException {
    expect(
        file,
        parser.nextToken() == JsonToken.START_OBJECT,
        "tensor %s is not described by an object".formatted(name));
    String typeName = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case TYPE -> typeName = parser.getValueAsString();
        case SHAPE -> shape = parseLongs(file, name, key, parser);
        case OFFSETS -> offsets = parseLongs(file, name, key, parser);
        default -> throw malformed(file, "tensor %s has the key %s".formatted(name, key), null);
      }
    }
    if (typeName == null || shape == null || offsets == null) {
      throw malformed(
          file, "tensor %s lacks one of %s, %s, %s".formatted(name, TYPE, SHAPE, OFFSETS), null);
    }
    String type = typeName;
    ElementType known =
        ElementType.of(type)
            .orElseThrow(() ->
                new CheckpointException(
                    "%s: tensor %s has the unknown dtype %s; convert it to F32, F16 or BF16"
                        .formatted(file, name, type)));
    TensorInfo info;
    try {
      info = new TensorInfo(name, known, shape);
    } catch (IllegalArgumentException e) {
      throw malformed(file, "tensor %s: %s".formatted(name, e.getMessage()), e);
    }
    expect(
        file,
        offsets.size() == 2 && offsets.get(0) >= 0 && offsets.get(1) >= offsets.get(0),
        "tensor %s has the data offsets %s".formatted(name, offsets));
    long bytes = offsets.get(1) - offsets.get(0);
    expect(
        file,
        bytes == info.bytes(),
        "tensor %s of type %s and shape %s needs %d bytes, but its data offsets %s hold %d"
            .formatted(name, type, shape, info.bytes(), offsets, bytes));
    return new Entry(info, offsets.get(0));
  }

  private static List<Long> parseLongs(String file, String name, String key, JsonParser parser)
      throws IOException {
    String wrong = "%s of tensor %s is not a list of integers".formatted(key, name);
    expect(file, parser.currentToken() == JsonToken.START_ARRAY, wrong);
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(file, parser.currentToken() == JsonToken.VALUE_NUMBER_INT, wrong);
      numbers.add(parser.getLongValue());
    }
    return numbers;
  }

  private static void expect(String file, boolean condition, String otherwise) {
    if (!condition) {
      throw malformed(file, otherwise, null);
    }
  }

  /// The data of the tensors must fill the file, without overlap and without gaps.
  private void checkData(String file, long dataBytes) {
    List<Entry> ordered = new ArrayList<>(entries.values());
    ordered.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long filled = 0;
    for (Entry entry : ordered) {
      String name = entry.info().name();
      expect(
          file,
          entry.end() <= dataBytes,
          "tensor %s ends at byte %d of the data, but only %d are there: the file is truncated"
              .formatted(name, entry.end(), dataBytes));
      expect(file, entry.begin() >= filled, "tensor " + name + " overlaps the one before it");
      expect(file, entry.begin() == filled, "there is a gap before tensor " + name);
      filled = entry.end();
    }
    expect(
        file, filled == dataBytes, "%d bytes follow the last tensor".formatted(dataBytes - filled));
  }
}
