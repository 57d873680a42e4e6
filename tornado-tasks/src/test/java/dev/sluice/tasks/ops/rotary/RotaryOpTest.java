package dev.sluice.tasks.ops.rotary;

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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RotaryOpTest {
  /// Angles of some thousand radians are known to 1e-4 in float32, whatever computes their sine.
  private static final double LARGE_ANGLES = 3e-4;

  private static final float BASE = 10000;
  private static final long SEED = 41;

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(RotaryOp.NAME, RotaryImplementation.class);
  }

  @Test
  void referenceGradientIsThatOfFiniteDifferences() {
    double[] x = doubles(normal(SEED, 3 * 2 * 6));
    double[] dY = doubles(normal(SEED + 1, x.length));
    int[] positions = {0, 3, 100};
    assertGradient(
        "x",
        v -> dot(RotaryReference.forward(v, positions, BASE, 1, 2, 6), dY),
        x,
        RotaryReference.backward(dY, positions, BASE, 2, 6));
  }

  private static void check(
      OpCheck.Trial trial,
      int batch,
      int length,
      int headSize,
      int[] positions,
      int[] given,
      double tolerance) {
    Shape shape = Shape.of(batch, length, 3, headSize);
    float[] x = normal(SEED, shape.size());
    float[] dY = normal(SEED + 1, shape.size());
    OpProbe probe = trial.probe();
    Tensor places =
        given.length == 0 ? null : probe.integers("positions", Shape.of(given.length), given);
    Tensor y = RotaryOp.apply(probe.graph(), probe.input("x", shape, x), places, BASE);
    Map<String, float[]> actual = probe.run(Map.of("y", y), Map.of("y", dY));
    assertClose(
        trial + " y",
        RotaryReference.forward(doubles(x), positions, BASE, 1, 3, headSize),
        actual.get("y"),
        tolerance);
    assertClose(
        trial + " x",
        RotaryReference.backward(doubles(dY), positions, BASE, 3, headSize),
        actual.get("grad/x"),
        tolerance);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheReference(OpCheck.Trial trial) {
    check(trial, 2, 3, 10, new int[] {0, 1, 2, 0, 1, 2}, new int[] {}, OpCheck.OUTPUT);
    check(trial, 2, 3, 2, new int[] {7, 8, 9, 7, 8, 9}, new int[] {7}, OpCheck.OUTPUT);
    check(trial, 2, 2, 8, new int[] {5, 6, 9, 10}, new int[] {5, 9}, OpCheck.OUTPUT);
    check(trial, 2, 2, 8, new int[] {4, 0, 2, 1}, new int[] {4, 0, 2, 1}, OpCheck.OUTPUT);
    check(trial, 2, 1, 8, new int[] {4, 11}, new int[] {4, 11}, OpCheck.OUTPUT);
    check(trial, 1, 2, 64, new int[] {4000, 4001}, new int[] {4000}, LARGE_ANGLES);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void positionsBeginAnewInPackedSequences(OpCheck.Trial trial) {
    Shape shape = Shape.of(1, 5, 1, 4);
    float[] x = normal(SEED, shape.size());
    OpProbe probe = trial.probe();
    Tensor bounds = probe.integers("cu_seqlens", Shape.of(5), new int[] {0, 2, 2, 5, 5});
    Tensor positions = RotaryOp.packedPositions(probe.graph(), bounds, 5);
    Tensor y = RotaryOp.apply(probe.graph(), probe.input("x", shape, x), positions, BASE);
    assertClose(
        "y",
        RotaryReference.forward(doubles(x), new int[] {0, 1, 0, 1, 2}, BASE, 1, 1, 4),
        probe.run(Map.of("y", y), Map.of()).get("y"),
        OpCheck.OUTPUT);
  }

  @Test
  void refusesAnOddHeadSize() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(1, 2, 1, 3), new float[6]);
    assertThrows(GraphException.class, () -> RotaryOp.apply(probe.graph(), x, null, BASE));
  }
}
