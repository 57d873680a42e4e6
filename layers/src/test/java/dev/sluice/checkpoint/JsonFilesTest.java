package dev.sluice.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class JsonFilesTest {
  private static final String CONFIG =
      """
      {
        "hidden_size": 64,
        "expand_k": 0.5,
        "tie": true,
        "name": "gla",
        "nothing": null,
        "limits": [0.0, Infinity],
        "layers": [1, 2],
        "modules": ["q", "k"],
        "attn": {
          "heads": 4294967296
        }
      }
      """;

  @TempDir Path folder;

  private final JsonObject config = JsonFiles.parse("config.json", CONFIG);

  @Test
  void gettersGiveTheValues() {
    assertEquals(64, config.integer("hidden_size"));
    assertEquals(64, config.longInteger("hidden_size", 1));
    assertEquals(64.0, config.number("hidden_size"));
    assertEquals(0.5, config.number("expand_k"));
    assertTrue(config.flag("tie"));
    assertEquals("gla", config.text("name", "x"));
    assertEquals(List.of(0.0, Double.POSITIVE_INFINITY), config.numbers("limits"));
    assertEquals(List.of(1, 2), config.integers("layers"));
    assertEquals(List.of("q", "k"), config.texts("modules"));
    assertEquals(1L << 32, config.object("attn").longInteger("heads"));
  }

  @Test
  void nullAndAbsentHaveTheDefault() {
    for (String key : List.of("nothing", "absent")) {
      assertFalse(config.has(key));
      assertNull(config.value(key));
      assertEquals("x", config.text(key, "x"));
      assertEquals(3, config.integer(key, 3));
      assertEquals(3, config.longInteger(key, 3));
      assertEquals(0.25, config.number(key, 0.25));
      assertTrue(config.flag(key, true));
    }
  }

  @Test
  void errorsNameFileLineAndKey() {
    assertMessage(
        "config.json:5: name: \"gla\" where an integer is needed", () -> config.integer("name"));
    assertMessage(
        "config.json:3: expand_k: 0.5 where an integer is needed",
        () -> config.integer("expand_k"));
    assertMessage(
        "config.json:2: hidden_size: 64 where a string is needed",
        () -> config.text("hidden_size"));
    assertMessage(
        "config.json:8: layers: a list where true or false is needed", () -> config.flag("layers"));
    assertMessage(
        "config.json:7: limits: a list where a list of integers is needed",
        () -> config.integers("limits"));
    assertMessage(
        "config.json:11: attn.heads: 4294967296 where an integer is needed",
        () -> config.object("attn").integer("heads"));
    assertMessage(
        "config.json:6: nothing: is missing; give an integer", () -> config.integer("nothing"));
    assertMessage("config.json: vocab: is missing; give a string", () -> config.text("vocab"));
  }

  @Test
  void unknownKeysAreRefusedWithTheNearest() {
    assertMessage(
        "config.json:11: attn.heads: unknown key; did you mean head?",
        () -> config.object("attn").refuseUnknown(List.of("head", "window")));
    config.object("attn").refuseUnknown(List.of("heads"));
  }

  @Test
  void malformedTextNamesTheLine() {
    assertMessage(
        "c.json:2: a: occurs twice; remove one",
        () -> JsonFiles.parse("c.json", "{\"a\": 1,\n\"a\": 2}"));
    assertMessage(
        "c.json:2: text follows the JSON object; remove it",
        () -> JsonFiles.parse("c.json", "{}\n{}"));
    assertMessage("c.json: does not hold a JSON object", () -> JsonFiles.parse("c.json", "[]"));
    assertMessage("c.json: does not hold a JSON object", () -> JsonFiles.parse("c.json", ""));
    String message =
        assertThrows(
                CheckpointException.class, () -> JsonFiles.parse("c.json", "{\"a\": 1,\n\"b\" 2}"))
            .getMessage();
    assertTrue(message.startsWith("c.json:2: not valid JSON: "), message);
  }

  @Test
  void unreadableFilesAreRefused() throws IOException {
    Path absent = folder.resolve("absent.json");
    assertMessage(
        absent + ": cannot be read: no such file or folder; check the path",
        () -> JsonFiles.load(absent));
    Path binary = Files.write(folder.resolve("b.json"), new byte[] {(byte) 0xC0, 1});
    assertMessage(
        binary + ": is not text in UTF-8; give a JSON file", () -> JsonFiles.load(binary));
  }

  @Test
  void storedIsLoadedAndWrittenTheSameWay() throws IOException {
    SequencedMap<String, Object> content = new LinkedHashMap<>();
    content.put("z", 1);
    content.put("a", 0.1f);
    content.put("d", 1e-300);
    content.put("seed", Long.MIN_VALUE);
    content.put("worst", Double.NaN);
    content.put("list", Arrays.asList("é\n\"", null, true));
    content.put("inner", new LinkedHashMap<>(Map.of("k", List.of())));
    Path path = folder.resolve("c.json");
    JsonFiles.store(path, content);
    JsonObject read = JsonFiles.load(path);
    assertEquals(
        List.of("z", "a", "d", "seed", "worst", "list", "inner"), List.copyOf(read.keys()));
    assertEquals(1e-300, read.number("d"));
    assertEquals(Long.MIN_VALUE, read.longInteger("seed"));
    assertFalse(read.has("worst"));
    assertEquals(JsonFiles.text(content), JsonFiles.text(read.toMap()));
    assertTrue(Files.readString(path).startsWith("{\n  \"z\": 1,\n"));
    assertEquals(1, JsonFiles.line(content).lines().count());
  }

  private static void assertMessage(String message, Executable action) {
    assertEquals(message, assertThrows(CheckpointException.class, action).getMessage());
  }
}
