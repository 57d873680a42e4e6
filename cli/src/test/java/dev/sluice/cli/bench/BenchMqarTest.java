package dev.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.cli.CommandRun;
import dev.sluice.models.ModelTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchMqarTest {
  @TempDir private Path folder;

  private CommandRun table(String... more) {
    Stream<String> fixed =
        Stream.of(
            "bench",
            "mqar",
            "--widths",
            "16",
            "--vocab",
            "16",
            "--batch",
            "2",
            "--layers",
            "1",
            "--results",
            results().toString());
    Stream<String> rate =
        List.of(more).contains("--lr") ? Stream.empty() : Stream.of("--lr", "1e-2");
    return CommandRun.of(
        Stream.of(fixed, rate, Stream.of(more)).flatMap(words -> words).toArray(String[]::new));
  }

  private Path results() {
    return folder.resolve("results.json");
  }

  @Test
  void everyMixerHasACell() {
    CommandRun run = table("--tasks", "8x2", "--steps", "2");
    assertEquals(0, run.code(), run.errors());
    for (String mixer : ModelTypes.mixers()) {
      assertTrue(run.output().contains("| " + mixer + " | 16 | 0."), run.output());
    }
    for (JsonObject cell : BenchReport.objects(JsonFiles.load(results()), "cells")) {
      JsonObject result = cell.object("result");
      assertTrue(result.longInteger("parameters") > 0);
      assertTrue(result.longInteger("state") > 0, cell.toString());
      assertTrue(result.number("tokens_per_s") > 0);
    }
  }

  @Test
  void whatWasRunIsNotRunAgain() throws IOException {
    table("--tasks", "8x2", "--steps", "2", "--mixers", "gla");
    String before = Files.readString(results());
    Path file = folder.resolve("table.md");
    CommandRun again =
        table(
            "--tasks",
            "8x2,16x2",
            "--steps",
            "2",
            "--mixers",
            "gla",
            "--table",
            file.toString(),
            "--note",
            "Nothing else ran.");
    assertEquals(0, again.code(), again.errors());
    assertEquals(1, again.errors().lines().filter(line -> line.startsWith("gla,")).count());
    List<JsonObject> cells = BenchReport.objects(JsonFiles.load(results()), "cells");
    assertEquals(2, cells.size());
    JsonObject first = BenchReport.objects(JsonFiles.parse("before", before), "cells").getFirst();
    assertEquals(first, cells.getFirst());
    String text = Files.readString(file);
    assertTrue(text.contains("## Length 8, 2 pairs") && text.contains("## Length 16, 2 pairs"));
    assertTrue(text.contains("2 steps of 2 examples") && text.contains("Nothing else"), text);
  }

  @Test
  void bestRateIsShown() throws IOException {
    String[] options = {"--tasks", "8x2", "--steps", "30", "--mixers", "baseconv"};
    CommandRun both =
        table(
            Stream.concat(Stream.of(options), Stream.of("--lr", "1e-9,3e-2"))
                .toArray(String[]::new));
    assertEquals(0, both.code(), both.errors());
    List<JsonObject> cells = BenchReport.objects(JsonFiles.load(results()), "cells");
    assertEquals(2, cells.size());
    assertTrue(
        cells.get(1).object("result").number("loss")
            < cells.get(0).object("result").number("loss"));
    List<String> rows = both.output().lines().filter(line -> line.startsWith("| base")).toList();
    assertEquals(1, rows.size(), both.output());
    assertTrue(rows.getFirst().contains("| 0.03 |"), rows.getFirst());
    assertTrue(both.output().contains("from 1.0E-9 or 0.03"), both.output());
  }

  @Test
  void badInput() throws IOException {
    table("--mixers", "glaa").assertRefused("'glaa'", "gla");
    table("--tasks", "64").assertRefused("--tasks", "'64'", "64x4");
    table("--lr", "0").assertRefused("--lr", "0");
    table("--tasks", "8x3").assertRefused("8", "pairs", "1 to 2");
    String missing = folder.resolve("no").resolve("t.md").toString();
    table("--tasks", "8x2", "--table", missing).assertRefused("--table", missing);
    Files.writeString(results(), "[]");
    table("--tasks", "8x2", "--mixers", "gla").assertFails(results().toString(), "JSON");
  }
}
