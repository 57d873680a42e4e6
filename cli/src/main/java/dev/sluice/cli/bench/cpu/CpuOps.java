package dev.sluice.cli.bench.cpu;

import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.ops.adamw.AdamWOp;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import dev.sluice.tasks.ops.dropout.DropoutOp;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleOp;
import dev.sluice.tasks.ops.gla.GlaOp;
import dev.sluice.tasks.ops.rmsnorm.RmsNormOp;
import dev.sluice.tasks.ops.shortconvolution.ShortConvolutionOp;
import dev.sluice.tasks.ops.swiglu.SwigluOp;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/// Single ops: those that compute against the peak, those that move against a copy of the same
/// bytes.
final class CpuOps {
  private static final String GRAPH = "op";
  private static final double OF_COPY = 0.8;

  private static final int STEPS = 2048;
  private static final int HEADS = 4;
  private static final int HEAD = 64;
  private static final Shape HEADS_SHAPE = Shape.of(1, STEPS, HEADS, HEAD);
  private static final float SCALE = 0.125f;

  /// Rows and channels of what moves bytes: far more than caches hold.
  private static final int ROWS = 8192;

  private static final int COLUMNS = 768;
  private static final int CLASSES = 8192;
  private static final int PARAMETERS = 1 << 23;
  private static final int TAPS = 4;

  private final CpuBench bench;

  CpuOps(CpuBench bench) {
    this.bench = bench;
  }

  /// Inputs of an op that is measured: variables with numbers in them.
  private static final class Inputs {
    private final Graph graph;
    private final boolean gradients;
    private final Random random = new Random(1);
    private final Map<Tensor, float[]> values = new java.util.LinkedHashMap<>();

    Inputs(Graph graph, boolean gradients) {
      this.graph = graph;
      this.gradients = gradients;
    }

    Tensor normal(String name, Shape shape) {
      return variable(name, shape, x -> x, gradients);
    }

    Tensor variable(
        String name, Shape shape, Function<Double, Double> ofNormal, boolean differentiated) {
      Tensor tensor = graph.variables().variable(name, shape, ElementType.FLOAT32);
      float[] numbers = new float[shape.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = ofNormal.apply(random.nextGaussian()).floatValue();
      }
      values.put(tensor, numbers);
      return differentiated ? graph.requireGradient(tensor) : tensor;
    }
  }

  void measure() {
    mixer("GLA", 5, 15, 0.55, 0.40, 0.47, 0.35, in -> gla(in));
    mixer("gated delta rule", 7, 21, 0.40, 0.30, Double.NaN, Double.NaN, in -> deltaRule(in));
    long wide = (long) ROWS * COLUMNS * 4;
    moves("short convolution", 2 * wide, 5 * wide, CpuOps::shortConvolution);
    moves("RMSNorm", 2 * wide, 5 * wide, CpuOps::rmsNorm);
    moves("SwiGLU", 3 * wide, 8 * wide, CpuOps::swiglu);
    moves("dropout", 2 * wide, 4 * wide, CpuOps::dropout);
    moves("silu", 2 * wide, 5 * wide, in -> ElementwiseOp.silu(in.graph, wide(in, "x")));
    long logits = 1024L * CLASSES * 4;
    moves("cross-entropy", logits, 3 * logits, CpuOps::crossEntropy);
    adamW();
  }

  /// Seconds of gated linear attention on all threads.
  double glaSeconds(boolean gradients) {
    return seconds(bench.threads(), gradients, CpuOps::gla);
  }

  private static Tensor wide(Inputs in, String name) {
    return in.normal(name, Shape.of(1, ROWS, COLUMNS));
  }

  private static Tensor gla(Inputs in) {
    Tensor q = in.normal("q", HEADS_SHAPE);
    Tensor k = in.normal("k", HEADS_SHAPE);
    Tensor v = in.normal("v", HEADS_SHAPE);
    Tensor g = in.variable("g", HEADS_SHAPE, CpuOps::logGate, in.gradients);
    return GlaOp.apply(in.graph, q, k, v, g, SCALE, null, null).output();
  }

  private static Tensor deltaRule(Inputs in) {
    Tensor q = in.variable("q", HEADS_SHAPE, x -> x * SCALE, in.gradients);
    Tensor k = in.variable("k", HEADS_SHAPE, x -> x * SCALE, in.gradients);
    Tensor v = in.normal("v", HEADS_SHAPE);
    Shape perHead = Shape.of(1, STEPS, HEADS);
    Tensor g = in.variable("g", perHead, CpuOps::logGate, in.gradients);
    Tensor beta = in.variable("beta", perHead, x -> 1 / (1 + Math.exp(-x)), in.gradients);
    return GatedDeltaRuleOp.apply(in.graph, q, k, v, g, beta, SCALE, null, null).output();
  }

