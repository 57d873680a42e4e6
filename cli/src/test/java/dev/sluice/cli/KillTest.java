package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.training.LogEntry;
import dev.sluice.training.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A run that was killed hard and resumed has, bit for bit, the numbers of one that was not.
class KillTest {
  private static final int KILLED = 128 + 9;
  private static final int STEPS = 120;

  /// Steps done before the kill; no multiple of the steps between checkpoints.
  private static final int BEFORE = 25;

  @TempDir private Path folder;

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void resumedAfterKill() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    assertEquals(0, CommandRun.of(train(whole)).code());

    Path parts = folder.resolve("parts");
    Process child = Children.sluice(folder.resolve("child.txt"), train(parts));
    Path log = parts.resolve(RunLog.FILE);
    while (child.isAlive() && lines(log) < BEFORE) {
      Thread.sleep(1);
    }
    child.destroyForcibly();
    assertEquals(KILLED, child.waitFor(), () -> Children.said(folder.resolve("child.txt")));
    assertTrue(lines(log) < STEPS);

    CommandRun resumed = CommandRun.of(train(parts, "--resume"));
    assertEquals(0, resumed.code(), resumed.errors());
    assertEquals(numbers(whole), numbers(parts));
  }

  private static String[] train(Path run, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--task",
                "mqar",
                "--vocab",
                "16",
                "--length",
                "8",
                "--pairs",
                "2",
                "--dim",
                "8",
                "--layers",
                "1",
                "--batch",
                "2",
                "--accumulate",
                "2",
                "--dropout",
                "0.1",
                "--steps",
                Integer.toString(STEPS),
                "--log-every",
                "1",
                "--eval-every",
                "60",
                "--save-every",
                "20",
                "--run",
                run.toString()));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  private static long lines(Path file) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    try (var lines = Files.lines(file)) {
      return lines.count();
    }
  }

  /// The log without the speed. Records compare doubles bit by bit.
  private static List<LogEntry> numbers(Path run) {
    return RunLog.read(run).stream()
        .map(e ->
            new LogEntry(
                e.step(),
                e.tokens(),
                e.loss(),
                e.learningRate(),
                e.gradientNorm(),
                0,
                e.heldOutLoss(),
                e.heldOutAccuracy()))
        .toList();
  }
}
