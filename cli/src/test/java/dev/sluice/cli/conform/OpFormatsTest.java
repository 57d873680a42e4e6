package dev.sluice.cli.conform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.cli.CommandRun;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Op files of other shapes and numbers than those that were given, through every implementation:
/// nothing is compared more kindly where a reference is small.
class OpFormatsTest {
  /// Empty sequences first, between and as padding; one of a row, one more than a chunk.
  private static final int[] PACKED = {0, 0, 1, 18, 18, 83, 83};

  @TempDir private Path folder;

  private static Stream<OpCases> shapes() {
    return Stream.of(
        OpCases.of("one", 1, 1, 1, 1, 16, 16),
        OpCases.of("short", 1, 15, 2, 2, 7, 9),
        OpCases.of("small", 3, 17, 1, 1, 1, 1),
        OpCases.of("less", 1, 63, 1, 1, 20, 12),
        OpCases.of("chunk", 1, 64, 1, 1, 12, 20),
        OpCases.of("more", 1, 65, 2, 2, 17, 5),
        OpCases.of("several", 1, 5, 2, 2, 20, 12).packed(PACKED));
  }

  private static Stream<OpCases> states() {
    OpCases usual = OpCases.of("usual", 2, 37, 2, 2, 12, 9);
    return Stream.of(usual.state(0), usual.state(1e4), usual.packed(PACKED).state(0));
  }

  private static Stream<OpCases> gates() {
    OpCases usual = OpCases.of("usual", 1, 70, 2, 2, 12, 9);
    return Stream.of(usual.gate(0), usual.gate(-30));
  }

  private void agrees(String op, Stream<OpCases> cases, Function<OpCases, OpFiles> file) {
    Path path = cases.map(file).reduce(OpFiles::and).orElseThrow().write(folder, op);
    CommandRun run = CommandRun.of("conform", path.toString());
    List<String> failed = run.output().lines().filter(line -> line.startsWith("FAILED")).toList();
    assertEquals(List.of(), failed);
    assertEquals(0, run.code(), run.errors());
    assertTrue(run.output().lines().count() > 50, run.output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gla", "simple_gla"})
  void gatedLinearAttention(String op) {
    agrees(op, Stream.of(shapes(), states(), gates()).flatMap(s -> s), c -> c.linear(op));
  }

  @ParameterizedTest
  @ValueSource(strings = {"retention", "linear_attention"})
  void linearAttentionWithFixedGates(String op) {
    agrees(op, Stream.concat(shapes(), states()), c -> c.linear(op));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gated_delta_rule", "delta_rule"})
  void deltaRule(String op) {
    boolean gated = op.startsWith("gated");
    OpCases usual = OpCases.of("usual", 1, 37, 1, 1, 12, 9);
    Stream<OpCases> rule =
        Stream.of(
            usual.beta(0), usual.beta(1), usual.beta(2), OpCases.of("shared", 2, 66, 2, 6, 12, 20));
    Stream<OpCases> all = Stream.of(shapes(), states(), rule).flatMap(s -> s);
    agrees(op, gated ? Stream.concat(all, gates()) : all, c -> c.delta(gated));
  }

  @Test
  void mambaTwo() {
    Stream<OpCases> groups = Stream.of(OpCases.of("groups", 2, 40, 2, 6, 5, 3));
    agrees(
        "ssd",
        Stream.of(shapes(), states().skip(1).limit(1), groups).flatMap(s -> s),
        OpCases::ssd);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gated_attention", "attention"})
  void attention(String op) {
    Stream<OpCases> shared = Stream.of(OpCases.of("shared", 2, 66, 2, 6, 12, 12));
    agrees(op, Stream.concat(shapes(), shared), c -> c.attention(op.startsWith("gated")));
  }
}
