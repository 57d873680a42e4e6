package dev.sluice.tasks.ops.firstchoice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FirstChoiceOpTest {
  static List<Trial> trials() {
    return OpCheck.trials(FirstChoiceOp.NAME, FirstChoiceImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, 1, 1, OpCheck.normal(1, 1));
    check(trial, 63, 5, OpCheck.normal(1, 63 * 5));
    check(trial, 7, 1000, OpCheck.normal(1, 7 * 1000));
  }

  /// Few different logits, so that several are the largest and the first of them counts.
  @ParameterizedTest
  @MethodSource("trials")
  void firstOfEqualOnesCounts(Trial trial) {
    float[] logits = OpCheck.normal(1, 63 * 7);
    for (int i = 0; i < logits.length; i++) {
      logits[i] = logits[i] > 0 ? 1 : -1;
    }
    check(trial, 63, 7, logits);
  }

  /// A model that is not finite has no first choice, or its accuracy would be perfect.
  @ParameterizedTest
  @MethodSource("trials")
  void nothingIsChosenAmongNaN(Trial trial) {
    float[] logits = new float[63 * 7];
    Arrays.fill(logits, Float.NaN);
    check(trial, 63, 7, logits);
  }

  private static void check(Trial trial, int rows, int vocabulary, float[] logits) {
    int[] labels = OpCheck.integers(2, rows, vocabulary);
    double[] expected = new double[rows];
    // Most labels of long rows are not the first choice: every other row gets the one that is.
    double[] wide = OpCheck.doubles(logits);
    for (int r = 0; r < rows; r += 2) {
      for (int v = 0; v < vocabulary; v++) {
        labels[r] = wide[r * vocabulary + v] > wide[r * vocabulary + labels[r]] ? v : labels[r];
      }
    }
    for (int r = 1; r < rows; r += 5) {
      labels[r] = CrossEntropyOp.IGNORED;
    }
    FirstChoiceReference.forward(wide, labels, expected, rows, vocabulary);
    OpProbe probe = trial.probe();
    Tensor right =
        FirstChoiceOp.apply(
            probe.graph(),
            probe.constant("logits", Shape.of(rows, vocabulary), logits),
            probe.integers("labels", Shape.of(rows), labels));
    var results = probe.run(Map.of("right", right), Map.of());
    OpCheck.assertClose("right", expected, results.get("right"), 0.0);
  }

  @Test
  void refusesTooFewLabels() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor logits = probe.constant("logits", Shape.of(6, 5), new float[30]);
    Tensor labels = probe.integers("labels", Shape.of(4), new int[4]);
    var refused =
        assertThrows(
            GraphException.class, () -> FirstChoiceOp.apply(probe.graph(), logits, labels));
    assertEquals(
        "labels 'labels' have shape [4] where 'logits' [6, 5] needs 6 of them",
        refused.getMessage());
  }
}
