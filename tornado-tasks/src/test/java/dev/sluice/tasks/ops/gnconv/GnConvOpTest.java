package dev.sluice.tasks.ops.gnconv;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static dev.sluice.tasks.testing.OpCheck.assertGradient;
import static dev.sluice.tasks.testing.OpCheck.dot;
import static dev.sluice.tasks.testing.OpCheck.doubles;
import static dev.sluice.tasks.testing.OpCheck.normal;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionImplementation;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionOp;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionReference;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GnConvOpTest {
  private static final long SEED = 81;

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(DepthwiseConvolutionOp.NAME, DepthwiseConvolutionImplementation.class);
  }

  /// Shapes of the weights, in the reference's order.
  private static List<Shape> shapes(int order, int columns, int... kernel) {
    int[] widths = GnConvWeights.widths(order, columns);
    int all = 2 * columns - widths[0];
    List<Shape> shapes = new ArrayList<>();
    shapes.add(Shape.of(2 * columns, columns));
    shapes.add(Shape.of(2 * columns));
    shapes.add(kernel.length == 1 ? Shape.of(all, kernel[0]) : Shape.of(all, kernel[0], kernel[1]));
    shapes.add(Shape.of(all));
    for (int i = 1; i < order; i++) {
      shapes.add(Shape.of(widths[i], widths[i - 1]));
      shapes.add(Shape.of(widths[i]));
    }
    shapes.add(Shape.of(columns, columns));
    shapes.add(Shape.of(columns));
    return shapes;
  }

  private static List<float[]> weights(List<Shape> shapes) {
    List<float[]> all = new ArrayList<>();
    for (Shape shape : shapes) {
      all.add(normal(SEED + 10 + all.size(), shape.size()));
    }
    return all;
  }

  private static GnConvReference.Weights wide(List<float[]> weights) {
    return new GnConvReference.Weights(weights.stream().map(OpCheck::doubles).toList());
  }

  private static GnConvWeights tensors(OpProbe probe, List<Shape> shapes, List<float[]> weights) {
    List<Tensor> t = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      t.add(probe.input("w" + i, shapes.get(i), weights.get(i)));
    }
    List<GnConvWeights.Step> steps = new ArrayList<>();
    for (int i = 4; i < t.size() - 2; i += 2) {
      steps.add(new GnConvWeights.Step(t.get(i), t.get(i + 1)));
    }
    return new GnConvWeights(
        t.get(0), t.get(1), t.get(2), t.get(3), steps, t.get(t.size() - 2), t.getLast());
  }

  private record Images(int batch, int height, int width, int columns, int size)
      implements GnConvReference.Convolution {
    @Override
    public double[] forward(double[] x, double[] kernel, double[] bias) {
      return DepthwiseConvolutionReference.image(
          x, kernel, bias, batch, height, width, columns, size);
    }

    @Override
    public void backward(
        double[] x, double[] kernel, double[] dY, double[] dX, double[] dKernel, double[] dBias) {
      DepthwiseConvolutionReference.imageBackward(
          x, kernel, dY, dX, dKernel, dBias, batch, height, width, columns, size);
    }
  }

  private record Lines(int[] offsets, int columns, int size)
      implements GnConvReference.Convolution {
    private double[] zeros() {
      return new double[(offsets.length - 1) * (size - 1) * columns];
    }

    @Override
    public double[] forward(double[] x, double[] kernel, double[] bias) {
      return DepthwiseConvolutionReference.sequence(
          x, kernel, bias, zeros(), offsets, zeros(), size - 1, columns, size);
    }

    @Override
    public void backward(
        double[] x, double[] kernel, double[] dY, double[] dX, double[] dKernel, double[] dBias) {
      DepthwiseConvolutionReference.sequenceBackward(
          x, kernel, zeros(), offsets, dY, zeros(), dX, dKernel, dBias, zeros(), size - 1, columns,
          size);
    }
  }

  @Test
  void referenceGradientsAreThoseOfFiniteDifferences() {
    GnConvReference reference =
        new GnConvReference(new Lines(new int[] {0, 2, 5}, 7, 3), 1.0 / 3, 5, 4);
    GnConvReference.Weights w = wide(weights(shapes(3, 4, 3)));
    double[] x = doubles(normal(SEED, 20));
    double[] dY = doubles(normal(SEED + 1, 20));
    GnConvReference.Gradients gradients = reference.backward(x, w, dY);
    assertGradient("x", v -> dot(reference.forward(v, w), dY), x, gradients.dX());
    for (int i = 0; i < w.values().size(); i++) {
      int moved = i;
      assertGradient(
          "weight " + i,
          v -> {
            List<double[]> all = new ArrayList<>(w.values());
            all.set(moved, v);
            return dot(reference.forward(x, new GnConvReference.Weights(all)), dY);
          },
          w.values().get(i),
          gradients.weights().values().get(i));
    }
  }

  private static void check(
      GnConvReference reference,
      float[] x,
      List<float[]> weights,
      float[] dY,
      Map<String, float[]> actual) {
    GnConvReference.Weights w = wide(weights);
    assertClose("y", reference.forward(doubles(x), w), actual.get("y"), OpCheck.OUTPUT);
    GnConvReference.Gradients expected = reference.backward(doubles(x), w, doubles(dY));
    assertClose("x", expected.dX(), actual.get("grad/x"), OpCheck.GRADIENT);
    for (int i = 0; i < weights.size(); i++) {
      assertClose(
          "weight " + i,
          expected.weights().values().get(i),
          actual.get("grad/w" + i),
          OpCheck.GRADIENT);
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesOverImagesInAllOrders(OpCheck.Trial trial) {
    for (int order = 2; order <= 5; order++) {
      Shape shape = Shape.of(2, 3, 5, 16);
      List<Shape> shapes = shapes(order, 16, 7, 7);
      List<float[]> weights = weights(shapes);
      float[] x = normal(SEED, shape.size());
      float[] dY = normal(SEED + 1, shape.size());
      OpProbe probe = trial.probe();
      Tensor y =
          GnConvOp.image(
              probe.graph(),
              probe.input("x", shape, x),
              tensors(probe, shapes, weights),
              GnConvOp.SCALE);
      check(
          new GnConvReference(new Images(2, 3, 5, shapes.get(3).size(), 7), GnConvOp.SCALE, 30, 16),
          x,
          weights,
          dY,
          probe.run(Map.of("y", y), Map.of("y", dY)));
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesOverPackedSequencesInAllOrders(OpCheck.Trial trial) {
    int[] offsets = {0, 0, 5, 6, 13, 13};
    for (int order = 2; order <= 5; order++) {
      Shape shape = Shape.of(1, 13, 16);
      List<Shape> shapes = shapes(order, 16, 7);
      List<float[]> weights = weights(shapes);
      float[] x = normal(SEED, shape.size());
      float[] dY = normal(SEED + 1, shape.size());
      OpProbe probe = trial.probe();
      GnConvOp.Result result =
          GnConvOp.sequence(
              probe.graph(),
              probe.input("x", shape, x),
              tensors(probe, shapes, weights),
              GnConvOp.SCALE,
              null,
              probe.integers("cu_seqlens", Shape.of(6), offsets));
      check(
          new GnConvReference(new Lines(offsets, shapes.get(3).size(), 7), GnConvOp.SCALE, 13, 16),
          x,
          weights,
          dY,
          probe.run(Map.of("y", result.output()), Map.of("y", dY)));
    }
  }

  @Test
  void stepsFromAStateEqualTheWholeSequence() {
    int length = 9;
    List<Shape> shapes = shapes(3, 8, 4);
    List<float[]> weights = weights(shapes);
    float[] x = normal(SEED, length * 8);
    float[] state = new float[3 * 14];
    double[] expected =
        new GnConvReference(new Lines(new int[] {0, length}, 14, 4), GnConvOp.SCALE, length, 8)
            .forward(doubles(x), wide(weights));
    for (int t = 0; t < length; t++) {
      OpProbe probe = OpCheck.trial().probe();
      GnConvOp.Result result =
          GnConvOp.sequence(
              probe.graph(),
              probe.constant(
                  "x", Shape.of(1, 1, 8), java.util.Arrays.copyOfRange(x, t * 8, t * 8 + 8)),
              tensors(probe, shapes, weights),
              GnConvOp.SCALE,
              probe.constant("state", Shape.of(1, 3, 14), state),
              null);
      Map<String, float[]> actual =
          probe.run(Map.of("y", result.output(), "state", result.finalState()), Map.of());
      state = actual.get("state");
      assertClose(
          "step " + t,
          java.util.Arrays.copyOfRange(expected, t * 8, t * 8 + 8),
          actual.get("y"),
          OpCheck.OUTPUT);
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheConformanceFile(OpCheck.Trial trial) {
    ConformanceFile file = ConformanceFile.find("gnconv").orElse(null);
    assumeTrue(file != null, "no conformance files here");
    for (String one : file.cases()) {
      int[] shape = file.shape(one + "/in/x");
      List<String> names = new ArrayList<>(List.of("proj_in", "dw"));
      for (int i = 0; file.has(one + "/in/pw" + i + "_w"); i++) {
        names.add("pw" + i);
      }
      names.add("proj_out");
      List<Shape> shapes = shapes(names.size() - 2, shape[1], 7, 7);
      List<float[]> weights = new ArrayList<>();
      for (String name : names) {
        weights.add(file.floats(one + "/in/" + name + "_w"));
        weights.add(file.floats(one + "/in/" + name + "_b"));
      }
      OpProbe probe = trial.probe();
      Tensor y =
          GnConvOp.image(
              probe.graph(),
              probe.input(
                  "x",
                  Shape.of(shape[0], shape[2], shape[3], shape[1]),
                  channelsLast(file.floats(one + "/in/x"), shape)),
              tensors(probe, shapes, weights),
              GnConvOp.SCALE);
      Map<String, float[]> actual =
          probe.run(Map.of("y", y), Map.of("y", channelsLast(file.floats(one + "/cot/y"), shape)));
      assertClose(
          "y",
          doubles(channelsLast(file.floats(one + "/out/y"), shape)),
          actual.get("y"),
          OpCheck.OUTPUT);
      assertClose(
          "x",
          doubles(channelsLast(file.floats(one + "/grad/x"), shape)),
          actual.get("grad/x"),
          OpCheck.GRADIENT);
      for (int i = 0; i < names.size(); i++) {
        assertClose(
            names.get(i),
            doubles(file.floats(one + "/grad/" + names.get(i) + "_w")),
            actual.get("grad/w" + 2 * i),
            OpCheck.GRADIENT);
        assertClose(
            names.get(i),
            doubles(file.floats(one + "/grad/" + names.get(i) + "_b")),
            actual.get("grad/w" + (2 * i + 1)),
            OpCheck.GRADIENT);
      }
    }
  }

  private static float[] channelsLast(float[] values, int[] shape) {
    int pixels = shape[2] * shape[3];
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int pixel = i % pixels;
      int c = i / pixels % shape[1];
      int b = i / pixels / shape[1];
      result[(b * pixels + pixel) * shape[1] + c] = values[i];
    }
    return result;
  }

  @Test
  void refusesOrdersThatDoNotFit() {
    assertThrows(GraphException.class, () -> GnConvWeights.widths(1, 16));
    assertThrows(GraphException.class, () -> GnConvWeights.widths(6, 64));
    assertThrows(GraphException.class, () -> GnConvWeights.widths(4, 12));
  }
}
