package dev.sluice.cli;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the command says when it is asked for wrongly: a line that names the thing, and an exit
/// code.
class CommandErrorsTest {
  @TempDir private Path folder;

  private CommandRun train(String... more) {
    String[] first = {"train", "--run", folder.resolve("run").toString()};
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return CommandRun.of(all);
  }

  @Test
  void unknownOption() {
    train("--task", "mqar", "--stepz", "3").assertUsage("'--stepz'", "--steps");
  }

  @Test
  void unknownCommand() {
    CommandRun.of("trian").assertUsage("'trian'", "sluice train");
  }

  @Test
  void noCommand() {
    CommandRun.of().assertUsage("a command is needed");
  }

  @Test
  void unknownTask() {
    train("--task", "chess").assertUsage("--task", "chess");
  }

  @Test
  void missingText() {
    String path = folder.resolve("missing.txt").toString();
    train("--task", "text", "--text", path).assertFails(path);
  }

  @Test
  void unknownSchedule() {
    train("--task", "mqar", "--schedule", "cosin").assertFails("\"cosin\"", "cosine");
  }

  @Test
  void unknownMixer() {
    train("--task", "mqar", "--mixer", "gla,atention").assertFails("'atention'", "attention");
  }

  @Test
  void mixersThatAreTooMany() {
    train("--task", "mqar", "--mixer", "gla*3").assertFails("'gla*3'", "3 layers", "only 2");
  }

  @Test
  void unknownDevice() {
    train("--task", "mqar", "--device", "nope").assertFails("'nope'", "jvm");
  }

  @Test
  void emptyCheckpointFolder() {
    CommandRun.of("generate", "--checkpoint", folder.toString(), "--prompt-ids", "1")
        .assertFails(folder.toString(), "config.json");
  }

  @Test
  void nothingToResume() {
    train("--task", "mqar", "--resume").assertFails("no checkpoint", "--resume");
  }
}
