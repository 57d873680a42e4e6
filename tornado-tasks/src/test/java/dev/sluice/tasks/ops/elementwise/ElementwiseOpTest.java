package dev.sluice.tasks.ops.elementwise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ElementwiseOpTest {
  private static final int ROWS = 37;
  private static final int COLUMNS = 29;
  private static final int SIZE = ROWS * COLUMNS;
  private static final Shape SHAPE = Shape.of(ROWS, COLUMNS);

  private record Case(
      String name,
      BiFunction<Graph, Tensor, Tensor> op,
      DoubleUnaryOperator value,
      DoubleUnaryOperator derivative) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Case> FUNCTIONS =
      List.of(
          new Case(
              "silu",
              ElementwiseOp::silu,
              ElementwiseReference::silu,
              ElementwiseReference::siluDerivative),
          new Case(
              "gelu",
              ElementwiseOp::gelu,
              ElementwiseReference::gelu,
              ElementwiseReference::geluDerivative),
          new Case(
              "sigmoid",
              ElementwiseOp::sigmoid,
              ElementwiseReference::sigmoid,
              ElementwiseReference::sigmoidDerivative),
          new Case(
              "logSigmoid",
              ElementwiseOp::logSigmoid,
              ElementwiseReference::logSigmoid,
              ElementwiseReference::logSigmoidDerivative),
          new Case(
              "softplus",
              ElementwiseOp::softplus,
              ElementwiseReference::softplus,
              ElementwiseReference::softplusDerivative),
          new Case(
              "exp",
              ElementwiseOp::exp,
              ElementwiseReference::exp,
              ElementwiseReference::expDerivative),
          new Case(
              "tanh",
              ElementwiseOp::tanh,
              ElementwiseReference::tanh,
              ElementwiseReference::tanhDerivative),
          new Case(
              "relu",
              ElementwiseOp::relu,
              ElementwiseReference::relu,
              ElementwiseReference::reluDerivative),
          new Case(
              "eluPlusOne",
              ElementwiseOp::eluPlusOne,
              ElementwiseReference::eluPlusOne,
              ElementwiseReference::eluPlusOneDerivative));

  private static final List<Trial> TRIALS =
      OpCheck.trials(ElementwiseOp.NAME, ElementwiseImplementation.class);

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void functionsAgreeWithReference(Case function) {
    for (Trial trial : TRIALS) {
      // Up to about ±20, where the functions reach their limits.
      float[] x = OpCheck.normal(1, SIZE);
      for (int i = 0; i < SIZE; i += 3) {
        x[i] *= 6.0f;
      }
      float[] dY = OpCheck.normal(2, SIZE);
      OpProbe probe = trial.probe();
      Tensor y = function.op().apply(probe.graph(), probe.input("x", SHAPE, x));
      var results = probe.run(Map.of("y", y), Map.of("y", dY));
      double[] expected = Arrays.stream(OpCheck.doubles(x)).map(function.value()).toArray();
      double[] dX = Arrays.stream(OpCheck.doubles(x)).map(function.derivative()).toArray();
      for (int i = 0; i < SIZE; i++) {
        dX[i] *= dY[i];
      }
      OpCheck.assertClose(trial + " y", expected, results.get("y"), OpCheck.OUTPUT);
      OpCheck.assertClose(trial + " dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
    }
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void extremesStayFinite(Case function) {
    float[] x = {-100.0f, -30.0f, 0.0f, 30.0f, 80.0f};
    for (Trial trial : TRIALS) {
      OpProbe probe = trial.probe();
      Tensor y = function.op().apply(probe.graph(), probe.constant("x", Shape.of(5), x));
      float[] values = probe.run(Map.of("y", y), Map.of()).get("y");
      double[] expected = Arrays.stream(OpCheck.doubles(x)).map(function.value()).toArray();
      for (int i = 0; i < x.length; i++) {
        assertEquals(
            expected[i], values[i], OpCheck.OUTPUT * (1.0 + Math.abs(expected[i])), trial.name());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("FUNCTIONS")
  void referenceDerivativesAreDerivatives(Case function) {
    double[] x = {-9.0, -4.1, -2.0, -0.3, 0.2, 1.7, 3.4, 3.7, 8.0};
    for (double point : x) {
      OpCheck.assertGradient(
          function.name() + " at " + point,
          p -> function.value().applyAsDouble(p[0]),
          new double[] {point},
          new double[] {function.derivative().applyAsDouble(point)});
    }
  }

  @Test
  void sumsAndProductsAgreeWithReference() {
    for (Trial trial : TRIALS) {
      float[] a = OpCheck.normal(1, SIZE);
      float[] b = OpCheck.normal(2, SIZE);
      float[] v = OpCheck.normal(3, COLUMNS);
      float[] dY = OpCheck.normal(4, SIZE);
      OpProbe probe = trial.probe();
      Graph graph = probe.graph();
      Tensor ta = probe.input("a", SHAPE, a);
      Tensor tb = probe.input("b", SHAPE, b);
      Tensor tv = probe.input("v", Shape.of(COLUMNS), v);
      // y = ((a + b)·a·3 + v)·v uses a and v twice.
      Tensor sum = ElementwiseOp.add(graph, ta, tb);
      Tensor product = ElementwiseOp.scale(graph, ElementwiseOp.multiply(graph, sum, ta), 3.0f);
      Tensor y = ElementwiseOp.multiplyRow(graph, ElementwiseOp.addRow(graph, product, tv), tv);
      var results = probe.run(Map.of("y", y), Map.of("y", dY));

      double[] expected = new double[SIZE];
      double[] dA = new double[SIZE];
      double[] dB = new double[SIZE];
      double[] dV = new double[COLUMNS];
      for (int i = 0; i < SIZE; i++) {
        int d = i % COLUMNS;
        double before = ((double) a[i] + b[i]) * a[i] * 3.0 + v[d];
        expected[i] = before * v[d];
        dA[i] = dY[i] * v[d] * 3.0 * (2.0 * a[i] + b[i]);
        dB[i] = dY[i] * v[d] * 3.0 * a[i];
        dV[d] += dY[i] * (before + v[d]);
      }
      OpCheck.assertClose("y", expected, results.get("y"), OpCheck.OUTPUT);
      OpCheck.assertClose("dA", dA, results.get("grad/a"), OpCheck.GRADIENT);
      OpCheck.assertClose("dB", dB, results.get("grad/b"), OpCheck.GRADIENT);
      OpCheck.assertClose("dV", dV, results.get("grad/v"), OpCheck.GRADIENT);
    }
  }

  @Test
  void refusesOperandsOfDifferentShapes() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor a = probe.input("a", Shape.of(2, 3), new float[6]);
    Tensor b = probe.input("b", Shape.of(3, 2), new float[6]);
    var refused =
        assertThrows(GraphException.class, () -> ElementwiseOp.multiply(probe.graph(), a, b));
    assertEquals("tensor 'b' has shape [3, 2] where [2, 3] is needed", refused.getMessage());
  }
}
