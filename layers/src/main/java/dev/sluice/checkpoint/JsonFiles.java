package dev.sluice.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Reads and writes small JSON files: configurations, the state of a run, lines of its log.
///
/// Values to write are `String`, `Boolean`, `Integer`, `Long`, `Double`, `Float`, `null`, lists and
/// maps of these; keys are written in the map's order, so that the same content gives the same
/// bytes. JSON has no NaN and no infinity: as numbers they are written as `null`; `Infinity` as
/// Python writes it is read.
public final class JsonFiles {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private JsonFiles() {}

  /// Reads a file that holds one JSON object.
  ///
  /// @throws CheckpointException if it cannot be read or holds something else; it names file and
  ///   line
  public static JsonObject load(Path path) {
    try {
      return parse(path.toString(), Files.readString(path));
    } catch (MalformedInputException e) {
      throw new CheckpointException(path + ": is not text in UTF-8; give a JSON file", e);
    } catch (IOException e) {
      throw new CheckpointException("%s: cannot be read: %s".formatted(path, Reason.of(e)), e);
    }
  }

  /// Reads a text that holds one JSON object.
  ///
  /// @param source names the text in messages
  /// @throws CheckpointException if it holds something else; it names source and line
  public static JsonObject parse(String source, String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new CheckpointException(source + ": does not hold a JSON object");
      }
      JsonObject object = object(source, "", parser);
      if (parser.nextToken() != null) {
        throw new CheckpointException(
            "%s:%d: text follows the JSON object; remove it"
                .formatted(source, parser.currentTokenLocation().getLineNr()));
      }
      return object;
    } catch (JsonProcessingException e) {
      JsonLocation location = e.getLocation();
      throw new CheckpointException(
          "%s:%d: not valid JSON: %s"
              .formatted(source, location == null ? 1 : location.getLineNr(), reason(e)),
          e);
    } catch (IOException e) {
      throw new AssertionError("a text in memory can be read", e);
    }
  }

  /// What the parser says, without its description of a source that it does not know.
  private static String reason(JsonProcessingException e) {
    String said = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("?");
    return said.replaceFirst(" \\(start marker at .*", "");
  }

  /// Writes a JSON object, indented by two spaces, and brings it to the disk.
  ///
  /// @throws CheckpointException if the file cannot be written
  public static void store(Path path, SequencedMap<String, ?> content) {
    try {
      Durable.write(path, text(content));
    } catch (IOException e) {
      throw new CheckpointException("%s: cannot be written: %s".formatted(path, Reason.of(e)), e);
    }
  }

  /// A JSON object, indented by two spaces, with a newline at the end.
  public static String text(SequencedMap<String, ?> content) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    Separators separators =
        Separators.createDefaultInstance()
            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter(separators);
    printer.indentObjectsWith(indenter);
    return write(content, printer) + "\n";
  }

  /// A JSON object on one line, without a newline.
  public static String line(SequencedMap<String, ?> content) {
    return write(content, null);
  }

  private static String write(
      SequencedMap<String, ?> content, @Nullable DefaultPrettyPrinter printer) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      if (printer != null) {
        json.setPrettyPrinter(printer);
      }
      writeValue(json, content);
    } catch (IOException e) {
      throw new AssertionError("a text in memory can be written", e);
    }
    return text.toString();
  }

  private static void writeValue(JsonGenerator json, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case String text -> json.writeString(text);
      case Boolean flag -> json.writeBoolean(flag);
      case Integer number -> json.writeNumber(number);
      case Long number -> json.writeNumber(number);
      case BigInteger number -> json.writeNumber(number);
      case Float number when Float.isFinite(number) -> json.writeNumber(number);
      case Double number when Double.isFinite(number) -> json.writeNumber(number);
      case Float _, Double _ -> json.writeNull();
      case JsonObject object -> writeValue(json, object.toMap());
      case List<?> list -> {
        json.writeStartArray();
        for (Object element : list) {
          writeValue(json, element);
        }
        json.writeEndArray();
      }
      case Map<?, ?> map -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          json.writeFieldName((String) entry.getKey());
          writeValue(json, entry.getValue());
        }
        json.writeEndObject();
      }
      default -> throw new IllegalArgumentException(value.getClass() + " has no form in JSON");
    }
  }

  /// Parses the members of an object whose opening brace has been read.
  private static JsonObject object(String source, String prefix, JsonParser parser)
      throws IOException {
    SequencedMap<String, JsonObject.Member> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      int line = parser.currentTokenLocation().getLineNr();
      parser.nextToken();
      JsonObject.Member member = new JsonObject.Member(value(source, prefix + key, parser), line);
      if (members.put(key, member) != null) {
        throw new CheckpointException(
            "%s:%d: %s%s: occurs twice; remove one".formatted(source, line, prefix, key));
      }
    }
    return new JsonObject(source, prefix, members);
  }

  private static @Nullable Object value(String source, String key, JsonParser parser)
      throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(source, key + ".", parser);
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(source, key + "[" + list.size() + "]", parser));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? parser.getBigIntegerValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      default -> null;
    };
  }
}
