package dev.sluice.tasks.ops.simplegla;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.ops.gla.GlaCase;
import dev.sluice.tasks.ops.gla.GlaImplementation;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of simple gated linear attention against the reference.
class SimpleGlaTest {
  static Stream<Object[]> trialsAndCases() {
    return OpCheck.trials(SimpleGlaOp.NAME, GlaImplementation.class).stream()
        .flatMap(t -> GlaCase.all().map(c -> new Object[] {t, c}));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("trialsAndCases")
  void agreesWithTheReference(Trial trial, GlaCase drawn) {
    int keys = drawn.keySize();
    double[] full = drawn.input("g");
    double[] g = IntStream.range(0, full.length / keys).mapToDouble(i -> full[i * keys]).toArray();
    GlaCase numbers = drawn.with("g", SimpleGlaReference.gates(g, keys));
    Map<String, float[]> results =
        numbers.run(
            trial,
            (probe, q, k, v, h0, cu) -> {
              Shape shape = Shape.of(q.shape().extent(0), q.shape().extent(1), drawn.heads());
              var gate = probe.input("g", shape, GlaCase.floats(g));
              return SimpleGlaOp.apply(probe.graph(), q, k, v, gate, GlaCase.SCALE, h0, cu);
            });
    Map<String, double[]> expected = numbers.expected();
    expected.computeIfPresent(
        OpProbe.GRADIENT + "g", (name, dG) -> SimpleGlaReference.gatesGradient(dG, keys));
    GlaCase.assertClose(expected, results);
  }
}
