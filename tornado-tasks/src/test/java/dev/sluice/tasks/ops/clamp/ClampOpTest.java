package dev.sluice.tasks.ops.clamp;

import static dev.sluice.tasks.testing.OpCheck.doubles;
import static dev.sluice.tasks.testing.OpCheck.normal;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.testing.OpCheck;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClampOpTest {
  private static final int SIZE = 37;
  private static final float LOW = -0.5f;
  private static final float HIGH = 0.75f;

  @Test
  void agreesWithTheReferenceAndAddsToOtherGradients() {
    float[] x = normal(1, SIZE);
    x[0] = LOW;
    x[1] = HIGH;
    x[2] = Float.NEGATIVE_INFINITY;
    float[] dY = normal(2, SIZE);
    OpProbe probe = OpCheck.trial().probe();
    Tensor in = probe.input("x", Shape.of(SIZE), x);
    Tensor clamped = ClampOp.apply(probe.graph(), in, LOW, HIGH);
    Tensor twice =
        ElementwiseOp.add(probe.graph(), clamped, ClampOp.atLeast(probe.graph(), in, LOW));
    Map<String, float[]> results = probe.run(Map.of("y", twice), Map.of("y", dY));
    double[] wide = doubles(x);
    double[] expected = ClampReference.forward(wide, LOW, HIGH);
    double[] other = ClampReference.forward(wide, LOW, Float.MAX_VALUE);
    Arrays.setAll(expected, i -> expected[i] + other[i]);
    double[] gradient = ClampReference.backward(wide, doubles(dY), LOW, HIGH);
    double[] more = ClampReference.backward(wide, doubles(dY), LOW, Float.MAX_VALUE);
    Arrays.setAll(gradient, i -> gradient[i] + more[i]);
    OpCheck.assertClose("y", expected, results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("dX", gradient, results.get("grad/x"), OpCheck.GRADIENT);
  }

  @Test
  void referenceGradientIsThatOfDifferences() {
    double[] x = doubles(normal(1, SIZE));
    double[] dY = doubles(normal(2, SIZE));
    OpCheck.assertGradient(
        "x",
        point -> OpCheck.dot(ClampReference.forward(point, LOW, HIGH), dY),
        x,
        ClampReference.backward(x, dY, LOW, HIGH));
  }

  @Test
  void refusesBoundsOutOfOrder() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(1), new float[1]);
    assertThrows(GraphException.class, () -> ClampOp.apply(probe.graph(), x, 1, 0));
    assertThrows(GraphException.class, () -> ClampOp.apply(probe.graph(), x, Float.NaN, 0));
  }
}
