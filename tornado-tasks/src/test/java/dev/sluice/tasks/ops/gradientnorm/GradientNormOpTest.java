package dev.sluice.tasks.ops.gradientnorm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientNormOpTest {
  private static final int[] SIZES = {1, 5, 20_000, 1024, 1025, 8191};

  static List<Trial> trials() {
    return OpCheck.trials(GradientNormOp.NAME, GradientNormImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    List<float[]> gradients = new ArrayList<>();
    for (int size : SIZES) {
      gradients.add(OpCheck.normal(size, size));
    }
    double expected =
        GradientNormReference.forward(gradients.stream().map(OpCheck::doubles).toList());
    OpCheck.assertClose("norm", new double[] {expected}, norm(trial, gradients), OpCheck.OUTPUT);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void isNotFiniteIfAGradientIsNot(Trial trial) {
    List<float[]> gradients = List.of(new float[3], new float[] {1.0f, Float.NaN});
    assertTrue(Float.isNaN(norm(trial, gradients)[0]));
    gradients.get(1)[1] = Float.NEGATIVE_INFINITY;
    assertEquals(Float.POSITIVE_INFINITY, norm(trial, gradients)[0]);
  }

  private static float[] norm(Trial trial, List<float[]> gradients) {
    Variables variables = new Variables();
    for (int i = 0; i < gradients.size(); i++) {
      variables.parameter(
          "p" + i, Shape.of(gradients.get(i).length), Initializer.constant(0.0f), true);
    }
    Graph graph = new Graph("norm", trial.device(), variables, trial.choices());
    Tensor norm = graph.output(GradientNormOp.apply(graph));
    try (Program program = Program.of(trial.device(), variables, List.of(graph))) {
      program.poison();
      int i = 0;
      for (Parameter parameter : variables.parameters()) {
        program.write(parameter.gradient(), gradients.get(i++));
      }
      program.run("norm");
      return program.read(norm);
    }
  }

  @Test
  void hostGivesTheSameBitsForAnyNumberOfThreads() {
    float[][] gradients = {OpCheck.normal(1, 50_001), OpCheck.normal(2, 9_000)};
    int[] sizes = {50_001, 8_999};
    float[] expected = new float[1];
    new GradientNormHost(gradients, sizes).run(Workers.of(1), expected);
    for (int threads = 2; threads <= 5; threads++) {
      float[] norm = new float[1];
      new GradientNormHost(gradients, sizes).run(Workers.of(threads), norm);
      assertArrayEquals(expected, norm);
    }
  }

  @Test
  void refusesAGraphWithoutParameters() {
    Graph graph = new Graph("empty", Devices.preferred(), new Variables(), Choices.automatic());
    var refused = assertThrows(GraphException.class, () -> GradientNormOp.apply(graph));
    assertEquals("graph 'empty' has no parameters; build the model first", refused.getMessage());
  }
}
