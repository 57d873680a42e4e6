package dev.sluice.tasks.ops.linearcrossentropy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
