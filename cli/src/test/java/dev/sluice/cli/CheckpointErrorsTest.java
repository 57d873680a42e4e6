package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Checkpoints that are damaged or do not fit.
class CheckpointErrorsTest {
  private static final String CONFIG = "config.json";
  private static final String MODEL = "model.safetensors";

  @TempDir private static Path once;
  @TempDir private Path folder;

  private static Path good;

  @BeforeAll
  static void train() throws IOException {
    CommandRun run = CommandRun.of(Tiny.train(once.resolve("run"), "--steps", "1"));
    assertEquals(0, run.code(), run.errors());
    try (Stream<Path> saved = Files.list(once.resolve("run/checkpoints"))) {
      good = saved.filter(Files::isDirectory).findFirst().orElseThrow();
    }
  }

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> files = Files.list(good)) {
      for (Path file : files.toList()) {
        if (Files.isRegularFile(file)) {
          Files.copy(file, folder.resolve(file.getFileName()));
        }
      }
    }
  }

  private CommandRun generate(String... more) {
    String[] first = {
      "generate", "--checkpoint", folder.toString(), "--prompt-ids", "1,2", "--tokens", "3"
    };
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return CommandRun.of(all);
  }

  private CommandRun eval(String... more) {
    String[] first = {"eval", "--checkpoint", folder.toString(), "--task", "mqar"};
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return CommandRun.of(all);
  }

  private void replaceInConfig(String what, String with) throws IOException {
    Path config = folder.resolve(CONFIG);
    String text = Files.readString(config);
    assertTrue(text.contains(what), text);
    Files.writeString(config, text.replace(what, with));
  }

  @Test
  void wholeCheckpointIsRead() {
    CommandRun run = generate("--explain");
    assertEquals(0, run.code(), run.errors());
    run.assertSays("  gla: ", "  linear: ");
    assertEquals(0, eval().code());
  }

  @Test
  void explainedEvaluation() {
    CommandRun run = eval("--explain");
    assertEquals(0, run.code(), run.errors());
    run.assertSays("  gla: ");
  }

  @Test
  void evaluatedAsTrained() {
    // JSON has every digit; a model after one step differs in the last ones only.
    CommandRun asTrained = eval("--json");
    CommandRun given = eval("--json", "--vocab", "16", "--length", "8", "--pairs", "2");
    assertEquals(0, asTrained.code(), asTrained.errors());
    assertEquals(given.output(), asTrained.output());
    CommandRun longer = eval("--json", "--length", "16");
    assertEquals(0, longer.code(), longer.errors());
    assertNotEquals(given.output(), longer.output());
  }

  /// What is computed of them is not told as if it meant something.
  @Test
  void numbersThatAreNone() throws IOException {
    Path model = folder.resolve(MODEL);
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(model)).order(ByteOrder.LITTLE_ENDIAN);
    int data = Long.BYTES + (int) file.getLong(0);
    for (int at = data; at < file.capacity(); at += Float.BYTES) {
      file.putFloat(at, Float.NaN);
    }
    Files.write(model, file.array());
    eval().assertFails(folder.toString(), "not finite");
    generate().assertFails("not a number");
  }

  @Test
  void wrongShape() throws IOException {
    replaceInConfig("\"vocab_size\": 16", "\"vocab_size\": 32");
    generate().assertFails("model.embeddings.weight", folder.toString(), "16", "32");
  }

  @Test
  void missingTensor() throws IOException {
    replaceInConfig("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 2");
    generate().assertFails("model.layers.1.", MODEL);
  }

  @Test
  void unknownKey() throws IOException {
    replaceInConfig("\"hidden_size\"", "\"hiden_size\"");
    generate().assertFails("hiden_size", "hidden_size");
  }

  @Test
  void valueOfTheWrongKind() throws IOException {
    replaceInConfig("\"hidden_size\": 8", "\"hidden_size\": \"eight\"");
    generate().assertFails("hidden_size", "eight");
  }

  @Test
  void configurationCutOff() throws IOException {
    Path config = folder.resolve(CONFIG);
    Files.writeString(config, Files.readString(config).substring(0, 20));
    generate().assertFails(config.toString());
  }

  @Test
  void modelCutOff() throws IOException {
    Path model = folder.resolve(MODEL);
    byte[] all = Files.readAllBytes(model);
    for (int length : new int[] {0, 5, 100, all.length - 4}) {
      Files.write(model, Arrays.copyOf(all, length));
      generate().assertFails(model.toString());
      eval().assertFails(model.toString());
    }
  }

  @Test
  void modelMissing() throws IOException {
    Files.delete(folder.resolve(MODEL));
    generate().assertFails(MODEL);
  }

  @Test
  void folderMissing() {
    Path missing = folder.resolve("nowhere");
    CommandRun.of("generate", "--checkpoint", missing.toString(), "--prompt-ids", "1")
        .assertRefused("--checkpoint", missing.toString());
  }

  @Test
  void tokenOutOfRange() {
    CommandRun.of("generate", "--checkpoint", folder.toString(), "--prompt-ids", "16")
        .assertRefused("--prompt-ids", "16", "15");
  }

  @Test
  void vocabularyTooLarge() {
    eval("--vocab", "64").assertRefused("64", "16");
  }

  @Test
  void resumedWithOtherOptions() {
    CommandRun.of(Tiny.train(once.resolve("run"), "--steps", "2", "--resume"))
        .assertRefused("\"steps\":1");
    CommandRun.of(Tiny.train(once.resolve("run"), "--steps", "1", "--dim", "16", "--resume"))
        .assertRefused("another model");
  }
}
