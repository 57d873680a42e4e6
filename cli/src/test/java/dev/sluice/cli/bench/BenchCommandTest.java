package dev.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  private static final List<String> TINY =
      List.of(
          "--dim",
          "16",
          "--layers",
          "1",
          "--heads",
          "2",
          "--batch",
          "1",
          "--length",
          "8",
          "--vocab",
          "11",
          "--seconds",
          "0.01");

  @TempDir private Path folder;

  private static CommandRun bench(String... more) {
    Stream<String> all =
        Stream.of(Stream.of("bench"), TINY.stream(), Stream.of(more)).flatMap(s -> s);
    return CommandRun.of(all.toArray(String[]::new));
  }

  @Test
  void aReportSaysWhatWasMeasuredAndOnWhat() {
    Path file = folder.resolve("before.json");
    CommandRun first = bench("--output", file.toString());
    assertEquals(0, first.code(), first.errors());
    JsonObject report = JsonFiles.load(file);
    assertEquals("step", report.text("benchmark"));
    JsonObject machine = report.object("machine");
    assertEquals("jvm", machine.text("device"));
    assertTrue(machine.number("multiply_add_per_s") > 0);
    assertTrue(machine.number("copy_bytes_per_s") > 0);
    JsonObject row = BenchReport.objects(report, "rows").getFirst();
    assertTrue(row.number("p20_s") <= row.number("median_s"));
    assertTrue(row.number("median_s") <= row.number("p80_s"));
    assertTrue(row.number("planned_bytes") > 0);
    assertTrue(first.output().contains("of peak"), first.output());
    assertFalse(first.output().contains("earlier"), first.output());

    CommandRun second = bench("--compare", file.toString());
    assertEquals(0, second.code(), second.errors());
    assertTrue(second.output().contains("earlier"), second.output());
  }

  @Test
  void jsonIsTheOnlyOutput() {
    CommandRun run = bench("--json");
    assertEquals(0, run.code(), run.errors());
    assertEquals(1, run.output().lines().count());
    assertEquals("step", JsonFiles.parse("output", run.output()).text("benchmark"));
  }

  @Test
  void unknownSubcommand() {
    CommandRun.of("bench", "stpe").assertUsage("stpe");
  }

  @Test
  void unknownMixer() {
    bench("--mixer", "glaa").assertRefused("'glaa'", "gla");
  }

  @Test
  void unknownDevice() {
    bench("--device", "cuda:7").assertRefused("'cuda:7'", "jvm");
  }

  @Test
  void unknownImplementation() {
    bench("--implementation", "gla=hots").assertRefused("'gla'", "'hots'", "host", "recurrent");
  }

  @Test
  void noTime() {
    CommandRun.of("bench", "--seconds", "0").assertRefused("--seconds");
  }

  @Test
  void unwritableOutput() {
    String missing = folder.resolve("missing").resolve("report.json").toString();
    bench("--output", missing).assertRefused("--output", missing, "folder");
    bench("--output", folder.toString()).assertRefused(folder.toString(), "file");
  }

  @Test
  void comparedWithWhatIsNoReport() throws IOException {
    Path file = folder.resolve("other.json");
    bench("--compare", file.toString()).assertRefused("--compare", file.toString());
    Files.writeString(file, "{\"benchmark\": \"step\",\n \"rows\": [");
    bench("--compare", file.toString()).assertFails(file + ":2", "JSON");
    Files.writeString(file, "{\"benchmark\": \"ops\", \"rows\": []}");
    bench("--compare", file.toString()).assertFails("'ops'", "'step'");
    Files.writeString(file, "{\"benchmark\": \"step\", \"rows\": 3}");
    bench("--compare", file.toString()).assertFails(file.toString(), "rows");
  }
}
