package dev.sluice.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/// Runs a mixer with random parameters and holds it against a reference in double precision: the
/// output, and the gradients of input and parameters by differences of the reference; and pieces of
/// a sequence against the whole.
final class LayerCheck {
  /// Float32 sums of some dozen products, through a few layers.
  static final double OUTPUT = 2e-5;

  /// Two such sums after each other.
  static final double GRADIENT = 1e-4;

  private static final double STEP = 1e-5;
  private static final double ZERO = 1e-6;
  private static final String LAYER = "layer";
  private static final String INPUT = "x";
  private static final long SEED = 11;

  private final Mixer mixer;
  private final int batch;
  private final int steps;
  private final int width;
  private final double spread;
  private final int[] offsets;

  private LayerCheck(Mixer mixer, int batch, int steps, int width, double spread, int... offsets) {
    this.mixer = mixer;
    this.batch = batch;
    this.steps = steps;
    this.width = width;
    this.spread = spread;
    this.offsets = offsets;
  }

  /// The whole layer in double precision.
  @FunctionalInterface
  interface Reference {
    /// One sequence.
    ///
    /// @param parameters by their names within the layer
    /// @param x `[T, D]`
    /// @return `[T, D]`
    double[] forward(Map<String, double[]> parameters, double[] x);
  }

  /// A batch of whole sequences.
  ///
  /// @param spread standard deviation of the parameters
  static LayerCheck batch(Mixer mixer, int batch, int steps, int width, double spread) {
    return new LayerCheck(mixer, batch, steps, width, spread);
  }

  /// Packed sequences.
  ///
  /// @param offsets where each begins, then the number of steps
  static LayerCheck packed(Mixer mixer, int width, double spread, int... offsets) {
    return new LayerCheck(mixer, 1, offsets[offsets.length - 1], width, spread, offsets);
  }

  /// Fails unless the layer is the reference, and its gradients are those of the reference.
  void against(Reference reference) {
    Device device = Devices.preferred();
    Variables variables = new Variables();
    Graph graph = new Graph(LAYER, device, variables, Choices.automatic());
    Shape shape = Shape.of(batch, steps, width);
    Tensor x = graph.requireGradient(graph.input(INPUT, shape, ElementType.FLOAT32));
    Tensor bounds = null;
    SequenceContext context = SequenceContext.whole();
    if (offsets.length > 0) {
      bounds = graph.input("offsets", Shape.of(offsets.length), ElementType.INT32);
      context = SequenceContext.packed(bounds);
    }
    Tensor y = graph.output(mixer.forward(Scope.root(graph), x, context));
    assertEquals(shape, y.shape());
    Tensor cotangent = graph.input("cotangent", shape, ElementType.FLOAT32);
    graph.backward(Map.of(y, cotangent));
    Map<String, double[]> values = new LinkedHashMap<>();
    try (Program program = Program.of(device, variables, List.of(graph))) {
      program.poison();
      fill(program, spread);
      if (bounds != null) {
        program.write(bounds, offsets);
      }
      float[] input = random(INPUT, shape.size(), 1);
      float[] weights = random("cotangent", shape.size(), 1);
      program.write(x, input);
      program.write(cotangent, weights);
      program.run(LAYER);
      for (Parameter parameter : variables.parameters()) {
        values.put(parameter.name(), doubles(program.read(parameter.value())));
      }
      values.put(INPUT, doubles(input));
      assertClose("output", all(reference, values), program.read(y), OUTPUT);
      for (Parameter parameter : variables.parameters()) {
        assertClose(
            "gradient of " + parameter.name(),
            gradient(reference, values, parameter.name(), doubles(weights)),
            program.read(parameter.gradient()),
            GRADIENT);
      }
      assertClose(
          "gradient of the input",
          gradient(reference, values, INPUT, doubles(weights)),
          program.read(graph.gradient(x)),
          GRADIENT);
    }
  }

  private double[] all(Reference reference, Map<String, double[]> values) {
    double[] x = values.get(INPUT);
    double[] y = new double[x.length];
    int[] bounds = offsets;
    if (bounds.length == 0) {
      bounds = new int[batch + 1];
      Arrays.setAll(bounds, b -> b * steps);
    }
    for (int n = 0; n + 1 < bounds.length; n++) {
      int from = bounds[n] * width;
      int to = bounds[n + 1] * width;
      if (from == to) {
        continue;
      }
      double[] part = reference.forward(values, Arrays.copyOfRange(x, from, to));
      System.arraycopy(part, 0, y, from, to - from);
    }
    return y;
  }

  private double[] gradient(
      Reference reference, Map<String, double[]> values, String name, double[] weights) {
    double[] point = values.get(name);
    double[] gradient = new double[point.length];
    for (int i = 0; i < point.length; i++) {
      double before = point[i];
      point[i] = before + STEP;
      double above = dot(all(reference, values), weights);
      point[i] = before - STEP;
      double below = dot(all(reference, values), weights);
      point[i] = before;
      gradient[i] = (above - below) / (2 * STEP);
    }
    return gradient;
  }

