package dev.sluice.tasks.ops.linearcrossentropy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import dev.sluice.tasks.ops.firstchoice.FirstChoiceReference;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinearCrossEntropyOpTest {
  private static final float LABEL_SCALE = 0.02f;

  /// Not 1, so that the gradient of the loss is seen to be honoured.
  private static final float LOSS_GRADIENT = 1.5f;

  static List<Trial> trials() {
    return OpCheck.trials(LinearCrossEntropyOp.NAME, LinearCrossEntropyImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, 1, 1, 3, 2);
    check(trial, 3, 35, 17, 61);
    // Longer than what a work-group reads at once, and not a multiple of it.
    check(trial, 1, 4, 3, 1600);
  }

  /// More rows than the host has in one block.
  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReferenceOverSeveralBlocks(Trial trial) {
    assertTrue(
        LinearCrossEntropyTasks.block(LinearCrossEntropyImplementation.HOST_ALL_ROWS, 600, 9)
            < 600);
    check(trial, 4, 150, 5, 9);
  }

  /// A vocabulary that the host cuts into chunks, and rows that it cuts into groups.
  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReferenceOverSeveralParts(Trial trial) {
    var parts = LinearCrossEntropyParts.of(20, 8500);
    assertTrue(parts.chunks() > 1 && parts.groups() > 1, parts.toString());
    check(trial, 1, 20, 3, 8500);
  }

  private static void check(Trial trial, int batch, int time, int columns, int vocabulary) {
    int rows = batch * time;
    float[] x = OpCheck.normal(1, rows * columns);
    float[] w = OpCheck.normal(2, vocabulary * columns);
    int[] labels = labels(rows, vocabulary);
    OpProbe probe = trial.probe();
    Tensor loss =
        LinearCrossEntropyOp.apply(
            probe.graph(),
            probe.input("x", Shape.of(batch, time, columns), x),
            probe.input("w", Shape.of(vocabulary, columns), w),
            probe.integers("labels", Shape.of(batch, time), labels),
            probe.constant("labelScale", Shape.of(1), new float[] {LABEL_SCALE}));
    var results = probe.run(Map.of("loss", loss), Map.of("loss", new float[] {LOSS_GRADIENT}));

    double[] wideX = OpCheck.doubles(x);
    double[] wideW = OpCheck.doubles(w);
    double expected =
        LinearCrossEntropyReference.forward(
            wideX, wideW, labels, LABEL_SCALE, rows, columns, vocabulary);
    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    LinearCrossEntropyReference.backward(
        wideX, wideW, labels, LABEL_SCALE, LOSS_GRADIENT, dX, dW, rows, columns, vocabulary);
    OpCheck.assertClose("loss", new double[] {expected}, results.get("loss"), OpCheck.OUTPUT);
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", dW, results.get("grad/w"), OpCheck.GRADIENT);
  }

  private static int[] labels(int rows, int vocabulary) {
    int[] labels = OpCheck.integers(3, rows, vocabulary);
    for (int r = 1; r < rows; r += 3) {
      labels[r] = CrossEntropyOp.IGNORED;
    }
    return labels;
  }

  @ParameterizedTest
  @MethodSource("trials")
  void givesTheLossAloneWithoutABackwardPass(Trial trial) {
    float[] x = OpCheck.normal(1, 6 * 4);
    float[] w = OpCheck.normal(2, 7 * 4);
    int[] labels = labels(6, 7);
    OpProbe probe = trial.probe();
    Tensor loss =
        LinearCrossEntropyOp.apply(
            probe.graph(),
            probe.constant("x", Shape.of(6, 4), x),
            probe.constant("w", Shape.of(7, 4), w),
            probe.integers("labels", Shape.of(6), labels),
            probe.constant("labelScale", Shape.of(1), new float[] {LABEL_SCALE}));
    double expected =
        LinearCrossEntropyReference.forward(
            OpCheck.doubles(x), OpCheck.doubles(w), labels, LABEL_SCALE, 6, 4, 7);
    float[] actual = probe.run(Map.of("loss", loss), Map.of()).get("loss");
    OpCheck.assertClose("loss", new double[] {expected}, actual, OpCheck.OUTPUT);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void rowsWithoutLabelsGiveNothing(Trial trial) {
    int[] labels = new int[5];
    Arrays.fill(labels, CrossEntropyOp.IGNORED);
    OpProbe probe = trial.probe();
    Tensor loss =
        LinearCrossEntropyOp.apply(
            probe.graph(),
            probe.input("x", Shape.of(5, 4), OpCheck.normal(1, 20)),
            probe.input("w", Shape.of(7, 4), OpCheck.normal(2, 28)),
            probe.integers("labels", Shape.of(5), labels),
            probe.constant("labelScale", Shape.of(1), new float[] {1.0f}));
    var results = probe.run(Map.of("loss", loss), Map.of("loss", new float[] {1.0f}));
    OpCheck.assertClose("loss", new double[1], results.get("loss"), 0.0);
    OpCheck.assertClose("dX", new double[20], results.get("grad/x"), 0.0);
    OpCheck.assertClose("dW", new double[28], results.get("grad/w"), 0.0);
  }

  /// Few different logits, so that several are the largest and the first of them counts; one row is
  /// not a number.
  @ParameterizedTest
  @MethodSource("trials")
  void judgesRowsAsTheirLogitsAreJudged(Trial trial) {
    judge(trial, 1, 1, 3, 2, false);
    judge(trial, 3, 35, 17, 61, false);
    judge(trial, 4, 150, 5, 9, false);
    judge(trial, 7, 9, 1, 70, true);
  }

  private static void judge(
      Trial trial, int batch, int time, int columns, int vocabulary, boolean few) {
    int rows = batch * time;
    float[] x = OpCheck.normal(1, rows * columns);
    float[] w = OpCheck.normal(2, vocabulary * columns);
    int[] labels = labels(rows, vocabulary);
    if (few) {
      signs(x);
      signs(w);
      x[0] = Float.NaN;
      labels[0] = 0;
    }
    double[] logits = new double[rows * vocabulary];
    for (int r = 0; r < rows; r++) {
      for (int v = 0; v < vocabulary; v++) {
        for (int d = 0; d < columns; d++) {
          logits[r * vocabulary + v] += (double) x[r * columns + d] * w[v * columns + d];
        }
      }
    }
    // Most labels are not the first choice: every other row gets the one that is.
    for (int r = 0; r < rows; r += 2) {
      for (int v = 0; v < vocabulary && labels[r] != CrossEntropyOp.IGNORED; v++) {
        boolean above = logits[r * vocabulary + v] > logits[r * vocabulary + labels[r]];
        labels[r] = above ? v : labels[r];
      }
    }
    OpProbe probe = trial.probe();
    LinearCrossEntropyOp.Rows judged =
        LinearCrossEntropyOp.ofRows(
            probe.graph(),
            probe.constant("x", Shape.of(batch, time, columns), x),
            probe.constant("w", Shape.of(vocabulary, columns), w),
            probe.integers("labels", Shape.of(batch, time), labels));
    var results = probe.run(Map.of("loss", judged.loss(), "right", judged.right()), Map.of());

    double[] right = new double[rows];
    FirstChoiceReference.forward(logits, labels, right, rows, vocabulary);
    OpCheck.assertClose("right", right, results.get("right"), 0.0);
    int from = few ? 1 : 0;
    double[] expected = new double[rows - from];
    double[] wideW = OpCheck.doubles(w);
    for (int r = from; r < rows; r++) {
      double[] row = OpCheck.doubles(Arrays.copyOfRange(x, r * columns, (r + 1) * columns));
      expected[r - from] =
          LinearCrossEntropyReference.forward(
              row, wideW, new int[] {labels[r]}, 1.0, 1, columns, vocabulary);
    }
    float[] losses = results.get("loss");
    OpCheck.assertClose("loss", expected, Arrays.copyOfRange(losses, from, rows), OpCheck.OUTPUT);
    if (few) {
      assertTrue(Float.isNaN(losses[0]));
    }
  }

  private static void signs(float[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = values[i] > 0 ? 1 : -1;
    }
  }

  @Test
  void referenceGradientsAreDerivatives() {
    int rows = 4;
    int columns = 3;
    int vocabulary = 5;
    double[] x = OpCheck.doubles(OpCheck.normal(1, rows * columns));
    double[] w = OpCheck.doubles(OpCheck.normal(2, vocabulary * columns));
    int[] labels = labels(rows, vocabulary);
    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    LinearCrossEntropyReference.backward(
        x, w, labels, LABEL_SCALE, 1.0, dX, dW, rows, columns, vocabulary);
    OpCheck.assertGradient(
        "dX",
        p ->
            LinearCrossEntropyReference.forward(
                p, w, labels, LABEL_SCALE, rows, columns, vocabulary),
        x,
        dX);
    OpCheck.assertGradient(
        "dW",
        p ->
            LinearCrossEntropyReference.forward(
                x, p, labels, LABEL_SCALE, rows, columns, vocabulary),
        w,
        dW);
  }

  @Test
  void refusesAWeightOfOtherWidth() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(2, 3), new float[6]);
    Tensor w = probe.input("w", Shape.of(5, 4), new float[20]);
    Tensor labels = probe.integers("labels", Shape.of(2), new int[2]);
    Tensor scale = probe.constant("labelScale", Shape.of(1), new float[1]);
    var refused =
        assertThrows(
            GraphException.class,
            () -> LinearCrossEntropyOp.apply(probe.graph(), x, w, labels, scale));
    assertEquals("tensor 'w' has shape [5, 4] where [5, 3] is needed", refused.getMessage());
  }
}
