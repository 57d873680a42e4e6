package dev.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.checkpoint.JsonFiles;
import dev.sluice.checkpoint.JsonObject;
import dev.sluice.cli.CommandRun;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Implementation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BenchOpsTest {
  private static final SequenceSize SIZE = new SequenceSize(2, 12, 2, 8, 4);

  /// Of the root mean square, between forms that sum in other orders.
  private static final double TOLERANCE = 1e-4;

  static List<BenchOp> ops() {
    return BenchOps.all();
  }

  @ParameterizedTest
  @MethodSource("ops")
  void allFormsOfAnOpGiveTheSame(BenchOp op) {
    Device device = Devices.preferred();
    List<Implementation> forms = op.on(device);
    Map<String, float[]> first;
    try (OpRun run = new OpRun(op, null, SIZE, true, true, device)) {
      run.run();
      first = run.results();
    }
    assertTrue(first.size() > 1, "no gradients");
    for (Implementation form : forms) {
      try (OpRun run = new OpRun(op, form, SIZE, true, true, device)) {
        run.run();
        run.results().forEach((name, ours) -> assertClose(first.get(name), ours, name));
      }
    }
  }

  private static void assertClose(float[] expected, float[] ours, String name) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) ours[i] - expected[i], 2);
      size += (double) expected[i] * expected[i];
    }
    assertTrue(size > 0, name + " is zero");
    assertEquals(0, Math.sqrt(difference / size), TOLERANCE, name);
  }

  @Test
  void whatIsNotKeptIsStillComputed() {
    BenchOp gla = BenchOps.named(List.of("gla")).getFirst();
    try (OpRun run = new OpRun(gla, null, SIZE, true, false, Devices.preferred())) {
      run.run();
      assertTrue(run.bytes() > 0);
      assertTrue(run.kernelSeconds() > 0);
    }
  }

  @Test
  void anImageHasAsManyPointsAsASequenceHasSteps() {
    assertEquals(8, SIZE.ofLength(64).imageHeight());
    assertEquals(16, SIZE.ofLength(128).imageHeight());
    assertEquals(7, SIZE.ofLength(7).imageHeight());
  }

  @Test
  void namesOfOps() {
    assertEquals(BenchOps.all(), BenchOps.named(List.of()));
    var e = assertThrows(IllegalArgumentException.class, () -> BenchOps.named(List.of("gal")));
    assertTrue(e.getMessage().contains("did you mean gla?"), e.getMessage());
  }

  @Test
  void reportsEveryFormOfTheOpsAskedFor() {
    CommandRun run =
        CommandRun.of(
            "bench", "ops", "--ops", "hgrn", "--lengths", "5,9", "--seconds", "0.001", "--json");
    assertEquals(0, run.code(), run.errors());
    JsonObject report = JsonFiles.parse("output", run.output());
    assertEquals("ops", report.text("benchmark"));
    int forms = BenchOps.named(List.of("hgrn")).getFirst().on(Devices.preferred()).size();
    List<JsonObject> rows = BenchReport.objects(report, "rows");
    assertEquals(2 * 2 * forms, rows.size());
    for (JsonObject row : rows) {
      assertEquals("hgrn", row.object("labels").text("op"));
      assertTrue(row.number("of_bandwidth") > 0);
      assertTrue(row.number("first_s") > 0);
    }
  }

  @Test
  void badSizes() {
    CommandRun.of("bench", "ops", "--lengths", "64,0").assertRefused("--lengths", "0");
    CommandRun.of("bench", "ops", "--heads", "0").assertRefused("--heads", "0");
    CommandRun.of("bench", "ops", "--ops", "glaa").assertRefused("glaa", "gla");
  }

  private static CommandRun bench(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "bench", "ops", "--ops", "hgrn", "--lengths", "8", "--seconds", "0.001", "--json"));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  @Test
  void onlyTheFormThatIsAskedFor() {
    CommandRun run = bench("--implementation", "hgrn=recurrent", "--explain");
    assertEquals(0, run.code(), run.errors());
    run.assertSays("  hgrn: recurrent");
    List<String> forms =
        BenchReport.objects(JsonFiles.parse("output", run.output()), "rows").stream()
            .map(row -> row.object("labels").text("form"))
            .distinct()
            .toList();
    assertEquals(List.of("recurrent"), forms);
    bench("--explain").assertSays("  hgrn: host");
  }

  @Test
  void formsThatAreNotThere() {
    bench("--implementation", "hgrn=fast").assertRefused("hgrn=fast", "jvm", "recurrent");
    bench("--implementation", "hgrm=host").assertRefused("'hgrm'", "did you mean hgrn?");
  }
}
