package dev.sluice.tasks.ops.forgetgate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForgetGateOpTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 0", "63, 60, 4, 0", "63, 60, 4, 1", "21, 7, 4, 3", "203, 5, 2, 1"})
  void agreesWithReference(int rows, int columns, int layers, int layer) {
    float[] x = OpCheck.normal(1, rows * columns);
    float[] logits = OpCheck.normal(2, layers * columns);
    float[] dLogGate = OpCheck.normal(3, rows * columns);
    float[] dRest = OpCheck.normal(4, rows * columns);
    OpProbe probe = OpCheck.trial().probe();
    var result =
        ForgetGateOp.apply(
            probe.graph(),
            probe.input("x", Shape.of(rows, columns), x),
            probe.input("logits", Shape.of(layers, columns), logits),
            layer);
    var results =
        probe.run(
            Map.of("g", result.logGate(), "u", result.rest()), Map.of("g", dLogGate, "u", dRest));

    double[] point = OpCheck.doubles(x);
    double[] bound = ForgetGateReference.bound(OpCheck.doubles(logits), layer, layers, columns);
    var expected = ForgetGateReference.forward(point, bound, columns);
    OpCheck.assertClose("g", expected.logGate(), results.get("g"), OpCheck.OUTPUT);
    OpCheck.assertClose("u", expected.rest(), results.get("u"), OpCheck.OUTPUT);
    var gradients =
        ForgetGateReference.backward(
            point,
            OpCheck.doubles(logits),
            OpCheck.doubles(dLogGate),
            OpCheck.doubles(dRest),
            layer,
            layers,
            columns);
    OpCheck.assertClose("dX", gradients.dX(), results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose(
        "dLogits", gradients.dLogits(), results.get("grad/logits"), OpCheck.GRADIENT);
  }

  @Test
  void agreesWithReferenceWithoutBound() {
    float[] x = OpCheck.normal(1, 3 * 5);
    float[] dY = OpCheck.normal(2, 3 * 5);
    OpProbe probe = OpCheck.trial().probe();
    var result = ForgetGateOp.apply(probe.graph(), probe.input("x", Shape.of(3, 5), x), null, 0);
    var results =
        probe.run(Map.of("g", result.logGate(), "u", result.rest()), Map.of("g", dY, "u", dY));
    double[] point = OpCheck.doubles(x);
    double[] dYs = OpCheck.doubles(dY);
    var expected = ForgetGateReference.forward(point, new double[5], 5);
    OpCheck.assertClose("g", expected.logGate(), results.get("g"), OpCheck.OUTPUT);
    OpCheck.assertClose("u", expected.rest(), results.get("u"), OpCheck.OUTPUT);
    double[] dX = ForgetGateReference.backward(point, new double[5], dYs, dYs, 0, 1, 5).dX();
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
  }

  @Test
  void extremesStayFinite() {
    float[] x = {-100, -30, 0, 30, 100, -100, -30, 0, 30, 100};
    float[] logits = {0, 0, 0, 0, 0, -200, -80, 0, 80, 200};
    float[] ones = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    OpProbe probe = OpCheck.trial().probe();
    var result =
        ForgetGateOp.apply(
            probe.graph(),
            probe.input("x", Shape.of(2, 5), x),
            probe.input("logits", Shape.of(2, 5), logits),
            1);
    var results =
        probe.run(Map.of("g", result.logGate(), "u", result.rest()), Map.of("g", ones, "u", ones));
    results.forEach((name, values) -> {
      for (float value : values) {
        assertTrue(Float.isFinite(value), name);
      }
    });
    assertEquals(-100, results.get("g")[0], 1e-4);
    assertEquals(-30, results.get("g")[1], 1e-4);
    assertEquals(Math.log(0.75), results.get("g")[2], 1e-6);
    assertEquals(0, results.get("g")[4]);
  }

  @Test
  void referenceGradientIsDerivative() {
    int layers = 3;
    int columns = 2;
    double[] x = OpCheck.doubles(OpCheck.normal(1, 4 * columns));
    double[] logits = OpCheck.doubles(OpCheck.normal(2, layers * columns));
    double[] dG = OpCheck.doubles(OpCheck.normal(3, x.length));
    double[] dU = OpCheck.doubles(OpCheck.normal(4, x.length));
    for (int layer = 0; layer < layers; layer++) {
      int at = layer;
      var gradients = ForgetGateReference.backward(x, logits, dG, dU, at, layers, columns);
      OpCheck.assertGradient(
          "dX", p -> value(p, logits, dG, dU, at, layers, columns), x, gradients.dX());
      OpCheck.assertGradient(
          "dLogits", p -> value(x, p, dG, dU, at, layers, columns), logits, gradients.dLogits());
    }
  }

  private static double value(
      double[] x, double[] logits, double[] dG, double[] dU, int layer, int L, int D) {
    var y = ForgetGateReference.forward(x, ForgetGateReference.bound(logits, layer, L, D), D);
    return OpCheck.dot(dG, y.logGate()) + OpCheck.dot(dU, y.rest());
  }

  @Test
  void wrongShapesAreRefused() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.constant("x", Shape.of(2, 5), new float[10]);
    Tensor logits = probe.constant("logits", Shape.of(2, 5), new float[10]);
    Tensor wide = probe.constant("wide", Shape.of(2, 6), new float[12]);
    assertThrows(GraphException.class, () -> ForgetGateOp.apply(probe.graph(), x, logits, 2));
    assertThrows(GraphException.class, () -> ForgetGateOp.apply(probe.graph(), x, wide, 1));
  }
}
