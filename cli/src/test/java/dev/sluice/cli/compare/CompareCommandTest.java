package dev.sluice.cli.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.cli.CommandRun;
import dev.sluice.cli.bench.BenchReport;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class CompareCommandTest {
  @TempDir private Path folder;
  private Path output;
  private Path page;

  @BeforeEach
  void name() {
    output = folder.resolve("compare.json");
    page = folder.resolve("compare.html");
  }

  private CommandRun compare(String... more) {
    Stream<String> fixed =
        Stream.of("compare", "--output", output.toString(), "--html", page.toString());
    return CommandRun.of(Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
  }

  private CommandRun small() {
    return compare(
        "--ops",
        "hgrn,rotary",
        "--lengths",
        "9",
        "--heads",
        "2",
        "--values",
        "4",
        "--keys",
        "8",
        "--seconds",
        "0.001",
        "--steps",
        "12");
  }

  @Test
  void everyFormIsHeldAgainstTheFirst() {
    CommandRun run = small();
    assertEquals(0, run.code(), run.output() + run.errors());
    assertTrue(run.output().contains("agrees"), run.output());
    assertFalse(run.output().contains("DIFFERS"), run.output());
    JsonObject file = JsonFiles.load(output);
    List<JsonObject> entries = BenchReport.objects(file, "entries");
    assertEquals(
        2, entries.stream().filter(e -> e.text("work").startsWith("rotary forward B1")).count());
    JsonObject training = entries.getLast();
    assertEquals(12, training.numbers("losses").size());
    assertTrue(training.text("work").startsWith("train gla"), training.text("work"));
  }

  @Test
  void filesOfSeveralMachinesBecomeOnePage() throws Exception {
    small();
    Path first = Files.move(output, folder.resolve("first.json"));
    CommandRun merged = compare("--merge", first + "," + first);
    assertEquals(0, merged.code(), merged.output() + merged.errors());
    assertTrue(merged.output().contains("jvm (2)"), merged.output());
    String html = Files.readString(page);
    assertFalse(html.contains("href=") || html.contains("src="), "refers to something else");
    assertTrue(html.contains("all agree"), html);
    Matcher pictures = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(html);
    int count = 0;
    while (pictures.find()) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(pictures.group())));
      count++;
    }
    assertEquals(5, count);
  }

  /// A device whose compiler does not make of the multiply-adds what it can do has no peak.
  @Test
  void partsOfAPeakThatIsExceededAreLeftOut() throws IOException {
    small();
    Path first = Files.move(output, folder.resolve("first.json"));
    Files.writeString(
        first,
        Files.readString(first)
            .replaceFirst("\"of_peak\"\\s*:[^,]+", "\"of_peak\": 2.5")
            .replaceFirst("\"device_memory\"\\s*:\\s*\\d+", "\"device_memory\": 3221225472"));
    CommandRun merged = compare("--merge", first.toString());
    assertEquals(0, merged.code(), merged.output() + merged.errors());
    assertFalse(merged.output().contains("250.0 %"), merged.output());
    String html = Files.readString(page);
    assertTrue(html.contains("no peak") && html.contains("device memory: 3.0 GiB"), html);
    assertTrue(html.contains("prefers-color-scheme: dark"), html);
  }

  @Test
  void otherNumbersAreFound() throws IOException {
    small();
    Path first = Files.move(output, folder.resolve("first.json"));
    JsonObject file = JsonFiles.load(first);
    double loss = BenchReport.objects(file, "entries").getLast().numbers("losses").getLast();
    Path second = folder.resolve("second.json");
    Files.writeString(
        second, Files.readString(first).replace(Double.toString(loss), Double.toString(2 * loss)));
    CommandRun merged = compare("--merge", first + "," + second);
    assertEquals(1, merged.code(), merged.output());
    assertEquals(1, merged.output().lines().filter(l -> l.endsWith("DIFFERS")).count());
    assertTrue(Files.readString(page).contains("1 do not agree"));
  }

  @Test
  void badInput() throws IOException {
    compare("--ops", "hgrnn").assertRefused("'hgrnn'", "hgrn");
    compare("--devices", "cuda:3").assertRefused("'cuda:3'", "jvm");
    compare("--model", "glaa").assertRefused("'glaa'", "gla");
    compare("--steps", "0").assertRefused("--steps");
    compare("--lengths", "0").assertRefused("--lengths");
    String no = folder.resolve("no").resolve("page.html").toString();
    CommandRun.of("compare", "--html", no).assertRefused("--html", no);
    Path missing = folder.resolve("none.json");
    compare("--merge", missing.toString()).assertRefused("--merge", missing.toString());
    Path broken = folder.resolve("broken.json");
    Files.writeString(broken, "{\"devices\": [],\n\"entries\": [{\"work\": 3}]}");
    compare("--merge", broken.toString()).assertFails("broken.json", "entries[0].samples");
    Files.writeString(broken, "{\"devices\": [], \"entries\": [");
    compare("--merge", broken.toString()).assertFails("broken.json:1", "JSON");
  }
}
