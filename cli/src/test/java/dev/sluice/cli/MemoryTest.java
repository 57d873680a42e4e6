package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The process takes what was planned before training, a little more, and what a JVM takes.
class MemoryTest {
  /// As `env.sh` starts it, but for pages of 2 MB, which not every system gives; the peak is the
  /// same with them.
  private static final List<String> OPTIONS = List.of("-XX:+UseParallelGC", "-XX:MaxNewSize=32m");

  /// Besides tensors: 32 MB of young objects, and five times that of code, classes and stacks.
  private static final long JVM = 200_000_000;

  private static final double SLACK = 1.15;

  private static final Pattern PLANNED = Pattern.compile("planned ([0-9.]+) of ");

  @TempDir private Path folder;

  @Test
  @Timeout(value = 300, unit = TimeUnit.SECONDS)
  void processTakesWhatIsPlanned() throws IOException, InterruptedException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "only Linux tells the peak");
    Path text = Files.writeString(folder.resolve("text"), "to be or not to be ".repeat(1500));
    Path output = folder.resolve("output.txt");
    Process child =
        Children.sluice(
            output,
            OPTIONS,
            "train",
            "--task",
            "text",
            "--text",
            text.toString(),
            "--run",
            folder.resolve("run").toString(),
            "--dim",
            "256",
            "--layers",
            "4",
            "--heads",
            "4",
            "--batch",
            "10",
            "--length",
            "256",
            "--steps",
            "3");
    long peak = 0;
    while (child.isAlive()) {
      peak = Math.max(peak, peak(child));
      Thread.sleep(20);
    }
    assertEquals(0, child.waitFor(), () -> Children.said(output));
    Matcher planned = PLANNED.matcher(Children.said(output));
    assertTrue(planned.find(), () -> Children.said(output));
    double bytes = Double.parseDouble(planned.group(1)) * 1e6;
    assertTrue(bytes > JVM, "a plan that the JVM's own needs hide");
    String figures = "planned %.0f MB, peak %.0f MB".formatted(bytes / 1e6, peak / 1e6);
    assertTrue(peak >= bytes, figures);
    assertTrue(peak <= SLACK * bytes + JVM, figures);
  }

  /// The most that a process has held so far; 0 if it is gone.
  private static long peak(Process process) throws IOException {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
