package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.BFloatPairs;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import dev.sluice.tasks.testing.OpCheck;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The kernels around cuBLAS's products, which only a GPU has.
class LinearCrossEntropyReducedKernelsTest {
  private static final int ROWS = 4;
  private static final float LABEL_SCALE = 0.25f;

  /// Fewer logits than a group has work-items, and more than it reads at once.
  @ParameterizedTest
  @ValueSource(ints = {61, 1600, 2571})
  void lossAndGradientAgreeWithThoseOfTheNarrowedLogits(int vocabulary) {
    float[] logits = OpCheck.normal(1, ROWS * vocabulary);
    int[] labels = OpCheck.integers(2, ROWS, vocabulary);
    labels[1] = CrossEntropyOp.IGNORED;
    OpProbe probe = probe();
    Graph graph = probe.graph();
    int pairs = vocabulary / 2 + 3;
    Tensor wide = probe.constant("logits", Shape.of(ROWS, vocabulary), logits);
    Tensor tensorLabels = probe.integers("labels", Shape.of(ROWS), labels);
    Tensor scale = probe.constant("scale", Shape.of(1), new float[] {LABEL_SCALE});
    Tensor narrow = graph.activation("narrow", Shape.of(ROWS, pairs), ElementType.INT32);
    Tensor loss = graph.activation("loss", Shape.of(ROWS));
    Tensor gradient = graph.activation("gradient", Shape.of(ROWS, vocabulary));
    graph
        .node("rows")
        .reads(wide, tensorLabels, scale)
        .writes(loss, gradient)
        .scratch(narrow)
        .lower(t -> {
          t.task(
              "pack",
              Grid.PARALLEL,
              LinearCrossEntropyReducedKernelsTest::pack,
              t.floats(wide),
              t.ints(narrow),
              pairs,
              vocabulary);
          t.task(
              "rows",
              Grid.groups(ROWS, LinearCrossEntropyGroupKernels.GROUP),
              LinearCrossEntropyReducedKernels::lossAndGradient,
              t.context(),
              t.ints(narrow),
              t.ints(tensorLabels),
              t.floats(scale),
              t.floats(loss),
              0,
              pairs,
              vocabulary);
          t.task(
              "unpack",
              Grid.PARALLEL,
              LinearCrossEntropyReducedKernelsTest::unpack,
              t.ints(narrow),
              t.floats(gradient),
              pairs,
              vocabulary);
        });
    var results = probe.run(Map.of("loss", loss, "gradient", gradient), Map.of());

    double[] losses = new double[ROWS];
    double[] gradients = new double[ROWS * vocabulary];
    expect(logits, labels, losses, gradients, vocabulary);
    OpCheck.assertClose("loss", losses, results.get("loss"), OpCheck.OUTPUT);
    OpCheck.assertClose("gradient", gradients, results.get("gradient"), OpCheck.REDUCED_OUTPUT);
  }

  /// Packs rows of logits; what is behind a row is infinite, and nothing may come of it.
  public static void pack(FloatArray wide, IntArray narrow, int S, int V) {
    for (@Parallel int r = 0; r < ROWS; r++) {
      for (int p = 0; p < S; p++) {
        float first = 2 * p < V ? wide.get(r * V + 2 * p) : Float.POSITIVE_INFINITY;
        float second = 2 * p + 1 < V ? wide.get(r * V + 2 * p + 1) : Float.POSITIVE_INFINITY;
        narrow.set(r * S + p, BFloatPairs.pack(0, first, second));
      }
    }
  }

  public static void unpack(IntArray narrow, FloatArray wide, int S, int V) {
    for (@Parallel int r = 0; r < ROWS; r++) {
      for (int v = 0; v < V; v++) {
        int pair = narrow.get(r * S + v / 2);
        wide.set(r * V + v, v % 2 == 0 ? BFloatPairs.first(pair) : BFloatPairs.second(pair));
      }
    }
  }

  private static void expect(
      float[] logits, int[] labels, double[] losses, double[] gradients, int vocabulary) {
    for (int r = 0; r < ROWS; r++) {
      if (labels[r] == CrossEntropyOp.IGNORED) {
        continue;
      }
      double sum = 0;
      for (int v = 0; v < vocabulary; v++) {
        sum += Math.exp(narrowed(logits[r * vocabulary + v]));
      }
      losses[r] = Math.log(sum) - narrowed(logits[r * vocabulary + labels[r]]);
      for (int v = 0; v < vocabulary; v++) {
        double chosen = v == labels[r] ? 1 : 0;
        gradients[r * vocabulary + v] =
            LABEL_SCALE * (Math.exp(narrowed(logits[r * vocabulary + v])) / sum - chosen);
      }
    }
  }

  private static double narrowed(float value) {
    return BFloat16.bf16ToFloat(BFloat16.bf16FromFloat(value));
  }

  @Test
  void widenedSumsAccumulate() {
    float[] start = {1, 2, 3, 4};
    OpProbe probe = probe();
    Graph graph = probe.graph();
    Tensor part = probe.constant("part", Shape.of(2), new float[] {0.5f, -8});
    Tensor from = probe.constant("from", Shape.of(4), start);
    Tensor narrow = graph.activation("narrow", Shape.of(2), ElementType.BFLOAT16);
    Tensor sum = graph.activation("sum", Shape.of(4));
    graph
        .node("sum")
        .reads(part, from)
        .writes(sum)
        .scratch(narrow)
        .lower(t -> {
          t.task(
              "take",
              Grid.PARALLEL,
              LinearCrossEntropyKernels::take,
              t.floats(from),
              t.floats(sum),
              0,
              4);
          t.task(
              "narrow",
              Grid.PARALLEL,
              LinearCrossEntropyReducedKernels::narrow,
              t.floats(part),
              t.bfloats(narrow),
              0,
              2);
          t.task(
              "widen",
              Grid.PARALLEL,
              LinearCrossEntropyReducedKernels::widen,
              t.bfloats(narrow),
              t.floats(sum),
              1,
              1,
              2);
        });
    var results = probe.run(Map.of("sum", sum), Map.of());
    OpCheck.assertClose("sum", new double[] {1, 2.5, -5, 4}, results.get("sum"), 0.0);
  }

  private static OpProbe probe() {
    return new OpProbe(Devices.preferred().with(Feature.WORK_GROUPS), Choices.automatic());
  }
}
