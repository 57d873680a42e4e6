package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What ends a run from outside: Ctrl-C, a full disk, too small a heap. A line says so, and what
/// was saved is there.
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class InterruptionTest {
  private static final int INTERRUPTED = 130;
  private static final int FAILED = 1;

  /// The JVM's own files would meet the limit, too.
  private static final List<String> NO_FILES = List.of("-XX:-UsePerfData");

  @TempDir private Path folder;

  private Path output() {
    return folder.resolve("output.txt");
  }

  private List<String> said() {
    return Children.said(output()).lines().filter(l -> !l.startsWith("WARNING: ")).toList();
  }

  private void assertLastLine(String... parts) {
    String last = said().getLast();
    for (String part : parts) {
      assertTrue(last.contains(part), () -> "no '" + part + "' in " + said());
    }
    assertFalse(Children.said(output()).contains("\tat "), Children.said(output()));
  }

  private List<String> checkpoints(Path run) throws IOException {
    try (Stream<Path> saved = Files.list(run.resolve("checkpoints"))) {
      return saved
          .map(p -> String.valueOf(p.getFileName()))
          .filter(n -> !n.startsWith("."))
          .sorted()
          .toList();
    }
  }

  @Test
  void controlCSaves() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    Process child =
        Children.sluice(output(), Tiny.train(run, "--steps", "100000", "--save-every", "100000"));
    while (child.isAlive() && (!Files.exists(output()) || said().size() < 5)) {
      Thread.sleep(5);
    }
    Children.interrupt(child);
    assertEquals(INTERRUPTED, child.waitFor(), () -> said().toString());
    assertLastLine("interrupted: step ", "--resume");
    assertEquals(1, checkpoints(run).size());
    String step = said().getLast().replaceAll("\\D+", "");
    assertEquals("step-%06d".formatted(Long.parseLong(step)), checkpoints(run).getFirst());
  }

  /// A limit on the size of files stands for the disk: writing past it fails in the same way.
  @Test
  void checkpointDoesNotFit() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    assertEquals(0, CommandRun.of(Tiny.train(run, "--steps", "4", "--save-every", "1")).code());
    assertEquals(List.of("step-000003", "step-000004"), checkpoints(run));
    Files.move(run.resolve("checkpoints/step-000004"), folder.resolve("aside"));
    String[] resume = Tiny.train(run, "--steps", "4", "--save-every", "1", "--resume");
    Process child = Children.limited(output(), 4, NO_FILES, resume);
    assertEquals(FAILED, child.waitFor(), () -> said().toString());
    assertLastLine("sluice: ", "cannot be written", "nothing is lost", "step-000003");
    assertEquals(List.of("step-000003"), checkpoints(run));
    assertEquals(0, CommandRun.of(resume).code());
    assertEquals(List.of("step-000003", "step-000004"), checkpoints(run));
  }

  @Test
  void logDoesNotFit() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "only Linux has a device that is always full");
    Path run = Files.createDirectories(folder.resolve("run"));
    Files.createSymbolicLink(run.resolve("loss.svg"), full);
    CommandRun.of(Tiny.train(run, "--steps", "1", "--quiet"))
        .assertFails("loss.svg", "No space left on device");
    assertEquals(List.of("step-000001"), checkpoints(run));
  }

  @Test
  void heapTooSmallForThePlan() throws IOException, InterruptedException {
    Path run = folder.resolve("run");
    assertEquals(0, CommandRun.of(Tiny.train(run, "--steps", "1")).code());
    String[] large =
        Tiny.train(run, "--steps", "1", "--dim", "512", "--layers", "4", "--batch", "64");
    Process child = Children.sluice(output(), List.of("-Xmx128m"), large);
    assertEquals(FAILED, child.waitFor(), () -> said().toString());
    assertEquals(1, said().size(), () -> said().toString());
    assertLastLine(
        "sluice: not enough memory: ",
        "MB are planned",
        "jvm has 1",
        "--batch",
        "--length",
        "SLUICE_JAVA_OPTIONS=-Xmx");
    assertEquals(List.of("step-000001"), checkpoints(run));
  }

  @Test
  void heapTooSmallForTheData() throws IOException, InterruptedException {
    Path text = folder.resolve("text");
    try (var file =
        Files.newByteChannel(
            text,
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.WRITE)) {
      file.position(200_000_000);
      file.write(java.nio.ByteBuffer.wrap(new byte[] {1}));
    }
    Process child =
        Children.sluice(
            output(),
            List.of("-Xmx64m"),
            "train",
            "--task",
            "text",
            "--text",
            text.toString(),
            "--run",
            folder.resolve("run").toString());
    assertEquals(FAILED, child.waitFor(), () -> said().toString());
    assertEquals(1, said().size(), () -> said().toString());
    assertLastLine("sluice: not enough memory", "SLUICE_JAVA_OPTIONS=-Xmx");
  }
}
