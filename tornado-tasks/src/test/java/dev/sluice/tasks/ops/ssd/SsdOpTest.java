package dev.sluice.tasks.ops.ssd;

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
import dev.sluice.tasks.ops.gla.GlaImplementation;
import dev.sluice.tasks.ops.ssd.SsdReference.Inputs;
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

class SsdOpTest {
  private static final long SEED = 101;
  private static final List<String> OPTIONAL = List.of("skip", "bias", "h0");

  private record Numbers(
      int batch,
      int length,
      SsdReference.Dimensions dims,
      int[] offsets,
      boolean packed,
      boolean optional,
      SequencedMap<String, float[]> values,
      float[] dY,
      float[] dHt) {
    static Numbers of(
        int batch, int length, SsdReference.Dimensions dims, boolean optional, int... packed) {
      int rows = batch * length;
      int[] offsets =
          packed.length > 0
              ? packed
              : IntStream.rangeClosed(0, batch).map(b -> b * length).toArray();
      int states = (offsets.length - 1) * dims.heads() * dims.states() * dims.headSize();
      SequencedMap<String, float[]> values = new LinkedHashMap<>();
      values.put("x", normal(SEED, rows * dims.heads() * dims.headSize()));
      values.put("delta", normal(SEED + 1, rows * dims.heads()));
      float[] a = normal(SEED + 2, dims.heads());
      for (int i = 0; i < a.length; i++) {
        a[i] = -Math.abs(a[i]);
      }
      values.put("a", a);
      values.put("b", normal(SEED + 3, rows * dims.groups() * dims.states()));
      values.put("c", normal(SEED + 4, rows * dims.groups() * dims.states()));
      values.put("skip", optional ? normal(SEED + 5, dims.heads()) : new float[dims.heads()]);
      values.put("bias", optional ? normal(SEED + 6, dims.heads()) : new float[dims.heads()]);
      values.put("h0", optional ? normal(SEED + 7, states) : new float[states]);
      return new Numbers(
          batch,
          length,
          dims,
          offsets,
          packed.length > 0,
          optional,
          values,
          normal(SEED + 8, values.get("x").length),
          normal(SEED + 9, states));
    }

    Shape shape(String name) {
      return switch (name) {
        case "x" -> Shape.of(batch, length, dims.heads(), dims.headSize());
        case "delta" -> Shape.of(batch, length, dims.heads());
        case "b", "c" -> Shape.of(batch, length, dims.groups(), dims.states());
        case "h0" -> Shape.of(offsets.length - 1, dims.heads(), dims.states(), dims.headSize());
        default -> Shape.of(dims.heads());
      };
    }

    List<double[]> wide() {
      return values.values().stream().map(OpCheck::doubles).toList();
    }

    void check(OpCheck.Trial trial) {
      OpProbe probe = trial.probe();
      Map<String, Tensor> in = new LinkedHashMap<>();
      values.forEach((name, v) -> {
        if (optional || !OPTIONAL.contains(name)) {
          in.put(name, probe.input(name, shape(name), v));
        }
      });
      SsdOp.Result result =
          SsdOp.apply(
              probe.graph(),
              in.get("x"),
              in.get("delta"),
              in.get("a"),
              in.get("b"),
              in.get("c"),
              in.get("skip"),
              in.get("bias"),
              in.get("h0"),
              packed ? probe.integers("cu_seqlens", Shape.of(offsets.length), offsets) : null);
      Map<String, float[]> actual =
          probe.run(
              Map.of("y", result.output(), "ht", result.finalState()), Map.of("y", dY, "ht", dHt));
      Inputs inputs = inputs(wide());
      double[] ht = new double[dHt.length];
      assertClose(
          "y", SsdReference.forward(inputs, offsets, ht, dims), actual.get("y"), OpCheck.OUTPUT);
      assertClose("ht", ht, actual.get("ht"), OpCheck.OUTPUT);
      List<double[]> expected =
          all(SsdReference.backward(inputs, offsets, doubles(dY), doubles(dHt), dims));
      int i = 0;
      for (String name : values.keySet()) {
        if (in.containsKey(name)) {
          assertClose(name, expected.get(i), actual.get("grad/" + name), OpCheck.GRADIENT);
        }
        i++;
      }
    }
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
        all.get(7));
  }

  private static List<double[]> all(Inputs in) {
    return List.of(in.x(), in.delta(), in.a(), in.b(), in.c(), in.skip(), in.bias(), in.h0());
  }

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(SsdOp.NAME, GlaImplementation.class);
  }

  @Test
  void referenceGradientsAreThoseOfFiniteDifferences() {
    var dims = new SsdReference.Dimensions(2, 2, 1, 3);
    Numbers numbers = Numbers.of(1, 5, dims, true, 0, 3, 3, 5);
    List<double[]> given = numbers.wide();
    double[] dY = doubles(numbers.dY);
    double[] dHt = doubles(numbers.dHt);
    List<double[]> expected =
        all(SsdReference.backward(inputs(given), numbers.offsets, dY, dHt, dims));
    for (int input = 0; input < given.size(); input++) {
      int moved = input;
      assertGradient(
          "input " + input,
          v -> {
            List<double[]> changed = new ArrayList<>(given);
            changed.set(moved, v);
            double[] ht = new double[dHt.length];
            double[] y = SsdReference.forward(inputs(changed), numbers.offsets, ht, dims);
            return dot(y, dY) + dot(ht, dHt);
          },
          given.get(input),
          expected.get(input));
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReferenceAtOddShapes(OpCheck.Trial trial) {
    Numbers.of(2, 70, new SsdReference.Dimensions(4, 20, 2, 12), true).check(trial);
    Numbers.of(1, 1, new SsdReference.Dimensions(2, 5, 1, 16), true).check(trial);
    for (int length : new int[] {63, 64, 65}) {
      Numbers.of(1, length, new SsdReference.Dimensions(3, 16, 3, 8), false).check(trial);
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesForPackedSequences(OpCheck.Trial trial) {
    Numbers.of(1, 90, new SsdReference.Dimensions(2, 8, 1, 16), true, 0, 0, 65, 66, 66, 90, 90)
        .check(trial);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesForStrongDecayAndLargeStates(OpCheck.Trial trial) {
    Numbers numbers = Numbers.of(1, 66, new SsdReference.Dimensions(2, 8, 1, 16), true);
    numbers.values.get("a")[0] = -30;
    numbers.values.get("a")[1] = 0;
    float[] h0 = numbers.values.get("h0");
    for (int i = 0; i < h0.length; i++) {
      h0[i] *= 1e4f;
    }
    numbers.check(trial);
  }

  @Test
  void refusesGroupsThatDoNotDivideTheHeads() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(1, 2, 3, 4), new float[24]);
    Tensor delta = probe.input("delta", Shape.of(1, 2, 3), new float[6]);
    Tensor a = probe.input("a", Shape.of(3), new float[3]);
    Tensor b = probe.input("b", Shape.of(1, 2, 2, 5), new float[20]);
    assertThrows(
        GraphException.class,
        () -> SsdOp.apply(probe.graph(), x, delta, a, b, b, null, null, null, null));
  }
}
