package dev.sluice.tasks.ops.clamp;

import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClampOpTest {
  private static final float MINIMUM = -0.3f;
  private static final Shape SHAPE = Shape.of(7, 9);

  /// The op twice on one tensor: the second gradient is added to the first. An element at the limit
  /// hands its gradient on.
  @Test
  void agreesWithReference() {
    float[] x = OpCheck.normal(1, SHAPE.size());
    x[5] = MINIMUM;
    float[] dY = OpCheck.normal(2, SHAPE.size());
    float[] dZ = OpCheck.normal(3, SHAPE.size());
    OpProbe probe = OpCheck.trial().probe();
    Tensor input = probe.input("x", SHAPE, x);
    Tensor y = ClampOp.atLeast(probe.graph(), input, MINIMUM);
    Tensor z = ClampOp.atLeast(probe.graph(), input, 2 * MINIMUM);
    var results = probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dZ));

    double[] expected = new double[x.length];
    double[] dX = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      expected[i] = ClampReference.forward(x[i], MINIMUM);
      dX[i] =
          ClampReference.backward(x[i], dY[i], MINIMUM)
              + ClampReference.backward(x[i], dZ[i], 2 * MINIMUM);
    }
    OpCheck.assertClose("y", expected, results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
  }
}
