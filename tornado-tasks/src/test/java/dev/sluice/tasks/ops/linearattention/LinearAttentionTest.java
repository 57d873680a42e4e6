package dev.sluice.tasks.ops.linearattention;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.ops.gla.GlaCase;
import dev.sluice.tasks.ops.gla.GlaImplementation;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of linear attention against the reference.
class LinearAttentionTest {
  static Stream<Object[]> trialsAndCases() {
    return OpCheck.trials(LinearAttentionOp.NAME, GlaImplementation.class).stream()
        .flatMap(t -> GlaCase.all().map(c -> new Object[] {t, c}));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("trialsAndCases")
  void agreesWithTheReference(Trial trial, GlaCase drawn) {
    GlaCase numbers =
        drawn.with(
            "g", LinearAttentionReference.gates(drawn.rows(), drawn.heads(), drawn.keySize()));
    Map<String, double[]> expected = numbers.expected();
    expected.remove(OpProbe.GRADIENT + "g");
    GlaCase.assertClose(
        expected,
        numbers.run(
            trial,
            (probe, q, k, v, h0, cu) ->
                LinearAttentionOp.apply(probe.graph(), q, k, v, GlaCase.SCALE, h0, cu)));
  }
}
