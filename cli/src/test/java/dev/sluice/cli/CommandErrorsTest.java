package dev.sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
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
    train("--task", "text", "--text", path).assertRefused("--text", path);
    for (String command : new String[] {"eval", "generate"}) {
      String option = command.equals("eval") ? "--task=mqar" : "--prompt-ids=1";
      CommandRun.of(command, option, "--checkpoint", path).assertRefused("--checkpoint", path);
    }
    CommandRun.of("conform", path).assertRefused(path);
  }

  @Test
  void unknownSchedule() {
    train("--task", "mqar", "--schedule", "cosin").assertRefused("\"cosin\"", "cosine");
  }

  @Test
  void unknownMixer() {
    train("--task", "mqar", "--mixer", "gla,atention").assertRefused("'atention'", "attention");
  }

  @Test
  void mixersThatAreTooMany() {
    train("--task", "mqar", "--mixer", "gla*3").assertRefused("'gla*3'", "3 layers", "only 2");
  }

  @Test
  void unknownDevice() {
    train("--task", "mqar", "--device", "nope").assertRefused("'nope'", "jvm");
  }

  @Test
  void emptyCheckpointFolder() {
    CommandRun.of("generate", "--checkpoint", folder.toString(), "--prompt-ids", "1")
        .assertFails(folder.toString(), "config.json");
  }

  @Test
  void nothingToResume() {
    train("--task", "mqar", "--resume").assertRefused("no checkpoint", "--resume");
  }

  @Test
  void runBelowAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "text");
    CommandRun.of(Tiny.train(file.resolve("run"), "--steps", "1")).assertFails(file.toString());
  }

  @Test
  void rateTooLarge() {
    CommandRun.of(
            Tiny.train(
                folder.resolve("run"), "--steps", "5", "--lr", "1e30", "--warmup", "0", "--quiet"))
        .assertFails("step 2: tensor '", "is not finite", "lower learning rate");
  }

  @Test
  void deviceLacksWhatTheImplementationNeeds() {
    CommandRun.of(Tiny.train(folder.resolve("run"), "--implementation", "linear=tiled"))
        .assertRefused("'linear'", "'tiled'", "jvm", "parallel");
  }

  @Test
  void unknownImplementation() {
    CommandRun.of(Tiny.train(folder.resolve("run"), "--implementation", "linear=tilde"))
        .assertRefused("'linear'", "'tilde'", "parallel");
  }

  @Test
  void implementationOfAnOpThatIsNotThere() {
    CommandRun.of(Tiny.train(folder.resolve("run"), "--implementation", "lineer=host"))
        .assertRefused("'lineer'", "did you mean linear?", "gla");
    CommandRun.of(Tiny.train(folder.resolve("run"), "--implementation", "cross_entropy=host"))
        .assertRefused("'cross_entropy'", "there are embedding, ", "linear_cross_entropy");
  }

  @Test
  void precisionThatTheDeviceLacks() {
    train("--task", "mqar", "--precision", "tf32").assertRefused("tf32", "cuBLAS");
  }

  @Test
  void numbersOutOfRange() {
    Path run = folder.resolve("run");
    CommandRun.of(Tiny.train(run, "--batch", "0")).assertRefused("--batch", "0");
    CommandRun.of(Tiny.train(run, "--length", "0")).assertRefused("--length", "0");
    CommandRun.of(Tiny.train(run, "--dim", "-1")).assertRefused("--dim", "-1");
    CommandRun.of(Tiny.train(run, "--dim", "7")).assertRefused("'gla'", "7", "heads");
    CommandRun.of(Tiny.train(run, "--conv", "-1")).assertRefused("--conv", "-1");
    CommandRun.of(Tiny.train(run, "--steps", "-1")).assertRefused("-1", "steps");
    CommandRun.of(Tiny.train(run, "--pairs", "3")).assertRefused("pairs");
    CommandRun.of(Tiny.train(run, "--dropout", "1")).assertRefused("--dropout", "1");
    CommandRun.of(Tiny.train(run, "--lr", "NaN")).assertRefused("NaN", "rate");
    CommandRun.of(Tiny.train(run, "--batch", "x")).assertUsage("--batch", "'x'");
  }

  @Test
  void sizesBeyondAnArray() {
    CommandRun.of(Tiny.train(folder.resolve("run"), "--batch", "2000000", "--length", "4000"))
        .assertFails("4000");
  }
}
