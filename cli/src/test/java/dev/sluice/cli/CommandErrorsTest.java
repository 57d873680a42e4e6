package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the command says when it is asked for wrongly: a line that names the thing, and an exit
/// code.
class CommandErrorsTest {
  private static final int FAILED = 1;
  private static final int USAGE = 2;

  @TempDir private Path folder;

  private record Outcome(int code, String errors) {
    List<String> lines() {
      return errors.lines().toList();
    }
  }

  private static Outcome run(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      int code = Sluice.execute(arguments);
      return new Outcome(code, bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }

  private static void assertUsage(Outcome outcome, String... parts) {
    assertEquals(USAGE, outcome.code(), outcome.errors());
    assertTrue(outcome.lines().getFirst().startsWith("sluice: "), outcome.errors());
    assertSays(outcome, parts);
  }

  /// One line, which begins with the command's name.
  private static void assertFails(Outcome outcome, String... parts) {
    assertEquals(FAILED, outcome.code(), outcome.errors());
    assertEquals(1, outcome.lines().size(), outcome.errors());
    assertTrue(outcome.errors().startsWith("sluice: "), outcome.errors());
    assertSays(outcome, parts);
  }

  private static void assertSays(Outcome outcome, String... parts) {
    for (String part : parts) {
      assertTrue(outcome.errors().contains(part), outcome.errors());
    }
    assertTrue(
        outcome.lines().stream().noneMatch(line -> line.startsWith("\tat ")), outcome.errors());
  }

  private Outcome train(String... more) {
    String[] first = {"train", "--run", folder.resolve("run").toString()};
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return run(all);
  }

  @Test
  void unknownOption() {
    assertUsage(train("--task", "mqar", "--stepz", "3"), "'--stepz'", "--steps");
  }

  @Test
  void unknownCommand() {
    assertUsage(run("trian"), "'trian'", "sluice train");
  }

  @Test
  void noCommand() {
    assertUsage(run(), "a command is needed");
  }

  @Test
  void unknownTask() {
    assertUsage(train("--task", "chess"), "--task", "chess");
  }

  @Test
  void missingText() {
    String path = folder.resolve("missing.txt").toString();
    assertFails(train("--task", "text", "--text", path), path);
  }

  @Test
  void unknownSchedule() {
    assertFails(train("--task", "mqar", "--schedule", "cosin"), "\"cosin\"", "cosine");
  }

  @Test
  void unknownDevice() {
    assertFails(train("--task", "mqar", "--device", "nope"), "'nope'", "jvm");
  }

  @Test
  void emptyCheckpointFolder() {
    assertFails(
        run("generate", "--checkpoint", folder.toString(), "--prompt-ids", "1"),
        folder.toString(),
        "config.json");
  }

  @Test
  void nothingToResume() {
    assertFails(train("--task", "mqar", "--resume"), "no checkpoint", "--resume");
  }
}
