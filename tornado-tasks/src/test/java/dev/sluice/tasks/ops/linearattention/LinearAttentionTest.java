package dev.sluice.tasks.ops.linearattention;

import static dev.sluice.tasks.testing.OpCheck.assertClose;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.ops.gla.GlaCase;
import dev.sluice.tasks.ops.gla.GlaImplementation;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of linear attention against the reference.
class LinearAttentionTest {
  static List<Trial> trials() {
    return OpCheck.trials(LinearAttentionOp.NAME, GlaImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReference(Trial trial) {
    GlaCase numbers =
        GlaCase.of("no gate", 31, 2, 65, 2, 20, 36, 0)
            .with("g", LinearAttentionReference.gates(2 * 65, 2, 20));
    Map<String, float[]> results =
        numbers.run(
            trial,
            (probe, q, k, v, h0, cu) ->
                LinearAttentionOp.apply(probe.graph(), q, k, v, GlaCase.SCALE, h0, cu));
    Map<String, double[]> expected = numbers.expected();
    expected.remove(OpProbe.GRADIENT + "g");
    expected.forEach(
        (name, values) -> assertClose(name, values, results.get(name), OpCheck.GRADIENT));
  }
}
