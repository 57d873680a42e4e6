package dev.sluice.tasks.ops.simplegla;

import static dev.sluice.tasks.testing.OpCheck.assertClose;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.ops.gla.GlaCase;
import dev.sluice.tasks.ops.gla.GlaImplementation;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of simple gated linear attention against the reference.
class SimpleGlaTest {
  private static final int HEADS = 2;

  static List<Trial> trials() {
    return OpCheck.trials(SimpleGlaOp.NAME, GlaImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReference(Trial trial) {
    check(trial, GlaCase.of("narrow", 21, 2, 63, HEADS, 12, 20, -0.2f), 12);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReferenceWhereKeysFillSeveralPanels(Trial trial) {
    check(trial, GlaCase.of("wide", 22, 1, 30, HEADS, 140, 24, -0.2f), 140);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReferenceOnPackedSequences(Trial trial) {
    check(trial, GlaCase.packed("packed", 23, new int[] {0, 9, 9, 40}, HEADS, 16, 16, -30), 16);
  }

  private static void check(Trial trial, GlaCase drawn, int keys) {
    double[] full = drawn.input("g");
    double[] g = IntStream.range(0, full.length / keys).mapToDouble(i -> full[i * keys]).toArray();
    GlaCase numbers = drawn.with("g", SimpleGlaReference.gates(g, keys));
    Map<String, float[]> results =
        numbers.run(
            trial,
            (probe, q, k, v, h0, cu) -> {
              Shape shape = Shape.of(q.shape().extent(0), q.shape().extent(1), HEADS);
              var gate = probe.input("g", shape, GlaCase.floats(g));
              return SimpleGlaOp.apply(probe.graph(), q, k, v, gate, GlaCase.SCALE, h0, cu);
            });
    Map<String, double[]> expected = numbers.expected();
    expected.computeIfPresent(
        OpProbe.GRADIENT + "g", (name, dG) -> SimpleGlaReference.gatesGradient(dG, keys));
    expected.forEach(
        (name, values) -> assertClose(name, values, results.get(name), OpCheck.GRADIENT));
  }
}
