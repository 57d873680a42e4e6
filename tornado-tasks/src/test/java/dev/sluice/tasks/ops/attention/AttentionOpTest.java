package dev.sluice.tasks.ops.attention;

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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionOpTest {
  private static final long SEED = 21;

  private record Numbers(
      int batch,
      int length,
      int heads,
      int keyHeads,
      int headSize,
      int[] offsets,
      boolean packed,
      float[] q,
      float[] k,
      float[] v,
      float[] dO) {
    static Numbers of(int batch, int length, int heads, int keyHeads, int headSize, int... packed) {
      int queries = batch * length * heads * headSize;
      int keys = batch * length * keyHeads * headSize;
      int[] offsets =
          packed.length > 0
              ? packed
              : IntStream.rangeClosed(0, batch).map(b -> b * length).toArray();
      return new Numbers(
          batch,
          length,
          heads,
          keyHeads,
          headSize,
          offsets,
          packed.length > 0,
          normal(SEED, queries),
          normal(SEED + 1, keys),
          normal(SEED + 2, keys),
          normal(SEED + 3, queries));
    }

    double[] forward(double[] q, double[] k, double[] v, AttentionOptions options) {
      return AttentionReference.forward(q, k, v, offsets, options, heads, keyHeads, headSize);
    }

    Map<String, double[]> reference(AttentionOptions options) {
      double[] dQ = new double[q.length];
      double[] dK = new double[k.length];
      double[] dV = new double[v.length];
      AttentionReference.backward(
          doubles(q),
          doubles(k),
          doubles(v),
          offsets,
          doubles(dO),
          dQ,
          dK,
          dV,
          options,
          heads,
          keyHeads,
          headSize);
      return Map.of(
          "o",
          forward(doubles(q), doubles(k), doubles(v), options),
          "grad/q",
          dQ,
          "grad/k",
          dK,
          "grad/v",
          dV);
    }

    Map<String, float[]> run(OpCheck.Trial trial, AttentionOptions options) {
      OpProbe probe = trial.probe();
      Shape keys = Shape.of(batch, length, keyHeads, headSize);
      Tensor o =
          AttentionOp.apply(
              probe.graph(),
              probe.input("q", Shape.of(batch, length, heads, headSize), q),
              probe.input("k", keys, k),
              probe.input("v", keys, v),
              options,
              packed ? probe.integers("cu_seqlens", Shape.of(offsets.length), offsets) : null);
      return probe.run(Map.of("o", o), Map.of("o", dO));
    }

    void check(OpCheck.Trial trial, AttentionOptions options) {
      Map<String, float[]> actual = run(trial, options);
      reference(options)
          .forEach((name, expected) ->
              assertClose(
                  trial + " " + options + " " + name,
                  expected,
                  actual.get(name),
                  name.startsWith("grad") ? OpCheck.GRADIENT : OpCheck.OUTPUT));
    }
  }

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(AttentionOp.NAME, AttentionImplementation.class);
  }

  @Test
  void referenceGradientsAreThoseOfFiniteDifferences() {
    Numbers numbers = Numbers.of(1, 9, 4, 2, 3, 0, 5, 5, 9);
    for (AttentionOptions options :
        List.of(new AttentionOptions(true, 3, 0.7f), new AttentionOptions(false, 0, 0.5f))) {
      double[] q = doubles(numbers.q);
      double[] k = doubles(numbers.k);
      double[] v = doubles(numbers.v);
      double[] dO = doubles(numbers.dO);
      Map<String, double[]> reference = numbers.reference(options);
      assertGradient(
          "q", x -> dot(numbers.forward(x, k, v, options), dO), q, reference.get("grad/q"));
      assertGradient(
          "k", x -> dot(numbers.forward(q, x, v, options), dO), k, reference.get("grad/k"));
      assertGradient(
          "v", x -> dot(numbers.forward(q, k, x, options), dO), v, reference.get("grad/v"));
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReferenceAtOddShapes(OpCheck.Trial trial) {
    Numbers.of(2, 70, 4, 2, 20).check(trial, AttentionOptions.causal(20));
    Numbers.of(1, 1, 2, 1, 7).check(trial, AttentionOptions.causal(7));
    Numbers.of(1, 63, 1, 1, 33).check(trial, AttentionOptions.causal(33));
    Numbers.of(1, 65, 3, 3, 16).check(trial, new AttentionOptions(false, 0, 0.25f));
    Numbers.of(1, 129, 2, 1, 16).check(trial, AttentionOptions.causal(16));
  }

  @ParameterizedTest
  @MethodSource("trials")
  void keepsToTheWindow(OpCheck.Trial trial) {
    for (int window : new int[] {1, 2, 64, 65, 200}) {
      Numbers.of(1, 140, 2, 2, 8).check(trial, new AttentionOptions(true, window, 0.3f));
      Numbers.of(1, 140, 2, 2, 8).check(trial, new AttentionOptions(false, window, 0.3f));
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesForLargeScores(OpCheck.Trial trial) {
    Numbers numbers = Numbers.of(1, 80, 1, 1, 4);
    for (int i = 0; i < numbers.q.length; i++) {
      numbers.q[i] *= 10;
    }
    numbers.check(trial, new AttentionOptions(true, 0, 1));
  }

  @ParameterizedTest
  @MethodSource("trials")
  void packedSequencesEqualSeparateOnes(OpCheck.Trial trial) {
    int[] bounds = {0, 0, 65, 66, 66, 150, 150};
    AttentionOptions options = new AttentionOptions(true, 40, 0.3f);
    Numbers packed = Numbers.of(1, 150, 2, 1, 8, bounds);
    packed.check(trial, options);
    packed.check(trial, new AttentionOptions(false, 0, 0.3f));
    Map<String, float[]> together = packed.run(trial, options);
    for (int n = 0; n + 1 < bounds.length; n++) {
      int from = bounds[n];
      int to = bounds[n + 1];
      if (from < to) {
        Numbers alone =
            new Numbers(
                1,
                to - from,
                2,
                1,
                8,
                new int[] {0, to - from},
                false,
                Arrays.copyOfRange(packed.q, from * 16, to * 16),
                Arrays.copyOfRange(packed.k, from * 8, to * 8),
                Arrays.copyOfRange(packed.v, from * 8, to * 8),
                Arrays.copyOfRange(packed.dO, from * 16, to * 16));
        Map<String, float[]> separate = alone.run(trial, options);
        for (String name : List.of("o", "grad/q")) {
          assertClose(
              name,
              doubles(separate.get(name)),
              Arrays.copyOfRange(together.get(name), from * 16, to * 16),
              OpCheck.OUTPUT);
        }
        for (String name : List.of("grad/k", "grad/v")) {
          assertClose(
              name,
              doubles(separate.get(name)),
              Arrays.copyOfRange(together.get(name), from * 8, to * 8),
              OpCheck.OUTPUT);
        }
      }
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor q = probe.input("q", Shape.of(1, 2, 3, 4), new float[24]);
    Tensor k = probe.input("k", Shape.of(1, 2, 2, 4), new float[16]);
    AttentionOptions options = AttentionOptions.causal(4);
    assertThrows(
        GraphException.class, () -> AttentionOp.apply(probe.graph(), q, k, k, options, null));
    assertThrows(
        GraphException.class, () -> AttentionOp.apply(probe.graph(), q, q, k, options, null));
    assertThrows(GraphException.class, () -> new AttentionOptions(true, -1, 1));
  }
}
