package dev.sluice.tasks.ops.depthwiseconvolution;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static dev.sluice.tasks.testing.OpCheck.assertGradient;
import static dev.sluice.tasks.testing.OpCheck.dot;
import static dev.sluice.tasks.testing.OpCheck.doubles;
import static dev.sluice.tasks.testing.OpCheck.normal;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DepthwiseConvolutionOpTest {
  private static final long SEED = 71;

  /// One run over sequences.
  private record Numbers(
      int batch,
      int length,
      int columns,
      int size,
      boolean causal,
      int[] offsets,
      boolean packed,
      float[] x,
      float[] w,
      float[] bias,
      float[] history,
      float[] dY,
      float[] dState) {
    static Numbers of(int batch, int length, int columns, int size, boolean causal, int... packed) {
      int[] offsets =
          packed.length > 0
              ? packed
              : IntStream.rangeClosed(0, batch).map(b -> b * length).toArray();
      int states = (offsets.length - 1) * (size - 1) * columns;
      return new Numbers(
          batch,
          length,
          columns,
          size,
          causal,
          offsets,
          packed.length > 0,
          normal(SEED, batch * length * columns),
          normal(SEED + 1, columns * size),
          normal(SEED + 2, columns),
          causal ? normal(SEED + 3, states) : new float[states],
          normal(SEED + 4, batch * length * columns),
          causal ? normal(SEED + 5, states) : new float[states]);
    }

    int left() {
      return causal ? size - 1 : (size - 1) / 2;
    }

    double objective(double[] x, double[] w, double[] bias, double[] history) {
      double[] state = new double[history.length];
      double[] y =
          DepthwiseConvolutionReference.sequence(
              x, w, bias, history, offsets, state, left(), columns, size);
      return dot(y, doubles(dY)) + dot(state, doubles(dState));
    }

    Map<String, double[]> reference() {
      double[] state = new double[history.length];
      Map<String, double[]> all = new LinkedHashMap<>();
      all.put(
          "y",
          DepthwiseConvolutionReference.sequence(
              doubles(x),
              doubles(w),
              doubles(bias),
              doubles(history),
              offsets,
              state,
              left(),
              columns,
              size));
      all.put("state", state);
      all.put("grad/x", new double[x.length]);
      all.put("grad/w", new double[w.length]);
      all.put("grad/bias", new double[bias.length]);
      all.put("grad/history", new double[history.length]);
      DepthwiseConvolutionReference.sequenceBackward(
          doubles(x),
          doubles(w),
          doubles(history),
          offsets,
          doubles(dY),
          doubles(dState),
          all.get("grad/x"),
          all.get("grad/w"),
          all.get("grad/bias"),
          all.get("grad/history"),
          left(),
          columns,
          size);
      return all;
    }

    void check(OpCheck.Trial trial) {
      OpProbe probe = trial.probe();
      Tensor given =
          causal
              ? probe.input("history", Shape.of(offsets.length - 1, size - 1, columns), history)
              : null;
      DepthwiseConvolutionOp.Result result =
          DepthwiseConvolutionOp.apply(
              probe.graph(),
              probe.input("x", Shape.of(batch, length, columns), x),
              probe.input("w", Shape.of(columns, size), w),
              probe.input("bias", Shape.of(columns), bias),
              causal,
              given,
              packed ? probe.integers("cu_seqlens", Shape.of(offsets.length), offsets) : null);
      Map<String, Tensor> outputs = new LinkedHashMap<>(Map.of("y", result.output()));
      Map<String, float[]> cotangents = new LinkedHashMap<>(Map.of("y", dY));
      if (result.finalState() != null) {
        outputs.put("state", result.finalState());
        cotangents.put("state", dState);
      }
      Map<String, float[]> actual = probe.run(outputs, cotangents);
      reference()
          .forEach((name, expected) -> {
            if (causal || !name.equals("state") && !name.equals("grad/history")) {
              assertClose(
                  trial + " " + name,
                  expected,
                  actual.get(name),
                  name.startsWith("grad") ? OpCheck.GRADIENT : OpCheck.OUTPUT);
            }
          });
    }
  }

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(DepthwiseConvolutionOp.NAME, DepthwiseConvolutionImplementation.class);
  }

  @Test
  void sequenceReferenceGradientsAreThoseOfFiniteDifferences() {
    Numbers numbers = Numbers.of(1, 9, 2, 4, true, 0, 2, 2, 9);
    double[] x = doubles(numbers.x);
    double[] w = doubles(numbers.w);
    double[] bias = doubles(numbers.bias);
    double[] history = doubles(numbers.history);
    Map<String, double[]> reference = numbers.reference();
    assertGradient("x", v -> numbers.objective(v, w, bias, history), x, reference.get("grad/x"));
    assertGradient("w", v -> numbers.objective(x, v, bias, history), w, reference.get("grad/w"));
    assertGradient(
        "bias", v -> numbers.objective(x, w, v, history), bias, reference.get("grad/bias"));
    assertGradient(
        "history", v -> numbers.objective(x, w, bias, v), history, reference.get("grad/history"));
  }

  @Test
  void imageReferenceGradientsAreThoseOfFiniteDifferences() {
    double[] x = doubles(normal(SEED, 2 * 3 * 4 * 2));
    double[] w = doubles(normal(SEED + 1, 2 * 9));
    double[] bias = doubles(normal(SEED + 2, 2));
    double[] dY = doubles(normal(SEED + 3, x.length));
    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    double[] dBias = new double[2];
    DepthwiseConvolutionReference.imageBackward(x, w, dY, dX, dW, dBias, 2, 3, 4, 2, 3);
    assertGradient(
        "x", v -> dot(DepthwiseConvolutionReference.image(v, w, bias, 2, 3, 4, 2, 3), dY), x, dX);
    assertGradient(
        "w", v -> dot(DepthwiseConvolutionReference.image(x, v, bias, 2, 3, 4, 2, 3), dY), w, dW);
    assertGradient(
        "bias",
        v -> dot(DepthwiseConvolutionReference.image(x, w, v, 2, 3, 4, 2, 3), dY),
        bias,
        dBias);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesOverSequences(OpCheck.Trial trial) {
    for (int size : new int[] {3, 4, 5, 7}) {
      Numbers.of(2, 19, 21, size, true).check(trial);
    }
    for (int size : new int[] {1, 3, 5, 7}) {
      Numbers.of(2, 19, 21, size, false).check(trial);
    }
    Numbers.of(1, 1, 16, 7, true).check(trial);
    Numbers.of(1, 200, 3, 3, true).check(trial);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesForPackedSequences(OpCheck.Trial trial) {
    Numbers.of(1, 40, 18, 4, true, 0, 0, 2, 3, 3, 40, 40).check(trial);
    Numbers.of(1, 40, 18, 5, false, 0, 0, 2, 3, 3, 40, 40).check(trial);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesOverImages(OpCheck.Trial trial) {
    for (int size : new int[] {3, 5, 7}) {
      Shape shape = Shape.of(2, 5, 9, 18);
      float[] x = normal(SEED, shape.size());
      float[] w = normal(SEED + 1, 18 * size * size);
      float[] bias = normal(SEED + 2, 18);
      float[] dY = normal(SEED + 3, shape.size());
      OpProbe probe = trial.probe();
      Tensor y =
          DepthwiseImageOp.apply(
              probe.graph(),
              probe.input("x", shape, x),
              probe.input("w", Shape.of(18, size, size), w),
              probe.input("bias", Shape.of(18), bias));
      Map<String, float[]> actual = probe.run(Map.of("y", y), Map.of("y", dY));
      double[] dX = new double[x.length];
      double[] dW = new double[w.length];
      double[] dBias = new double[18];
      DepthwiseConvolutionReference.imageBackward(
          doubles(x), doubles(w), doubles(dY), dX, dW, dBias, 2, 5, 9, 18, size);
      double[] expected =
          DepthwiseConvolutionReference.image(
              doubles(x), doubles(w), doubles(bias), 2, 5, 9, 18, size);
      assertClose("y", expected, actual.get("y"), OpCheck.OUTPUT);
      assertClose("x", dX, actual.get("grad/x"), OpCheck.GRADIENT);
      assertClose("w", dW, actual.get("grad/w"), OpCheck.GRADIENT);
      assertClose("bias", dBias, actual.get("grad/bias"), OpCheck.GRADIENT);
    }
  }

  @Test
  void refusesEvenCentredKernelsAndForeignShapes() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(1, 5, 2), new float[10]);
    Tensor even = probe.input("even", Shape.of(2, 4), new float[8]);
    Tensor wide = probe.input("wide", Shape.of(3, 3), new float[9]);
    assertThrows(
        GraphException.class,
        () -> DepthwiseConvolutionOp.apply(probe.graph(), x, even, null, false, null, null));
    assertThrows(
        GraphException.class,
        () -> DepthwiseConvolutionOp.apply(probe.graph(), x, wide, null, true, null, null));
  }
}
