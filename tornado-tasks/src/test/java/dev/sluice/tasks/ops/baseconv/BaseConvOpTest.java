package dev.sluice.tasks.ops.baseconv;

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
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionReference;
import dev.sluice.tasks.testing.OpCheck;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BaseConvOpTest {
  private static final long SEED = 91;
  private static final int LENGTH = 11;
  private static final int COLUMNS = 6;
  private static final int LONGEST = 16;

  /// Central differences of a composition in double precision, against float32.
  private static final double COMPOSED = OpCheck.GRADIENT;

  private static List<float[]> arrays(int... sizes) {
    List<float[]> all = new ArrayList<>();
    for (int size : sizes) {
      all.add(normal(SEED + all.size(), size));
    }
    return all;
  }

  /// The long form in double precision: u, hidden, its bias, out, its bias, projection, its bias.
  private static double[] longForm(List<double[]> in, int[] offsets, int features) {
    double[] filter =
        BaseConvReference.filter(
            BaseConvReference.positionFeatures(LONGEST, LENGTH, features / 2),
            in.get(1),
            in.get(2),
            in.get(3),
            in.get(4),
            LENGTH,
            features,
            4,
            COLUMNS);
    double[] convolved = BaseConvReference.convolve(in.get(0), filter, offsets, COLUMNS);
    return BaseConvReference.gate(in.get(0), convolved, in.get(5), in.get(6), LENGTH, COLUMNS);
  }

  /// The short form in double precision: u, kernel, its bias, projection, its bias.
  private static double[] shortForm(List<double[]> in, int[] offsets) {
    double[] none = new double[(offsets.length - 1) * 2 * COLUMNS];
    double[] convolved =
        DepthwiseConvolutionReference.sequence(
            in.get(0), in.get(1), in.get(2), none, offsets, none.clone(), 2, COLUMNS, 3);
    return BaseConvReference.gate(in.get(0), convolved, in.get(3), in.get(4), LENGTH, COLUMNS);
  }

  private interface Form {
    double[] apply(List<double[]> inputs);
  }

  private static void check(
      Form form, List<float[]> given, float[] dY, Map<String, float[]> actual) {
    List<double[]> inputs = given.stream().map(OpCheck::doubles).toList();
    assertClose("y", form.apply(inputs), actual.get("y"), OpCheck.OUTPUT);
    for (int i = 0; i < inputs.size(); i++) {
      double[] numeric = new double[inputs.get(i).length];
      for (int j = 0; j < numeric.length; j++) {
        numeric[j] =
            (moved(form, inputs, dY, i, j, 1e-5) - moved(form, inputs, dY, i, j, -1e-5)) / 2e-5;
      }
      assertClose("input " + i, numeric, actual.get("grad/i" + i), COMPOSED);
    }
  }

  private static double moved(
      Form form, List<double[]> inputs, float[] dY, int input, int element, double by) {
    List<double[]> all = new ArrayList<>(inputs);
    all.set(input, inputs.get(input).clone());
    all.get(input)[element] += by;
    return dot(form.apply(all), doubles(dY));
  }

  @Test
  void convolutionReferenceGradientsAreThoseOfFiniteDifferences() {
    int[] offsets = {0, 3, 3, 7};
    double[] u = doubles(normal(SEED, 14));
    double[] filter = doubles(normal(SEED + 1, 14));
    double[] dY = doubles(normal(SEED + 2, 14));
    double[] dU = new double[14];
    double[] dFilter = new double[14];
    BaseConvReference.convolveBackward(u, filter, offsets, dY, dU, dFilter, 2);
    assertGradient("u", v -> dot(BaseConvReference.convolve(v, filter, offsets, 2), dY), u, dU);
    assertGradient(
        "filter", v -> dot(BaseConvReference.convolve(u, v, offsets, 2), dY), filter, dFilter);
  }

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(BaseConvOp.NAME, BaseConvImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void theLongFormAgreesWithTheReference(OpCheck.Trial trial) {
    for (int features : new int[] {3, 7}) {
      int[] offsets = {0, 4, 4, LENGTH, LENGTH};
      List<float[]> in =
          arrays(
              LENGTH * COLUMNS, 4 * features, 4, COLUMNS * 4, COLUMNS, COLUMNS * COLUMNS, COLUMNS);
      float[] dY = normal(SEED + 20, LENGTH * COLUMNS);
      OpProbe probe = trial.probe();
      Tensor y =
          BaseConvOp.withLongKernel(
              probe.graph(),
              probe.input("i0", Shape.of(1, LENGTH, COLUMNS), in.get(0)),
              new BaseConvOp.FilterNetwork(
                  probe.input("i1", Shape.of(4, features), in.get(1)),
                  probe.input("i2", Shape.of(4), in.get(2)),
                  probe.input("i3", Shape.of(COLUMNS, 4), in.get(3)),
                  probe.input("i4", Shape.of(COLUMNS), in.get(4))),
              LONGEST,
              new BaseConvOp.Projection(
                  probe.input("i5", Shape.of(COLUMNS, COLUMNS), in.get(5)),
                  probe.input("i6", Shape.of(COLUMNS), in.get(6))),
              probe.integers("cu_seqlens", Shape.of(5), offsets));
      check(
          inputs -> longForm(inputs, offsets, features),
          in,
          dY,
          probe.run(Map.of("y", y), Map.of("y", dY)));
    }
  }

  @Test
  void stepsOfTheLongFormEqualTheWholeSequence() {
    int features = 3;
    List<float[]> in =
        arrays(LENGTH * COLUMNS, 4 * features, 4, COLUMNS * 4, COLUMNS, COLUMNS * COLUMNS, COLUMNS);
    double[] expected =
        longForm(in.stream().map(OpCheck::doubles).toList(), new int[] {0, LENGTH}, features);
    int slots = LONGEST + 3;
    float[] cache = new float[slots * COLUMNS];
    for (int t = 0; t < LENGTH; t++) {
      OpProbe probe = OpCheck.trial().probe();
      Tensor stored = probe.constant("cache", Shape.of(1, slots, COLUMNS), cache);
      Tensor y =
          BaseConvOp.stepsWithLongKernel(
              probe.graph(),
              probe.constant(
                  "u",
                  Shape.of(1, 1, COLUMNS),
                  Arrays.copyOfRange(in.getFirst(), t * COLUMNS, (t + 1) * COLUMNS)),
              new BaseConvOp.FilterNetwork(
                  probe.constant("i1", Shape.of(4, features), in.get(1)),
                  probe.constant("i2", Shape.of(4), in.get(2)),
                  probe.constant("i3", Shape.of(COLUMNS, 4), in.get(3)),
                  probe.constant("i4", Shape.of(COLUMNS), in.get(4))),
              LONGEST,
              stored,
              probe.integers("position", Shape.of(1), new int[] {t}),
              new BaseConvOp.Projection(
                  probe.constant("i5", Shape.of(COLUMNS, COLUMNS), in.get(5)),
                  probe.constant("i6", Shape.of(COLUMNS), in.get(6))));
      Map<String, float[]> actual = probe.run(Map.of("y", y, "cache", stored), Map.of());
      cache = actual.get("cache");
      assertClose(
          "step " + t,
          Arrays.copyOfRange(expected, t * COLUMNS, (t + 1) * COLUMNS),
          actual.get("y"),
          OpCheck.OUTPUT);
    }
  }

  @Test
  void theShortFormAgreesWithTheReference() {
    int[] offsets = {0, LENGTH};
    List<float[]> in = arrays(LENGTH * COLUMNS, COLUMNS * 3, COLUMNS, COLUMNS * COLUMNS, COLUMNS);
    float[] dY = normal(SEED + 20, LENGTH * COLUMNS);
    OpProbe probe = OpCheck.trial().probe();
    BaseConvOp.Result result =
        BaseConvOp.withShortKernel(
            probe.graph(),
            probe.input("i0", Shape.of(1, LENGTH, COLUMNS), in.get(0)),
            probe.input("i1", Shape.of(COLUMNS, 3), in.get(1)),
            probe.input("i2", Shape.of(COLUMNS), in.get(2)),
            new BaseConvOp.Projection(
                probe.input("i3", Shape.of(COLUMNS, COLUMNS), in.get(3)),
                probe.input("i4", Shape.of(COLUMNS), in.get(4))),
            null,
            null);
    check(
        inputs -> shortForm(inputs, offsets),
        in,
        dY,
        probe.run(Map.of("y", result.output()), Map.of("y", dY)));
  }

  @Test
  void refusesSequencesLongerThanTheNetworkIsMeantFor() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor u = probe.input("u", Shape.of(1, 5, 2), new float[10]);
    var network = new BaseConvOp.FilterNetwork(u, u, u, u);
    var projection = new BaseConvOp.Projection(u, u);
    assertThrows(
        GraphException.class,
        () -> BaseConvOp.withLongKernel(probe.graph(), u, network, 4, projection, null));
  }
}