  private static double logGate(double x) {
    return -Math.log1p(Math.exp(-x)) / 16;
  }

  private static Tensor shortConvolution(Inputs in) {
    Tensor weight = in.normal("weight", Shape.of(COLUMNS, TAPS));
    return ShortConvolutionOp.apply(in.graph, wide(in, "x"), weight, null, true, null, null).y();
  }

  private static Tensor rmsNorm(Inputs in) {
    return RmsNormOp.apply(in.graph, wide(in, "x"), in.normal("weight", Shape.of(COLUMNS)), 1e-6f);
  }

  private static Tensor swiglu(Inputs in) {
    return SwigluOp.apply(in.graph, wide(in, "gate"), wide(in, "up"));
  }

  private static Tensor dropout(Inputs in) {
    Tensor key = in.graph.variables().setting("key", Shape.of(4), ElementType.INT32);
    return DropoutOp.apply(in.graph, wide(in, "x"), 0.1f, key, 1);
  }

  private static Tensor crossEntropy(Inputs in) {
    Tensor logits = in.normal("logits", Shape.of(1024, CLASSES));
    Tensor labels = in.graph.variables().setting("labels", Shape.of(1024), ElementType.INT32);
    Tensor scale = in.variable("scale", Shape.of(1), x -> 1e-3, false);
    return CrossEntropyOp.apply(in.graph, logits, labels, scale);
  }

  private Program program(boolean gradients, Function<Inputs, Tensor> op) {
    Graph graph = new Graph(GRAPH, bench.device(), new Variables(), Choices.automatic());
    Inputs inputs = new Inputs(graph, gradients);
    Tensor output = graph.output(op.apply(inputs));
    if (gradients) {
      Tensor cotangent = inputs.variable("cotangent", output.shape(), x -> x, false);
      graph.backward(Map.of(output, cotangent));
    }
    Program program = Program.of(bench.device(), graph.variables(), List.of(graph));
    inputs.values.forEach(program::write);
    return program;
  }

  private double seconds(int threads, boolean gradients, Function<Inputs, Tensor> op) {
    try (Program program = program(gradients, op)) {
      return bench.clock().fastest(threads, () -> program.run(GRAPH));
    }
  }

  private void mixer(
      String name,
      int forward,
      int both,
      double forwardOfOne,
      double bothOfOne,
      double forwardOfAll,
      double bothOfAll,
      Function<Inputs, Tensor> op) {
    bench.measureCeilings();
    for (int threads : new int[] {1, bench.threads()}) {
      for (boolean gradients : new boolean[] {false, true}) {
        double wanted =
            threads == 1
                ? gradients ? bothOfOne : forwardOfOne
                : gradients ? bothOfAll : forwardOfAll;
        if (!Double.isNaN(wanted)) {
          double operations = (double) (gradients ? both : forward) * STEPS * HEADS * HEAD * HEAD;
          double bytes = 4.0 * (gradients ? 14 : 5) * HEADS_SHAPE.size();
          double seconds = seconds(threads, gradients, op);
          String work = name + (gradients ? " forward + backward" : " forward");
          double reached = operations / seconds / bench.peak(threads);
          bench.add(
              CpuRow.atLeast(work, threads, seconds, CpuRow.OF_PEAK, reached, wanted)
                  .withIntensity(operations / bytes));
        }
      }
      if (bench.threads() == 1) {
        return;
      }
    }
  }

  private void moves(String name, long forward, long both, Function<Inputs, Tensor> op) {
    for (boolean gradients : new boolean[] {false, true}) {
      long bytes = gradients ? both : forward;
      double seconds = seconds(bench.threads(), gradients, op);
      row(name + (gradients ? " forward + backward" : " forward"), seconds, bytes);
    }
  }

  private void row(String work, double seconds, long bytes) {
    double copy = bench.copySeconds((int) (bytes / 8));
    bench.add(
        CpuRow.atLeast(work, bench.threads(), seconds, CpuRow.OF_COPY, copy / seconds, OF_COPY));
  }

  private void adamW() {
    Variables variables = new Variables();
    Graph graph = new Graph(GRAPH, bench.device(), variables, Choices.automatic());
    graph.parameter("p", Shape.of(1024, PARAMETERS / 1024), (values, seed, name) -> {}, true);
    Tensor settings = AdamWOp.settings(variables);
    Tensor norm = variables.setting("norm", Shape.of(1), ElementType.FLOAT32);
    AdamWOp.apply(graph, norm, settings);
    try (Program program = Program.of(bench.device(), variables, List.of(graph))) {
      program.write(settings, AdamWOp.settingsOf(1e-3, 0.9, 0.95, 1e-8, 0.1, 1, 1));
      program.write(norm, 1f);
      double seconds = bench.clock().fastest(bench.threads(), () -> program.run(GRAPH));
      row("AdamW", seconds, 32L * PARAMETERS);
    }
  }
}
