package dev.sluice.tasks.ops.shortconvolution;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

class ShortConvolutionOpTest {
  static List<Trial> trials() {
    return OpCheck.trials(ShortConvolutionOp.NAME, ShortConvolutionImplementation.class);
  }

  /// @param lengths of packed sequences, or null for a batch
  private record Setting(
      int batch,
      int time,
      int columns,
      int width,
      boolean bias,
      boolean silu,
      boolean initial,
      int[] bounds) {
    boolean packed() {
      return bounds.length > 0;
    }

    int[] allBounds() {
      int[] all = new int[batch + 1];
      Arrays.setAll(all, n -> n * time);
      return packed() ? bounds : all;
    }
  }

  private static final int[] NONE = {};

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, new Setting(2, 63, 60, 4, true, true, true, NONE));
    check(trial, new Setting(3, 17, 5, 3, false, false, false, NONE));
    check(trial, new Setting(1, 70, 33, 2, false, true, false, NONE));
  }

  /// Sequences shorter than the window take their final state from the initial one.
  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReferenceForShortSequences(Trial trial) {
    check(trial, new Setting(3, 1, 7, 4, true, true, true, NONE));
    check(trial, new Setting(2, 2, 7, 4, false, true, false, NONE));
  }

  /// Packed sequences, among them an empty and a short one, and padding of the bounds.
  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReferenceForPackedSequences(Trial trial) {
    int[] bounds = {0, 13, 13, 15, 40, 40, 40};
    check(trial, new Setting(1, 40, 11, 4, true, true, true, bounds));
    check(trial, new Setting(1, 40, 11, 4, false, false, false, bounds));
  }

  private static void check(Trial trial, Setting setting) {
    int rows = setting.batch() * setting.time();
    int columns = setting.columns();
    int width = setting.width();
    int sequences = setting.allBounds().length - 1;
    float[] x = OpCheck.normal(1, rows * columns);
    float[] w = OpCheck.normal(2, columns * width);
    float[] bias = OpCheck.normal(3, columns);
    float[] initial = OpCheck.normal(4, sequences * (width - 1) * columns);
    float[] dY = OpCheck.normal(5, x.length);
    float[] dFinal = OpCheck.normal(6, initial.length);
    OpProbe probe = trial.probe();
    var result =
        ShortConvolutionOp.apply(
            probe.graph(),
            probe.input("x", Shape.of(setting.batch(), setting.time(), columns), x),
            probe.input("w", Shape.of(columns, width), w),
            setting.bias() ? probe.input("bias", Shape.of(columns), bias) : null,
            setting.silu(),
            setting.initial()
                ? probe.input("initial", Shape.of(sequences, width - 1, columns), initial)
                : null,
            setting.packed()
                ? probe.integers("bounds", Shape.of(sequences + 1), setting.bounds())
                : null);
    var results =
        probe.run(
            Map.of("y", result.y(), "final", result.finalState()),
            Map.of("y", dY, "final", dFinal));

    double[] wideBias = setting.bias() ? OpCheck.doubles(bias) : null;
    double[] wideInitial = setting.initial() ? OpCheck.doubles(initial) : null;
    var expected =
        ShortConvolutionReference.forward(
            OpCheck.doubles(x),
            OpCheck.doubles(w),
            wideBias,
            wideInitial,
            setting.allBounds(),
            setting.silu(),
            columns,
            width);
    var gradients =
        ShortConvolutionReference.backward(
            OpCheck.doubles(x),
            OpCheck.doubles(w),
            wideBias,
            wideInitial,
            setting.allBounds(),
            OpCheck.doubles(dY),
            OpCheck.doubles(dFinal),
            setting.silu(),
            columns,
            width);
    OpCheck.assertClose("y", expected.y(), results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("final", expected.finalState(), results.get("final"), OpCheck.OUTPUT);
    OpCheck.assertClose("dX", gradients.dX(), results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", gradients.dW(), results.get("grad/w"), OpCheck.GRADIENT);
    if (setting.bias()) {
      OpCheck.assertClose("dBias", gradients.dBias(), results.get("grad/bias"), OpCheck.GRADIENT);
    }
    if (setting.initial()) {
      OpCheck.assertClose(
          "dInitial", gradients.dInitial(), results.get("grad/initial"), OpCheck.GRADIENT);
    }
  }

  /// Only the final state has a gradient, and the input is used twice.
  @ParameterizedTest
  @MethodSource("trials")
  void accumulatesGradientsOfTheFinalStateAlone(Trial trial) {
    float[] x = OpCheck.normal(1, 2 * 9 * 4);
    float[] dFinal = OpCheck.normal(2, 2 * 3 * 4);
    OpProbe probe = trial.probe();
    Tensor tx = probe.input("x", Shape.of(2, 9, 4), x);
    Tensor tw = probe.input("w", Shape.of(4, 4), OpCheck.normal(3, 16));
    var first = ShortConvolutionOp.apply(probe.graph(), tx, tw, null, true, null, null);
    var second = ShortConvolutionOp.apply(probe.graph(), tx, tw, null, true, null, null);
    var results =
        probe.run(
            Map.of("first", first.finalState(), "second", second.finalState()),
            Map.of("first", dFinal, "second", dFinal));
    double[] dX = new double[x.length];
    for (int i = 0; i < dFinal.length; i++) {
      dX[i / 12 * 36 + 24 + i % 12] = 2.0 * dFinal[i];
    }
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", new double[16], results.get("grad/w"), 0.0);
  }

  /// A sequence in two pieces, the state handed on, is the sequence in one.
  @ParameterizedTest
  @MethodSource("trials")
  void continuesFromItsState(Trial trial) {
    float[] x = OpCheck.normal(1, 8 * 5);
    float[] w = OpCheck.normal(2, 5 * 4);
    OpProbe probe = trial.probe();
    Tensor tw = probe.constant("w", Shape.of(5, 4), w);
    Tensor whole = probe.constant("whole", Shape.of(1, 8, 5), x);
    Tensor head = probe.constant("head", Shape.of(1, 6, 5), Arrays.copyOf(x, 30));
    Tensor tail = probe.constant("tail", Shape.of(1, 2, 5), Arrays.copyOfRange(x, 30, 40));
    var one = ShortConvolutionOp.apply(probe.graph(), whole, tw, null, true, null, null);
    var begun = ShortConvolutionOp.apply(probe.graph(), head, tw, null, true, null, null);
    var ended =
        ShortConvolutionOp.apply(probe.graph(), tail, tw, null, true, begun.finalState(), null);
    var results =
        probe.run(
            Map.of(
                "one", one.y(),
                "ended", ended.y(),
                "state", one.finalState(),
                "endState", ended.finalState()),
            Map.of());
    double[] expected = Arrays.copyOfRange(OpCheck.doubles(results.get("one")), 30, 40);
    OpCheck.assertClose("y", expected, results.get("ended"), 0.0);
    OpCheck.assertClose(
        "state", OpCheck.doubles(results.get("state")), results.get("endState"), 0.0);
  }

  @Test
  void referenceGradientsAreDerivatives() {
    int columns = 2;
    int width = 3;
    int[] bounds = {0, 1, 6};
    double[] x = OpCheck.doubles(OpCheck.normal(1, 6 * columns));
    double[] w = OpCheck.doubles(OpCheck.normal(2, columns * width));
    double[] bias = OpCheck.doubles(OpCheck.normal(3, columns));
    double[] initial = OpCheck.doubles(OpCheck.normal(4, 2 * 2 * columns));
    double[] dY = OpCheck.doubles(OpCheck.normal(5, x.length));
    double[] dFinal = OpCheck.doubles(OpCheck.normal(6, initial.length));
    var gradients =
        ShortConvolutionReference.backward(
            x, w, bias, initial, bounds, dY, dFinal, true, columns, width);
    class Loss {
      double of(double[] px, double[] pw, double[] pb, double[] pi) {
        var result =
            ShortConvolutionReference.forward(px, pw, pb, pi, bounds, true, columns, width);
        return OpCheck.dot(dY, result.y()) + OpCheck.dot(dFinal, result.finalState());
      }
    }
    var loss = new Loss();
    OpCheck.assertGradient("dX", p -> loss.of(p, w, bias, initial), x, gradients.dX());
    OpCheck.assertGradient("dW", p -> loss.of(x, p, bias, initial), w, gradients.dW());
    OpCheck.assertGradient("dBias", p -> loss.of(x, w, p, initial), bias, gradients.dBias());
    OpCheck.assertGradient("dInitial", p -> loss.of(x, w, bias, p), initial, gradients.dInitial());
  }

  @Test
  void refusesPackedSequencesInABatch() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(2, 4, 3), new float[24]);
    Tensor w = probe.input("w", Shape.of(3, 4), new float[12]);
    Tensor bounds = probe.integers("bounds", Shape.of(2), new int[] {0, 4});
    var refused =
        assertThrows(
            GraphException.class,
            () -> ShortConvolutionOp.apply(probe.graph(), x, w, null, true, null, bounds));
    assertEquals("tensor 'x' has batch size 2; packed sequences need 1", refused.getMessage());
  }
}