  /// Fails unless a sequence read as one piece of `piece` steps after another, and then step by
  /// step, gives the output of the whole.
  ///
  /// @param pieces pieces read before the single steps
  void inPieces(int piece, int pieces) {
    Device device = Devices.preferred();
    Variables variables = new Variables();
    List<Graph> graphs = new ArrayList<>();
    List<Tensor> inputs = new ArrayList<>();
    List<Tensor> outputs = new ArrayList<>();
    int[] lengths = {steps, piece, 1};
    for (int i = 0; i < lengths.length; i++) {
      Graph graph = new Graph(LAYER + i, device, variables, Choices.automatic());
      inputs.add(graph.input(INPUT, Shape.of(batch, lengths[i], width), ElementType.FLOAT32));
      SequenceContext context =
          i == 0 ? SequenceContext.whole() : SequenceContext.continued(graph, steps, piece);
      outputs.add(graph.output(mixer.forward(Scope.root(graph), inputs.get(i), context)));
      graphs.add(graph);
    }
    Tensor position = variables.setting(SequenceContext.POSITION, Shape.of(1), ElementType.INT32);
    try (Program program = Program.of(device, variables, graphs)) {
      program.poison();
      fill(program, spread);
      float[] x = random(INPUT, batch * steps * width, 1);
      program.write(inputs.get(0), x);
      program.run(LAYER + 0);
      double[] whole = doubles(program.read(outputs.get(0)));
      int at = 0;
      while (at < steps) {
        int graph = at < piece * pieces ? 1 : 2;
        program.write(position, at);
        program.write(inputs.get(graph), doublesToFloats(rows(doubles(x), at, lengths[graph])));
        program.run(LAYER + graph);
        assertClose(
            "steps from " + at,
            rows(whole, at, lengths[graph]),
            program.read(outputs.get(graph)),
            OUTPUT);
        at += lengths[graph];
      }
    }
  }

  private double[] rows(double[] all, int from, int count) {
    double[] some = new double[batch * count * width];
    for (int b = 0; b < batch; b++) {
      System.arraycopy(all, (b * steps + from) * width, some, b * count * width, count * width);
    }
    return some;
  }

  private static void fill(Program program, double spread) {
    for (Parameter parameter : program.variables().parameters()) {
      program.write(parameter.value(), random(parameter.name(), parameter.value().size(), spread));
    }
  }

  private static float[] random(String name, int count, double spread) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    RandomStream stream = new RandomStream(SEED, (int) crc.getValue(), 0);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      double sum = -6;
      for (int j = 0; j < 12; j++) {
        sum += stream.uniform();
      }
      values[i] = (float) (spread * sum);
    }
    return values;
  }

  /// `y[t, o] = Σ_i w[o, i] x[t, i] + b[o]`
  ///
  /// @param b `[outputs]`, or null for none
  static double[] linear(double[] x, double[] w, double[] b, int inputs) {
    int outputs = w.length / inputs;
    int rows = x.length / inputs;
    double[] y = new double[rows * outputs];
    for (int t = 0; t < rows; t++) {
      for (int o = 0; o < outputs; o++) {
        double sum = b == null ? 0 : b[o];
        for (int i = 0; i < inputs; i++) {
          sum += w[o * inputs + i] * x[t * inputs + i];
        }
        y[t * outputs + o] = sum;
      }
    }
    return y;
  }

  /// `y[r, d] = x[r, d] · w[d] / √(mean x[r]² + eps)`
  static double[] rmsNorm(double[] x, double[] w, double eps) {
    double[] y = new double[x.length];
    for (int r = 0; r < x.length; r += w.length) {
      double square = 0;
      for (int d = 0; d < w.length; d++) {
        square += x[r + d] * x[r + d];
      }
      double factor = 1 / Math.sqrt(square / w.length + eps);
      for (int d = 0; d < w.length; d++) {
        y[r + d] = x[r + d] * w[d] * factor;
      }
    }
    return y;
  }

  /// Rotates pairs `(x[t,h,i], x[t,h,i+D/2])` by `t · base^(−2i/D)`.
  static double[] rotary(double[] x, int heads, int size, double base) {
    double[] y = new double[x.length];
    for (int at = 0; at < x.length; at += size) {
      int t = at / (heads * size);
      for (int i = 0; i < size / 2; i++) {
        double angle = t / Math.pow(base, 2.0 * i / size);
        double a = x[at + i];
        double b = x[at + size / 2 + i];
        y[at + i] = a * Math.cos(angle) - b * Math.sin(angle);
        y[at + size / 2 + i] = a * Math.sin(angle) + b * Math.cos(angle);
      }
    }
    return y;
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    return wide;
  }

  private static float[] doublesToFloats(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  private static void assertClose(
      String what, double[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length, what);
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      size += expected[i] * expected[i];
    }
    double scale = Math.sqrt(size / expected.length);
    double root = Math.sqrt(difference / expected.length);
    double error = scale < ZERO ? root : root / scale;
    assertTrue(error <= tolerance, () -> what + ": relative error " + error + " > " + tolerance);
  }
}
