package dev.sluice.tasks.ops.selectivescan;

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
import dev.sluice.tasks.ops.selectivescan.SelectiveScanReference.Inputs;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SelectiveScanOpTest {
  private static final long SEED = 61;

  /// One run: name → values, in the order of the op's arguments.
  private record Numbers(
      int batch,
      int length,
      int columns,
      int states,
      int[] offsets,
      boolean packed,
      SequencedMap<String, float[]> values,
      float[] dY,
      float[] dHt) {
    static Numbers of(
        int batch, int length, int columns, int states, boolean optional, int... packed) {
      int rows = batch * length;
      int[] offsets =
          packed.length > 0
              ? packed
              : IntStream.rangeClosed(0, batch).map(b -> b * length).toArray();
      SequencedMap<String, float[]> values = new LinkedHashMap<>();
      values.put("u", normal(SEED, rows * columns));
      values.put("delta", normal(SEED + 1, rows * columns));
      float[] a = normal(SEED + 2, columns * states);
      for (int i = 0; i < a.length; i++) {
        a[i] = -Math.abs(a[i]);
      }
      values.put("A", a);
      values.put("B", normal(SEED + 3, rows * states));
      values.put("C", normal(SEED + 4, rows * states));
      values.put("D", normal(SEED + 5, columns));
      if (optional) {
        values.put("z", normal(SEED + 6, rows * columns));
        values.put("delta_bias", normal(SEED + 7, columns));
        values.put("h0", normal(SEED + 8, (offsets.length - 1) * columns * states));
      }
      return new Numbers(
          batch,
          length,
          columns,
          states,
          offsets,
          packed.length > 0,
          values,
          normal(SEED + 9, rows * columns),
          normal(SEED + 10, (offsets.length - 1) * columns * states));
    }

    Shape shape(String name) {
      return switch (name) {
        case "u", "delta", "z" -> Shape.of(batch, length, columns);
        case "A" -> Shape.of(columns, states);
        case "B", "C" -> Shape.of(batch, length, states);
        case "D", "delta_bias" -> Shape.of(columns);
        default -> Shape.of(offsets.length - 1, columns, states);
      };
    }

    double[] wide(String name) {
      float[] given = values.get(name);
      return given == null ? null : doubles(given);
    }

    Inputs inputs() {
      double[] h0 = wide("h0");
      return new Inputs(
          wide("u"),
          wide("delta"),
          wide("A"),
          wide("B"),
          wide("C"),
          wide("D"),
          wide("z"),
          wide("delta_bias"),
          h0 == null ? new double[dHt.length] : h0);
    }

    Map<String, float[]> run(OpCheck.Trial trial) {
      OpProbe probe = trial.probe();
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      values.forEach((name, v) -> tensors.put(name, probe.input(name, shape(name), v)));
      SelectiveScanOp.Result result =
          SelectiveScanOp.apply(
              probe.graph(),
              tensors.get("u"),
              tensors.get("delta"),
              tensors.get("A"),
              tensors.get("B"),
              tensors.get("C"),
              tensors.get("D"),
              tensors.get("z"),
              tensors.get("delta_bias"),
              tensors.get("h0"),
              packed ? probe.integers("cu_seqlens", Shape.of(offsets.length), offsets) : null);
      return probe.run(
          Map.of("y", result.output(), "ht", result.finalState()), Map.of("y", dY, "ht", dHt));
    }

    void check(OpCheck.Trial trial) {
      Map<String, float[]> actual = run(trial);
      double[] ht = new double[dHt.length];
      double[] y = SelectiveScanReference.forward(inputs(), offsets, ht, columns, states);
      assertClose(trial + " y", y, actual.get("y"), OpCheck.OUTPUT);
      assertClose(trial + " ht", ht, actual.get("ht"), OpCheck.OUTPUT);
      SequencedMap<String, double[]> expected =
          named(
              SelectiveScanReference.backward(
                  inputs(), offsets, doubles(dY), doubles(dHt), columns, states));
      values
          .keySet()
          .forEach(name ->
              assertClose(
                  trial + " grad " + name,
                  expected.get(name),
                  actual.get("grad/" + name),
                  OpCheck.GRADIENT));
    }
  }

  private static SequencedMap<String, double[]> named(Inputs in) {
    SequencedMap<String, double[]> all = new LinkedHashMap<>();
    all.put("u", in.u());
    all.put("delta", in.delta());
    all.put("A", in.a());
    all.put("B", in.b());
    all.put("C", in.c());
    all.put("D", in.skip());
    all.put("z", in.z());
    all.put("delta_bias", in.bias());
    all.put("h0", in.h0());
    return all;
  }

  private static Inputs inputs(List<double[]> all) {
    return new Inputs(
        all.get(0),
        all.get(1),
        all.get(2),
        all.get(3),
        all.get(4),
        all.get(5),
        all.get(6),
        all.get(7),
        all.get(8));
  }

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(SelectiveScanOp.NAME, SelectiveScanImplementation.class);
  }

  @Test
  void referenceGradientsAreThoseOfFiniteDifferences() {
    Numbers numbers = Numbers.of(1, 6, 2, 3, true, 0, 4, 4, 6);
    List<double[]> given = new ArrayList<>(named(numbers.inputs()).values());
    double[] dY = doubles(numbers.dY);
    double[] dHt = doubles(numbers.dHt);
    List<double[]> expected =
        new ArrayList<>(
            named(SelectiveScanReference.backward(numbers.inputs(), numbers.offsets, dY, dHt, 2, 3))
                .values());
    for (int input = 0; input < given.size(); input++) {
      int moved = input;
      assertGradient(
          "input " + input,
          v -> {
            List<double[]> all = new ArrayList<>(given);
            all.set(moved, v);
            double[] ht = new double[dHt.length];
            double[] y = SelectiveScanReference.forward(inputs(all), numbers.offsets, ht, 2, 3);
            return dot(y, dY) + dot(ht, dHt);
          },
          given.get(input),
          expected.get(input));
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReferenceAtOddShapes(OpCheck.Trial trial) {
    Numbers.of(2, 70, 37, 5, true).check(trial);
    Numbers.of(1, 1, 3, 16, true).check(trial);
    Numbers.of(1, 31, 40, 1, false).check(trial);
    Numbers.of(1, 33, 16, 4, false).check(trial);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesForPackedSequences(OpCheck.Trial trial) {
    Numbers.of(1, 90, 18, 4, true, 0, 0, 33, 34, 34, 90, 90).check(trial);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesForStrongDecaySmallStepsAndLargeStates(OpCheck.Trial trial) {
    Numbers numbers = Numbers.of(1, 65, 9, 3, true);
    float[] delta = numbers.values.get("delta");
    for (int i = 0; i < delta.length; i++) {
      delta[i] = i % 2 == 0 ? -12 : 30;
    }
    float[] a = numbers.values.get("A");
    a[0] = -30;
    a[1] = 0;
    float[] h0 = numbers.values.get("h0");
    for (int i = 0; i < h0.length; i++) {
      h0[i] *= 1e4f;
    }
    numbers.check(trial);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheConformanceFile(OpCheck.Trial trial) {
    ConformanceFile file = ConformanceFile.find("selective_scan").orElse(null);
    assumeTrue(file != null, "no conformance files here");
    for (String one : file.cases()) {
      OpProbe probe = trial.probe();
      Map<String, Tensor> in = new LinkedHashMap<>();
      for (String name : List.of("u", "delta", "A", "B", "C", "D", "z", "delta_bias")) {
        int[] shape = file.shape(one + "/in/" + name);
        in.put(
            name,
            probe.input(name, swapped(shape), transposed(file.floats(one + "/in/" + name), shape)));
      }
      SelectiveScanOp.Result result =
          SelectiveScanOp.apply(
              probe.graph(),
              in.get("u"),
              in.get("delta"),
              in.get("A"),
              in.get("B"),
              in.get("C"),
              in.get("D"),
              in.get("z"),
              in.get("delta_bias"),
              null,
              null);
      int[] shape = file.shape(one + "/out/y");
      Map<String, float[]> actual =
          probe.run(
              Map.of("y", result.output()),
              Map.of("y", transposed(file.floats(one + "/cot/y"), shape)));
      assertClose(
          "y",
          doubles(transposed(file.floats(one + "/out/y"), shape)),
          actual.get("y"),
          OpCheck.OUTPUT);
      in.keySet()
          .forEach(name ->
              assertClose(
                  name,
                  doubles(
                      transposed(
                          file.floats(one + "/grad/" + name), file.shape(one + "/grad/" + name))),
                  actual.get("grad/" + name),
                  OpCheck.GRADIENT));
    }
  }

  /// The file's `[B, D, L]` as `[B, L, D]`; other ranks as they are.
  private static Shape swapped(int[] shape) {
    return shape.length == 3 ? Shape.of(shape[0], shape[2], shape[1]) : Shape.of(shape);
  }

  private static float[] transposed(float[] values, int[] shape) {
    if (shape.length != 3) {
      return values;
    }
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int l = i % shape[2];
      int d = i / shape[2] % shape[1];
      int b = i / shape[2] / shape[1];
      result[(b * shape[2] + l) * shape[1] + d] = values[i];
    }
    return result;
  }

  @Test
  void refusesShapesThatDoNotFit() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor u = probe.input("u", Shape.of(1, 3, 2), new float[6]);
    Tensor a = probe.input("A", Shape.of(2, 4), new float[8]);
    Tensor b = probe.input("B", Shape.of(1, 3, 5), new float[15]);
    Tensor skip = probe.input("D", Shape.of(2), new float[2]);
    assertThrows(
        GraphException.class,
        () -> SelectiveScanOp.apply(probe.graph(), u, u, a, b, b, skip, null, null, null, null));
  }
}
