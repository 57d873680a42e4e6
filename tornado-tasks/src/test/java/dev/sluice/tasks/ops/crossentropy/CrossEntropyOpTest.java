package dev.sluice.tasks.ops.crossentropy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CrossEntropyOpTest {
  private static final float LABEL_SCALE = 0.02f;
  private static final float LOSS_GRADIENT = 1.5f;

  static List<Trial> trials() {
    return OpCheck.trials(CrossEntropyOp.NAME, CrossEntropyImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, 1, 1, 2);
    check(trial, 3, 35, 61);
    check(trial, 1, 7, 1000);
  }

  /// Logits that rise over hundreds, where those before count for nothing in the end; and first
  /// ones that are ruled out.
  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReferenceWhereTheLargestComesLate(Trial trial) {
    int vocabulary = 203;
    float[] logits = OpCheck.normal(1, 6 * vocabulary);
    for (int i = 0; i < logits.length; i++) {
      int row = i / vocabulary;
      int v = i % vocabulary;
      logits[i] += (row - 2) * v;
      logits[i] = row == 5 && v < 100 ? -1e30f : logits[i];
    }
    check(trial, 2, 3, vocabulary, logits);
  }

  /// A logit that is no number, of either sign, or without bound, in the first vectors, in the
  /// middle, in the last.
  @ParameterizedTest
  @MethodSource("trials")
  void hasNoLossWhereALogitIsNoNumber(Trial trial) {
    int vocabulary = 203;
    float[] bad = {Float.NaN, Float.intBitsToFloat(0xFFC00000), Float.POSITIVE_INFINITY};
    for (int at : new int[] {0, 21, 100, vocabulary - 1}) {
      for (float value : bad) {
        float[] logits = OpCheck.normal(1, vocabulary);
        logits[at] = value;
        OpProbe probe = trial.probe();
        Tensor losses =
            CrossEntropyOp.ofRows(
                probe.graph(),
                probe.constant("logits", Shape.of(1, vocabulary), logits),
                probe.integers("labels", Shape.of(1), new int[] {50}));
        float loss = probe.run(Map.of("losses", losses), Map.of()).get("losses")[0];
        assertFalse(Float.isFinite(loss), () -> value + " at " + at + " gives " + loss);
      }
    }
  }

  private static void check(Trial trial, int batch, int time, int vocabulary) {
    float[] logits = OpCheck.normal(1, batch * time * vocabulary);
    for (int v = 0; v < vocabulary; v++) {
      logits[v] += 200.0f; // beyond where e^x overflows
    }
    check(trial, batch, time, vocabulary, logits);
  }

  private static void check(Trial trial, int batch, int time, int vocabulary, float[] logits) {
    int rows = batch * time;
    int[] labels = labels(rows, vocabulary);
    OpProbe probe = trial.probe();
    Tensor loss =
        CrossEntropyOp.apply(
            probe.graph(),
            probe.input("logits", Shape.of(batch, time, vocabulary), logits),
            probe.integers("labels", Shape.of(batch, time), labels),
            probe.constant("labelScale", Shape.of(1), new float[] {LABEL_SCALE}));
    var results = probe.run(Map.of("loss", loss), Map.of("loss", new float[] {LOSS_GRADIENT}));

    double[] wide = OpCheck.doubles(logits);
    double expected = CrossEntropyReference.forward(wide, labels, LABEL_SCALE, rows, vocabulary);
    double[] dLogits = new double[logits.length];
    CrossEntropyReference.backward(
        wide, labels, LABEL_SCALE, LOSS_GRADIENT, dLogits, rows, vocabulary);
    OpCheck.assertClose("loss", new double[] {expected}, results.get("loss"), OpCheck.OUTPUT);
    OpCheck.assertClose("dLogits", dLogits, results.get("grad/logits"), OpCheck.GRADIENT);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void lossesOfRowsAgreeWithReference(Trial trial) {
    int rows = 35;
    int vocabulary = 61;
    float[] logits = OpCheck.normal(1, rows * vocabulary);
    int[] labels = labels(rows, vocabulary);
    OpProbe probe = trial.probe();
    Tensor losses =
        CrossEntropyOp.ofRows(
            probe.graph(),
            probe.constant("logits", Shape.of(5, 7, vocabulary), logits),
            probe.integers("labels", Shape.of(5, 7), labels));
    var results = probe.run(Map.of("losses", losses), Map.of());
    double[] wide = OpCheck.doubles(logits);
    double[] expected = new double[rows];
    for (int r = 0; r < rows; r++) {
      double[] row = Arrays.copyOfRange(wide, r * vocabulary, (r + 1) * vocabulary);
      expected[r] = CrossEntropyReference.forward(row, new int[] {labels[r]}, 1, 1, vocabulary);
    }
    OpCheck.assertClose("losses", expected, results.get("losses"), OpCheck.OUTPUT);
  }

  private static int[] labels(int rows, int vocabulary) {
    int[] labels = OpCheck.integers(2, rows, vocabulary);
    for (int r = 1; r < rows; r += 3) {
      labels[r] = CrossEntropyOp.IGNORED;
    }
    return labels;
  }

  @ParameterizedTest
  @MethodSource("trials")
  void ignoredRowsGiveNothing(Trial trial) {
    int[] labels = new int[4];
    Arrays.fill(labels, CrossEntropyOp.IGNORED);
    OpProbe probe = trial.probe();
    Tensor loss =
        CrossEntropyOp.apply(
            probe.graph(),
            probe.input("logits", Shape.of(4, 9), OpCheck.normal(1, 36)),
            probe.integers("labels", Shape.of(4), labels),
            probe.constant("labelScale", Shape.of(1), new float[] {1.0f}));
    var results = probe.run(Map.of("loss", loss), Map.of("loss", new float[] {1.0f}));
    OpCheck.assertClose("loss", new double[1], results.get("loss"), 0.0);
    OpCheck.assertClose("dLogits", new double[36], results.get("grad/logits"), 0.0);
  }

  @Test
  void referenceGradientIsDerivative() {
    int rows = 4;
    int vocabulary = 6;
    double[] logits = OpCheck.doubles(OpCheck.normal(1, rows * vocabulary));
    int[] labels = labels(rows, vocabulary);
    double[] dLogits = new double[logits.length];
    CrossEntropyReference.backward(
        logits, labels, LABEL_SCALE, LOSS_GRADIENT, dLogits, rows, vocabulary);
    OpCheck.assertGradient(
        "dLogits",
        p ->
            LOSS_GRADIENT * CrossEntropyReference.forward(p, labels, LABEL_SCALE, rows, vocabulary),
        logits,
        dLogits);
  }

  @Test
  void refusesTooFewLabels() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor logits = probe.input("logits", Shape.of(2, 3, 5), new float[30]);
    Tensor labels = probe.integers("labels", Shape.of(2, 2), new int[4]);
    Tensor scale = probe.constant("labelScale", Shape.of(1), new float[1]);
    var refused =
        assertThrows(
            GraphException.class, () -> CrossEntropyOp.apply(probe.graph(), logits, labels, scale));
    assertEquals(
        "labels 'labels' have shape [2, 2] where 'logits' [2, 3, 5] needs 6 of them",
        refused.getMessage());
  }
}
