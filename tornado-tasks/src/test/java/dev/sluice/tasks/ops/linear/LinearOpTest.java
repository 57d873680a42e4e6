package dev.sluice.tasks.ops.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinearOpTest {
  static List<Trial> trials() {
    return OpCheck.trials(LinearOp.NAME, LinearImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    check(trial, 2, 3, 5, 7);
    check(trial, 3, 21, 60, 67);
    check(trial, 1, 1, 1, 1);
  }

  /// A sum long enough to be split into parts.
  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReferenceForManyRows(Trial trial) {
    check(trial, 4, 200, 17, 33);
  }

  private static void check(Trial trial, int batch, int time, int inputs, int outputs) {
    int rows = batch * time;
    float[] x = OpCheck.normal(1, rows * inputs);
    float[] w = OpCheck.normal(2, outputs * inputs);
    float[] bias = OpCheck.normal(3, outputs);
    float[] dY = OpCheck.normal(4, rows * outputs);
    OpProbe probe = trial.probe();
    Tensor tx = probe.input("x", Shape.of(batch, time, inputs), x);
    Tensor tw = probe.input("w", Shape.of(outputs, inputs), w);
    Tensor tb = probe.input("bias", Shape.of(outputs), bias);
    Tensor y = LinearOp.apply(probe.graph(), tx, tw, tb);
    assertEquals(Shape.of(batch, time, outputs), y.shape());
    var results = probe.run(Map.of("y", y), Map.of("y", dY));

    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    double[] dBias = new double[bias.length];
    LinearReference.backward(
        OpCheck.doubles(x),
        OpCheck.doubles(w),
        OpCheck.doubles(dY),
        dX,
        dW,
        dBias,
        rows,
        inputs,
        outputs);
    double[] expected =
        LinearReference.forward(
            OpCheck.doubles(x), OpCheck.doubles(w), OpCheck.doubles(bias), rows, inputs, outputs);
    OpCheck.assertClose("y", expected, results.get("y"), OpCheck.OUTPUT);
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", dW, results.get("grad/w"), OpCheck.GRADIENT);
    OpCheck.assertClose("dBias", dBias, results.get("grad/bias"), OpCheck.GRADIENT);
  }

  /// Two, as many as go together, and more; of the last nothing is used.
  @ParameterizedTest
  @MethodSource("trials")
  void severalOfOneInputAgreeWithReference(Trial trial) {
    checkTogether(trial, 63, 60, 7, 61);
    checkTogether(trial, 5, 3, 1, 4, 2, 3, 9);
    checkTogether(trial, 1, 16, 4, 5, 6, 7, 8, 9, 10);
  }

  private static void checkTogether(Trial trial, int rows, int inputs, int... outputs) {
    float[] x = OpCheck.normal(1, rows * inputs);
    OpProbe probe = trial.probe();
    Tensor tx = probe.input("x", Shape.of(rows, inputs), x);
    int used = outputs.length - 1;
    List<Tensor> weights = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      float[] w = OpCheck.normal(2 + i, outputs[i] * inputs);
      Shape shape = Shape.of(outputs[i], inputs);
      weights.add(i < used ? probe.input("w" + i, shape, w) : probe.constant("w" + i, shape, w));
    }
    List<Tensor> results = LinearOp.applyTogether(probe.graph(), tx, weights);
    Map<String, Tensor> named = new HashMap<>();
    Map<String, float[]> seeds = new HashMap<>();
    for (int i = 0; i < used; i++) {
      named.put("y" + i, results.get(i));
      seeds.put("y" + i, OpCheck.normal(20 + i, rows * outputs[i]));
    }
    var actual = probe.run(named, seeds);

    double[] sum = new double[x.length];
    for (int i = 0; i < used; i++) {
      double[] w = OpCheck.doubles(OpCheck.normal(2 + i, outputs[i] * inputs));
      double[] dX = new double[x.length];
      double[] dW = new double[w.length];
      double[] none = new double[outputs[i]];
      LinearReference.backward(
          OpCheck.doubles(x),
          w,
          OpCheck.doubles(seeds.get("y" + i)),
          dX,
          dW,
          none.clone(),
          rows,
          inputs,
          outputs[i]);
      for (int j = 0; j < sum.length; j++) {
        sum[j] += dX[j];
      }
      double[] y = LinearReference.forward(OpCheck.doubles(x), w, none, rows, inputs, outputs[i]);
      OpCheck.assertClose("y" + i, y, actual.get("y" + i), OpCheck.OUTPUT);
      OpCheck.assertClose("dW" + i, dW, actual.get("grad/w" + i), OpCheck.GRADIENT);
    }
    OpCheck.assertClose("dX", sum, actual.get("grad/x"), OpCheck.GRADIENT);
  }

  /// Both uses of one weight and of one input: later contributions are added.
  @ParameterizedTest
  @MethodSource("trials")
  void accumulatesGradients(Trial trial) {
    int rows = 9;
    int size = 6;
    float[] x = OpCheck.normal(1, rows * size);
    float[] w = OpCheck.normal(2, size * size);
    float[] dY = OpCheck.normal(3, rows * size);
    float[] dZ = OpCheck.normal(4, rows * size);
    OpProbe probe = trial.probe();
    Tensor tx = probe.input("x", Shape.of(rows, size), x);
    Tensor tw = probe.input("w", Shape.of(size, size), w);
    Tensor y = LinearOp.apply(probe.graph(), tx, tw, null);
    Tensor z = LinearOp.apply(probe.graph(), tx, tw, null);
    var results = probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dZ));

    double[] sum = OpCheck.doubles(dY);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += dZ[i];
    }
    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    LinearReference.backward(
        OpCheck.doubles(x), OpCheck.doubles(w), sum, dX, dW, new double[size], rows, size, size);
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
    OpCheck.assertClose("dW", dW, results.get("grad/w"), OpCheck.GRADIENT);
  }

  @Test
  void referenceGradientsAreDerivatives() {
    int rows = 4;
    int inputs = 3;
    int outputs = 5;
    double[] x = OpCheck.doubles(OpCheck.normal(1, rows * inputs));
    double[] w = OpCheck.doubles(OpCheck.normal(2, outputs * inputs));
    double[] bias = OpCheck.doubles(OpCheck.normal(3, outputs));
    double[] dY = OpCheck.doubles(OpCheck.normal(4, rows * outputs));
    double[] dX = new double[x.length];
    double[] dW = new double[w.length];
    double[] dBias = new double[bias.length];
    LinearReference.backward(x, w, dY, dX, dW, dBias, rows, inputs, outputs);
    OpCheck.assertGradient(
        "dX",
        p -> OpCheck.dot(dY, LinearReference.forward(p, w, bias, rows, inputs, outputs)),
        x,
        dX);
    OpCheck.assertGradient(
        "dW",
        p -> OpCheck.dot(dY, LinearReference.forward(x, p, bias, rows, inputs, outputs)),
        w,
        dW);
    OpCheck.assertGradient(
        "dBias",
        p -> OpCheck.dot(dY, LinearReference.forward(x, w, p, rows, inputs, outputs)),
        bias,
        dBias);
  }

  @Test
  void refusesAWeightOfOtherWidth() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", Shape.of(2, 3), new float[6]);
    Tensor w = probe.input("w", Shape.of(5, 4), new float[20]);
    var refused =
        assertThrows(GraphException.class, () -> LinearOp.apply(probe.graph(), x, w, null));
    assertEquals("tensor 'w' has shape [5, 4] where [5, 3] is needed", refused.getMessage());
  }
}
