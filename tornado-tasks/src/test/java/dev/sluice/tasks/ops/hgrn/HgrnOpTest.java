package dev.sluice.tasks.ops.hgrn;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static dev.sluice.tasks.testing.OpCheck.assertGradient;
import static dev.sluice.tasks.testing.OpCheck.dot;
import static dev.sluice.tasks.testing.OpCheck.doubles;
import static dev.sluice.tasks.testing.OpCheck.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HgrnOpTest {
  private static final long SEED = 11;

  /// Numbers for one run: a batch, or packed sequences where `bounds` is given.
  private record Numbers(
      int batch,
      int length,
      int columns,
      int count,
      int[] offsets,
      boolean packed,
      float[] x,
      float[] g,
      float[] h0,
      float[] dO,
      float[] dHt) {
    static Numbers of(int batch, int length, int columns, int... packed) {
      int count = packed.length == 0 ? batch : packed.length - 1;
      int size = batch * length * columns;
      float[] g = normal(SEED, size);
      for (int i = 0; i < size; i++) {
        g[i] = -Math.abs(g[i]);
      }
      int[] offsets =
          packed.length > 0
              ? packed
              : IntStream.rangeClosed(0, batch).map(b -> b * length).toArray();
      return new Numbers(
          batch,
          length,
          columns,
          count,
          offsets,
          packed.length > 0,
          normal(SEED + 1, size),
          g,
          normal(SEED + 2, count * columns),
          normal(SEED + 3, size),
          normal(SEED + 4, count * columns));
    }

    Map<String, double[]> reference() {
      double[] o = new double[x.length];
      double[] ht = new double[h0.length];
      HgrnReference.forward(doubles(x), doubles(g), doubles(h0), offsets, o, ht, count, columns);
      double[] dX = new double[x.length];
      double[] dG = new double[x.length];
      double[] dH0 = new double[h0.length];
      HgrnReference.backward(
          doubles(g),
          doubles(h0),
          o,
          offsets,
          doubles(dO),
          doubles(dHt),
          dX,
          dG,
          dH0,
          count,
          columns);
      Map<String, double[]> all = new LinkedHashMap<>();
      all.put("o", o);
      all.put("ht", ht);
      all.put("grad/x", dX);
      all.put("grad/g", dG);
      all.put("grad/h0", dH0);
      return all;
    }

    Map<String, float[]> run(OpCheck.Trial trial) {
      OpProbe probe = trial.probe();
      Shape shape = Shape.of(batch, length, columns);
      Tensor cuSeqlens = packed ? probe.integers("cu_seqlens", Shape.of(count + 1), offsets) : null;
      HgrnOp.Result result =
          HgrnOp.apply(
              probe.graph(),
              probe.input("x", shape, x),
              probe.input("g", shape, g),
              probe.input("h0", Shape.of(count, columns), h0),
              cuSeqlens);
      return probe.run(
          Map.of("o", result.output(), "ht", result.finalState()), Map.of("o", dO, "ht", dHt));
    }

    void check(OpCheck.Trial trial) {
      Map<String, float[]> actual = run(trial);
      reference()
          .forEach((name, expected) ->
              assertClose(
                  trial + " " + name,
                  expected,
                  actual.get(name),
                  name.startsWith("grad") ? OpCheck.GRADIENT : OpCheck.OUTPUT));
    }
  }

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(HgrnOp.NAME, HgrnImplementation.class);
  }

  @Test
  void referenceGradientsAreThoseOfFiniteDifferences() {
    Numbers numbers = Numbers.of(1, 7, 3, 0, 4, 4, 7);
    Map<String, double[]> reference = numbers.reference();
    assertGradient(
        "x", v -> objective(numbers, v, null, null), doubles(numbers.x), reference.get("grad/x"));
    assertGradient(
        "g", v -> objective(numbers, null, v, null), doubles(numbers.g), reference.get("grad/g"));
    assertGradient(
        "h0",
        v -> objective(numbers, null, null, v),
        doubles(numbers.h0),
        reference.get("grad/h0"));
  }

  private static double objective(Numbers numbers, double[] x, double[] g, double[] h0) {
    double[] o = new double[numbers.x.length];
    double[] ht = new double[numbers.h0.length];
    HgrnReference.forward(
        x == null ? doubles(numbers.x) : x,
        g == null ? doubles(numbers.g) : g,
        h0 == null ? doubles(numbers.h0) : h0,
        numbers.offsets,
        o,
        ht,
        numbers.count,
        numbers.columns);
    return dot(o, doubles(numbers.dO)) + dot(ht, doubles(numbers.dHt));
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReferenceAtOddShapes(OpCheck.Trial trial) {
    Numbers.of(2, 70, 37).check(trial);
    Numbers.of(1, 1, 5).check(trial);
    Numbers.of(3, 31, 16).check(trial);
    Numbers.of(1, 33, 65).check(trial);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesForGatesShutAndOpenAndForLargeStates(OpCheck.Trial trial) {
    for (float gate : new float[] {-30, 0}) {
      Numbers numbers = Numbers.of(1, 65, 9);
      Arrays.fill(numbers.g, gate);
      for (int i = 0; i < numbers.h0.length; i++) {
        numbers.h0[i] *= 1e4f;
      }
      numbers.check(trial);
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void packedSequencesEqualSeparateOnes(OpCheck.Trial trial) {
    int[] bounds = {0, 0, 33, 34, 34, 90, 90};
    Numbers packed = Numbers.of(1, 90, 17, bounds);
    packed.check(trial);
    Map<String, float[]> together = packed.run(trial);
    for (int n = 0; n < packed.count; n++) {
      int length = bounds[n + 1] - bounds[n];
      if (length > 0) {
        int from = bounds[n] * 17;
        int to = bounds[n + 1] * 17;
        float[] h0 = Arrays.copyOfRange(packed.h0, n * 17, (n + 1) * 17);
        float[] dHt = Arrays.copyOfRange(packed.dHt, n * 17, (n + 1) * 17);
        Numbers alone =
            new Numbers(
                1,
                length,
                17,
                1,
                new int[] {0, length},
                false,
                Arrays.copyOfRange(packed.x, from, to),
                Arrays.copyOfRange(packed.g, from, to),
                h0,
                Arrays.copyOfRange(packed.dO, from, to),
                dHt);
        Map<String, float[]> separate = alone.run(trial);
        for (String name : List.of("o", "grad/x", "grad/g")) {
          assertArrayEquals(
              separate.get(name), Arrays.copyOfRange(together.get(name), from, to), name);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void statesAndCotangentsMayBeLeftOut(OpCheck.Trial trial) {
    Numbers numbers = Numbers.of(1, 40, 5);
    Arrays.fill(numbers.h0, 0);
    Arrays.fill(numbers.dO, 0);
    OpProbe probe = trial.probe();
    Shape shape = Shape.of(1, 40, 5);
    HgrnOp.Result result =
        HgrnOp.apply(
            probe.graph(),
            probe.input("x", shape, numbers.x),
            probe.input("g", shape, numbers.g),
            null,
            null);
    Map<String, float[]> actual =
        probe.run(Map.of("ht", result.finalState()), Map.of("ht", numbers.dHt));
    Map<String, double[]> expected = numbers.reference();
    assertClose("ht", expected.get("ht"), actual.get("ht"), OpCheck.OUTPUT);
    assertClose("x", expected.get("grad/x"), actual.get("grad/x"), OpCheck.GRADIENT);
    assertClose("g", expected.get("grad/g"), actual.get("grad/g"), OpCheck.GRADIENT);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheConformanceFile(OpCheck.Trial trial) {
    ConformanceFile file = ConformanceFile.find("hgrn").orElse(null);
    assumeTrue(file != null, "no conformance files here");
    for (String one : file.cases()) {
      OpProbe probe = trial.probe();
      Shape shape = Shape.of(file.shape(one + "/in/x"));
      HgrnOp.Result result =
          HgrnOp.apply(
              probe.graph(),
              probe.input("x", shape, file.floats(one + "/in/x")),
              probe.input("g", shape, file.floats(one + "/in/g")),
              probe.input("h0", Shape.of(file.shape(one + "/in/h0")), file.floats(one + "/in/h0")),
              null);
      Map<String, float[]> actual =
          probe.run(
              Map.of("o", result.output(), "ht", result.finalState()),
              Map.of("o", file.floats(one + "/cot/o")));
      assertClose("o", doubles(file.floats(one + "/out/o")), actual.get("o"), OpCheck.OUTPUT);
      assertClose("ht", doubles(file.floats(one + "/out/ht")), actual.get("ht"), OpCheck.OUTPUT);
      for (String input : List.of("x", "g", "h0")) {
        assertClose(
            input,
            doubles(file.floats(one + "/grad/" + input)),
            actual.get("grad/" + input),
            OpCheck.GRADIENT);
      }
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(2, 3, 4), new float[24]);
    Tensor g = probe.input("g", Shape.of(2, 3, 5), new float[30]);
    Tensor bounds = probe.integers("bounds", Shape.of(2), new int[] {0, 3});
    assertThrows(GraphException.class, () -> HgrnOp.apply(probe.graph(), x, g, null, null));
    assertThrows(GraphException.class, () -> HgrnOp.apply(probe.graph(), x, x, null, bounds));
  }
}
