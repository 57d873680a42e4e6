package dev.sluice.cli.bench.cpu;

import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleOp;
import dev.sluice.tasks.ops.gateddeltarule.QkNorm;
import dev.sluice.tasks.ops.gla.GlaOp;
import java.util.function.Function;

/// Sequence mixers against the peak of multiply-adds.
final class CpuOps {
  private static final int STEPS = 2048;
  private static final int HEADS = 4;
  private static final int HEAD = 64;
  private static final Shape HEADS_SHAPE = Shape.of(1, STEPS, HEADS, HEAD);
  private static final float SCALE = 0.125f;

  private final CpuBench bench;

  CpuOps(CpuBench bench) {
    this.bench = bench;
  }

  void measure() {
    mixer("GLA", 5, 15, 0.55, 0.40, 0.47, 0.35, in -> gla(in));
    mixer("gated delta rule", 7, 21, 0.40, 0.30, Double.NaN, Double.NaN, in -> deltaRule(in));
  }

  /// Seconds of gated linear attention on all threads.
  double glaSeconds(boolean gradients) {
    return seconds(bench.threads(), gradients, CpuOps::gla);
  }

  private static Tensor gla(CpuInputs in) {
    Tensor q = in.normal("q", HEADS_SHAPE);
    Tensor k = in.normal("k", HEADS_SHAPE);
    Tensor v = in.normal("v", HEADS_SHAPE);
    Tensor g = in.variable("g", HEADS_SHAPE, CpuOps::logGate, in.gradients());
    return GlaOp.apply(in.graph(), q, k, v, g, SCALE, null, null).output();
  }

  private static Tensor deltaRule(CpuInputs in) {
    Tensor q = in.variable("q", HEADS_SHAPE, x -> x * SCALE, in.gradients());
    Tensor k = in.variable("k", HEADS_SHAPE, x -> x * SCALE, in.gradients());
    Tensor v = in.normal("v", HEADS_SHAPE);
    Shape perHead = Shape.of(1, STEPS, HEADS);
    Tensor g = in.variable("g", perHead, CpuOps::logGate, in.gradients());
    Tensor beta = in.variable("beta", perHead, x -> 1 / (1 + Math.exp(-x)), in.gradients());
    return GatedDeltaRuleOp.apply(in.graph(), q, k, v, g, beta, QkNorm.NONE, SCALE, null, null)
        .output();
  }

  private static double logGate(double x) {
    return -Math.log1p(Math.exp(-x)) / 16;
  }

  private double seconds(int threads, boolean gradients, Function<CpuInputs, Tensor> op) {
    try (Program program = CpuInputs.program(bench.device(), gradients, op)) {
      return bench.clock().fastest(threads, () -> program.run(CpuInputs.GRAPH));
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
      Function<CpuInputs, Tensor> op) {
    if (!bench.wants(name)) {
      return;
    }
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
}
