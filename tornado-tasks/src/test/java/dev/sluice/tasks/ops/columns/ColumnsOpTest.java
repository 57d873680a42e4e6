package dev.sluice.tasks.ops.columns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ColumnsOpTest {
  private static final int ROWS = 7;

  static List<Trial> trials() {
    return List.of(OpCheck.trial());
  }

  /// Overlapping slices that leave some columns out, in either order.
  @ParameterizedTest
  @MethodSource("trials")
  void slicesAgreeWithReference(Trial trial) {
    float[] x = OpCheck.normal(1, ROWS * 10);
    float[] dY = OpCheck.normal(2, ROWS * 4);
    float[] dZ = OpCheck.normal(3, ROWS * 5);
    OpProbe probe = trial.probe();
    Tensor input = probe.input("x", Shape.of(1, ROWS, 10), x);
    Tensor y = ColumnsOp.slice(probe.graph(), input, 1, 5);
    Tensor z = ColumnsOp.slice(probe.graph(), input, 3, 8);
    assertEquals(Shape.of(1, ROWS, 4), y.shape());
    var results = probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dZ));

    double[] wide = OpCheck.doubles(x);
    OpCheck.assertClose("y", ColumnsReference.slice(wide, 1, 5, ROWS, 10), results.get("y"), 0.0);
    OpCheck.assertClose("z", ColumnsReference.slice(wide, 3, 8, ROWS, 10), results.get("z"), 0.0);
    double[] dX = new double[x.length];
    double[] other = new double[x.length];
    ColumnsReference.backwardSlice(OpCheck.doubles(dY), 1, 5, dX, ROWS, 10);
    ColumnsReference.backwardSlice(OpCheck.doubles(dZ), 3, 8, other, ROWS, 10);
    for (int i = 0; i < dX.length; i++) {
      dX[i] += other[i];
    }
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
  }

  /// The second operand is used twice, so that its gradient accumulates.
  @ParameterizedTest
  @MethodSource("trials")
  void concatAgreesWithReference(Trial trial) {
    float[] a = OpCheck.normal(1, ROWS * 3);
    float[] b = OpCheck.normal(2, ROWS * 3);
    float[] dY = OpCheck.normal(3, ROWS * 9);
    OpProbe probe = trial.probe();
    Tensor ta = probe.input("a", Shape.of(ROWS, 3), a);
    Tensor tb = probe.input("b", Shape.of(ROWS, 3), b);
    Tensor ab = ColumnsOp.concat(probe.graph(), ta, tb);
    Tensor y = ColumnsOp.concat(probe.graph(), ab, tb);
    var results = probe.run(Map.of("y", y), Map.of("y", dY));

    double[] first = ColumnsReference.concat(OpCheck.doubles(a), OpCheck.doubles(b), ROWS, 3, 3);
    double[] expected = ColumnsReference.concat(first, OpCheck.doubles(b), ROWS, 6, 3);
    OpCheck.assertClose("y", expected, results.get("y"), 0.0);
    double[] dFirst = new double[ROWS * 6];
    double[] dB = new double[ROWS * 3];
    double[] dA = new double[ROWS * 3];
    double[] second = new double[ROWS * 3];
    ColumnsReference.backwardConcat(OpCheck.doubles(dY), dFirst, dB, ROWS, 6, 3);
    ColumnsReference.backwardConcat(dFirst, dA, second, ROWS, 3, 3);
    for (int i = 0; i < dB.length; i++) {
      dB[i] += second[i];
    }
    OpCheck.assertClose("dA", dA, results.get("grad/a"), OpCheck.GRADIENT);
    OpCheck.assertClose("dB", dB, results.get("grad/b"), OpCheck.GRADIENT);
  }

  @Test
  void referenceGradientsAreDerivatives() {
    double[] x = OpCheck.doubles(OpCheck.normal(1, 2 * 5));
    double[] dY = OpCheck.doubles(OpCheck.normal(2, 2 * 3));
    double[] dX = new double[x.length];
    ColumnsReference.backwardSlice(dY, 1, 4, dX, 2, 5);
    OpCheck.assertGradient(
        "dX", p -> OpCheck.dot(dY, ColumnsReference.slice(p, 1, 4, 2, 5)), x, dX);
  }

  @Test
  void refusesColumnsThatAreNotThere() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(2, 3), new float[6]);
    var refused = assertThrows(GraphException.class, () -> ColumnsOp.slice(probe.graph(), x, 1, 4));
    assertEquals(
        "columns 1 to 3 of tensor 'x' [2, 3]: it has columns 0 to 2", refused.getMessage());
  }
}
