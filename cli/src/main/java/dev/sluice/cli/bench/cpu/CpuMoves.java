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
import dev.sluice.tasks.ops.rmsnorm.RmsNormOp;
import dev.sluice.tasks.ops.shortconvolution.ShortConvolutionOp;
import dev.sluice.tasks.ops.swiglu.SwigluOp;
import java.util.List;
import java.util.function.Function;

/// Ops with little arithmetic for each number they touch, against what binds them: a copy of the
/// same bytes, or the arithmetic that they cannot do without.
final class CpuMoves {
  private static final double OF_CEILING = 0.8;

  /// Rows and channels: far more than caches hold.
  private static final int ROWS = 8192;

  private static final int COLUMNS = 768;
  private static final int WIDE = ROWS * COLUMNS;
  private static final int CLASSES = 8192;
  private static final int LABELS = 1024;
  private static final int PARAMETERS = 1 << 23;
  private static final int TAPS = 4;

  private final CpuBench bench;

  CpuMoves(CpuBench bench) {
    this.bench = bench;
  }

  void measure() {
    op(
        "short convolution",
        WIDE,
        CpuCost.CONVOLUTION,
        CpuCost.CONVOLUTION_BACKWARD,
        CpuMoves::shortConvolution);
    op("RMSNorm", WIDE, CpuCost.RMS_NORM, CpuCost.RMS_NORM_BACKWARD, CpuMoves::rmsNorm);
    op("SwiGLU", WIDE, CpuCost.SWIGLU, CpuCost.SWIGLU_BACKWARD, CpuMoves::swiglu);
    op("dropout", WIDE, CpuCost.DROPOUT, CpuCost.DROPOUT, CpuMoves::dropout);
    op("silu", WIDE, CpuCost.SILU_OP, CpuCost.SILU_BACKWARD, CpuMoves::silu);
    op(
        "cross-entropy",
        LABELS * CLASSES,
        CpuCost.CROSS_ENTROPY,
        CpuCost.CROSS_ENTROPY_BACKWARD,
        CpuMoves::crossEntropy);
    adamW();
  }

  private static Tensor wide(CpuInputs in, String name) {
    return in.normal(name, Shape.of(1, ROWS, COLUMNS));
  }

  private static Tensor shortConvolution(CpuInputs in) {
    Tensor weight = in.normal("weight", Shape.of(COLUMNS, TAPS));
    return ShortConvolutionOp.apply(in.graph(), wide(in, "x"), weight, null, true, null, null).y();
  }

  private static Tensor rmsNorm(CpuInputs in) {
    Tensor weight = in.normal("weight", Shape.of(COLUMNS));
    return RmsNormOp.apply(in.graph(), wide(in, "x"), weight, 1e-6f);
  }

  private static Tensor swiglu(CpuInputs in) {
    return SwigluOp.apply(in.graph(), wide(in, "gate"), wide(in, "up"));
  }

  private static Tensor dropout(CpuInputs in) {
    Tensor key = in.graph().variables().setting("key", Shape.of(4), ElementType.INT32);
    return DropoutOp.apply(in.graph(), wide(in, "x"), 0.1f, key, 1);
  }

  private static Tensor silu(CpuInputs in) {
    return ElementwiseOp.silu(in.graph(), wide(in, "x"));
  }

  private static Tensor crossEntropy(CpuInputs in) {
    Tensor logits = in.normal("logits", Shape.of(LABELS, CLASSES));
    Tensor labels = in.graph().variables().setting("labels", Shape.of(LABELS), ElementType.INT32);
    Tensor scale = in.variable("scale", Shape.of(1), x -> 1e-3, false);
    return CrossEntropyOp.apply(in.graph(), logits, labels, scale);
  }

  private void op(
      String name,
      int elements,
      CpuCost forward,
      CpuCost backward,
      Function<CpuInputs, Tensor> op) {
    for (boolean gradients : new boolean[] {false, true}) {
      String work = name + (gradients ? " forward + backward" : " forward");
      if (bench.wants(work)) {
        CpuCost cost = gradients ? forward.plus(backward) : forward;
        try (Program program = CpuInputs.program(bench.device(), gradients, op)) {
          row(work, elements, cost, program);
        }
      }
    }
  }

  private void row(String work, int elements, CpuCost cost, Program program) {
    bench.measureArithmetic();
    int threads = bench.threads();
    double[] seconds =
        bench.besideCopy(() -> program.run(CpuInputs.GRAPH), elements / 2 * cost.tensors());
    double arithmetic =
        elements
            * Math.max(
                2.0 * cost.arithmetic() / bench.peak(threads),
                cost.divisions() / bench.divisionRate());
    boolean computes = arithmetic > seconds[1];
    bench.add(
        CpuRow.atLeast(
                work,
                threads,
                seconds[0],
                computes ? CpuRow.OF_ARITHMETIC : CpuRow.OF_COPY,
                Math.max(arithmetic, seconds[1]) / seconds[0],
                OF_CEILING)
            .withIntensity(2.0 * cost.arithmetic() / (4 * cost.tensors())));
  }

  private void adamW() {
    String work = "AdamW";
    if (!bench.wants(work)) {
      return;
    }
    Variables variables = new Variables();
    Graph graph = new Graph(CpuInputs.GRAPH, bench.device(), variables, Choices.automatic());
    graph.parameter("p", Shape.of(1024, PARAMETERS / 1024), (values, seed, name) -> {}, true);
    Tensor settings = AdamWOp.settings(variables);
    Tensor norm = variables.setting("norm", Shape.of(1), ElementType.FLOAT32);
    AdamWOp.apply(graph, norm, settings);
    try (Program program = Program.of(bench.device(), variables, List.of(graph))) {
      program.write(settings, AdamWOp.settingsOf(1e-3, 0.9, 0.95, 1e-8, 0.1, 1, 1));
      program.write(norm, 1f);
      row(work, PARAMETERS, CpuCost.ADAM_W, program);
    }
  }
}
