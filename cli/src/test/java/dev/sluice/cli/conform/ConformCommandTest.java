package dev.sluice.cli.conform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Op files that agree, and files that do not or cannot be told.
class ConformCommandTest {
  private static final int FAILED = 1;
  private static final int UNKNOWN = 2;

  @TempDir private Path folder;

  private static CommandRun conform(Path... paths) {
    List<String> arguments = new ArrayList<>(List.of("conform"));
    Arrays.stream(paths).map(Path::toString).forEach(arguments::add);
    return CommandRun.of(arguments.toArray(String[]::new));
  }

  private static void assertFailed(CommandRun run, String part) {
    assertEquals(FAILED, run.code(), run.output());
    assertTrue(
        run.output().lines().anyMatch(l -> l.startsWith("FAILED") && l.contains(part)),
        run.output());
  }

  private static CommandRun assertAgrees(Path path) {
    CommandRun run = conform(path);
    assertEquals(0, run.code(), run.output() + run.errors());
    return run;
  }

  @Test
  void packedSequencesWithStates() {
    CommandRun run = assertAgrees(OpFiles.packedHgrn().write(folder, "hgrn"));
    for (String form : List.of("host", "chunked", "recurrent")) {
      for (String tensor : List.of("o", "ht", "grad/x", "grad/g", "grad/h0")) {
        assertTrue(
            run.output().lines().anyMatch(l -> l.matches("ok .* " + form + " +" + tensor + " .*")),
            form + " " + tensor);
      }
    }
  }

  @Test
  void offsetsMayBeFloats() {
    OpFiles file = OpFiles.packedHgrn().without("packed/in/cu_seqlens");
    assertAgrees(
        file.add("packed/in/cu_seqlens", new double[] {0, 3, 3, 7}, 4).write(folder, "hgrn"));
    OpFiles other = OpFiles.packedHgrn().without("packed/in/cu_seqlens");
    Path path =
        other.add("packed/in/cu_seqlens", new double[] {0, 3, 3.5, 7}, 4).write(folder, "hgrn");
    assertFailed(conform(path), "3.5");
  }

  @Test
  void gradientsAndStatesMayBeAbsent() {
    CommandRun run = assertAgrees(OpFiles.forwardHgrn().write(folder, "hgrn"));
    assertFalse(run.output().contains("grad/"), run.output());
  }

  @Test
  void channelsFirst() {
    assertAgrees(OpFiles.selectiveScan().write(folder, "selective_scan"));
  }

  @Test
  void zeroIsComparedAbsolutely() {
    assertAgrees(OpFiles.zeroHgrn(0).write(folder, "hgrn"));
    assertFailed(conform(OpFiles.zeroHgrn(1e-5).write(folder, "hgrn")), " o ");
  }

  @Test
  void wrongNumberFails() {
    Path path = OpFiles.packedHgrn().with("packed/grad/g", 3, 9).write(folder, "hgrn");
    assertFailed(conform(path), "grad/g");
  }

  @Test
  void notANumberFails() {
    Path path = OpFiles.packedHgrn().with("packed/out/o", 3, Float.NaN).write(folder, "hgrn");
    assertFailed(conform(path), " o ");
  }

  @Test
  void unknownOp() {
    CommandRun run = conform(OpFiles.forwardHgrn().write(folder, "chess"));
    assertEquals(UNKNOWN, run.code());
    run.assertSays("'chess'", "hgrn");
  }

  @Test
  void unknownInput() {
    Path path =
        OpFiles.forwardHgrn().add("forward/in/queen", new double[1], 1).write(folder, "hgrn");
    CommandRun run = conform(path);
    assertEquals(UNKNOWN, run.code());
    run.assertSays("forward", "queen");
  }

  @Test
  void failureOutranksUnknown() {
    OpFiles unknown = OpFiles.forwardHgrn().add("forward/in/queen", new double[1], 1);
    Path path = unknown.and(OpFiles.zeroHgrn(1)).write(folder, "hgrn");
    assertFailed(conform(path), "zero");
    Path other = OpFiles.forwardHgrn().write(folder, "chess");
    assertFailed(conform(other, path), "zero");
  }

  @Test
  void nothingToCompareFails() {
    Path path = OpFiles.forwardHgrn().without("forward/out/o").write(folder, "hgrn");
    assertFailed(conform(path), "nothing to compare");
  }

  @Test
  void implementationThatIsNotThere() {
    String path = OpFiles.forwardHgrn().write(folder, "hgrn").toString();
    CommandRun fast = CommandRun.of("conform", "--implementation", "hgrn=fast", path);
    assertEquals(UNKNOWN, fast.code(), fast.output());
    fast.assertSays("'fast'", "host, chunked, recurrent");
    CommandRun other = CommandRun.of("conform", "--implementation", "hgm=host", path);
    assertEquals(UNKNOWN, other.code(), other.output());
    other.assertSays("'hgm'", "hgrn");
  }

  @Test
  void missingInputFails() {
    Path path = OpFiles.forwardHgrn().without("forward/in/g").write(folder, "hgrn");
    assertFailed(conform(path), "'g'");
  }

  @Test
  void cotangentOfNothingFails() {
    Path path = OpFiles.forwardHgrn().add("forward/cot/y", new double[1], 1).write(folder, "hgrn");
    assertFailed(conform(path), "'y'");
  }

  @Test
  void truncatedFileFails() throws IOException {
    Path path = OpFiles.forwardHgrn().write(folder, "hgrn");
    byte[] all = Files.readAllBytes(path);
    Files.write(path, Arrays.copyOf(all, all.length - 8));
    assertFailed(conform(path), path.toString());
  }

  @Test
  void jsonLines() {
    Path path = OpFiles.packedHgrn().with("packed/out/o", 0, 9).write(folder, "hgrn");
    CommandRun run = CommandRun.of("conform", "--json", path.toString());
    assertEquals(FAILED, run.code());
    assertTrue(run.output().lines().allMatch(l -> l.startsWith("{\"what\":")), run.output());
    assertTrue(run.output().contains("\"agrees\":false"), run.output());
    assertTrue(run.output().contains("\"agrees\":true"), run.output());
  }

  @TestFactory
  Stream<DynamicTest> sharedFiles() throws IOException {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isDirectory(at.resolve("shared/conformance/ops"))) {
      at = at.getParent();
    }
    if (at == null) {
      return Stream.of();
    }
    try (Stream<Path> files = Files.list(at.resolve("shared/conformance/ops"))) {
      return files.sorted().toList().stream()
          .map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> assertAgrees(f)));
    }
  }
}
