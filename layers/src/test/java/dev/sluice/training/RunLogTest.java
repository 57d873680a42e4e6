package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {
  @TempDir Path folder;

  @Test
  void everyEntryIsALineAtOnce() throws IOException {
    Path run = folder.resolve("new/run");
    try (RunLog log = RunLog.open(run, 0)) {
      log.append(entry(1));
      assertEquals(
          "{\"step\":1,\"tokens\":64,\"loss\":0.5,\"learning_rate\":3.0E-4,\"gradient_norm\":1.25,"
              + "\"tokens_per_second\":1000.0}\n",
          Files.readString(run.resolve(RunLog.FILE)));
      log.append(new LogEntry(2, 128, 0.1 + 0.2, 1e-3, 2, 3, 4, 0.75));
    }
    assertEquals(
        List.of(entry(1), new LogEntry(2, 128, 0.1 + 0.2, 1e-3, 2, 3, 4, 0.75)), RunLog.read(run));
  }

  @Test
  void resumingDropsWhatIsPastTheStep() throws IOException {
    try (RunLog log = RunLog.open(folder, 0)) {
      for (int step = 10; step <= 50; step += 10) {
        log.append(entry(step));
      }
    }
    Files.writeString(folder.resolve(RunLog.FILE), "{\"step\":60,\"lo", StandardOpenOption.APPEND);
    assertEquals(5, RunLog.read(folder).size());
    try (RunLog log = RunLog.open(folder, 30)) {
      log.append(entry(31));
    }
    assertEquals(List.of(entry(10), entry(20), entry(30), entry(31)), RunLog.read(folder));
    RunLog.open(folder, 0).close();
    assertEquals(List.of(), RunLog.read(folder));
  }

  @Test
  void errorsNameTheLine() throws IOException {
    Path log = folder.resolve(RunLog.FILE);
    Files.writeString(log, "{\"step\":1}\nnonsense\n{\"step\":2}\n");
    String message =
        assertThrows(CheckpointException.class, () -> RunLog.read(folder)).getMessage();
    assertTrue(message.startsWith(log + ":2"), message);
    assertThrows(CheckpointException.class, () -> RunLog.open(log, 0));
    assertEquals(List.of(), RunLog.read(folder.resolve("absent")));
  }

  private static LogEntry entry(long step) {
    return LogEntry.ofTraining(step, 64 * step, 0.5, 3e-4, 1.25, 1000);
  }
}
