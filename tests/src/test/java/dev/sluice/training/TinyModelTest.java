package dev.sluice.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.data.Dataset;
import dev.sluice.layers.SequenceContext;
import dev.sluice.models.LanguageModel;
import dev.sluice.models.MixerPattern;
import dev.sluice.models.ModelConfig;
import dev.sluice.models.SmallModels;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Program;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import dev.sluice.tasks.random.RandomStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The gradients of a whole model of every kind against differences of its loss.
class TinyModelTest {
  private static final int VOCABULARY = 11;
  private static final int WIDTH = 8;
  private static final int BATCH = 2;
  private static final int LENGTH = 5;
  private static final long SEED = 3;

  /// A central difference leaves the third derivative times the square of the step.
  private static final double RELATIVE = 2e-2;

  /// The loss is a float32 near 2.5, half an ulp of it 1.2e-7; over twice the least step.
  private static final double ROUNDING = 2e-5;

  /// The change of the loss that a step aims at: far above rounding, small enough to be nearly
  /// linear.
  private static final double CHANGE = 4e-3;

  private static final double LARGEST_STEP = 0.1;
  private static final double LEAST_STEP = 5e-3;

  static List<String> patterns() {
    return SmallModels.patterns();
  }

  @ParameterizedTest
  @MethodSource("patterns")
  void gradientsAreThoseOfTheLoss(String pattern) {
    // A second layer makes the loss more curved than differences of float32 can follow, but the
    // lower bounds of HGRN have no gradient before it.
    int layers = pattern.startsWith("hgrn") ? 2 : MixerPattern.parse(pattern).period().size();
    assertGradients(SmallModels.of(pattern, VOCABULARY, WIDTH, layers, 0.3));
  }

  @Test
  void tiedTableGetsBothGradients() {
    assertGradients(SmallModels.tied(SmallModels.of("gla", VOCABULARY, WIDTH, 1, 0.3)));
  }

  private static void assertGradients(ModelConfig config) {
    try (Fixture model = new Fixture(config)) {
      model.program.poison();
      model.program.run("step");
      float loss = model.program.read(model.stepLoss)[0];
      assertEquals(loss, model.loss(), ROUNDING);
      for (Parameter parameter : model.program.variables().parameters()) {
        model.check(parameter);
      }
    }
  }

  /// A step graph, and a graph of the loss alone so that differences leave the gradients as they
  /// are.
  private static final class Fixture implements AutoCloseable {
    private final Program program;
    private final Tensor stepLoss;
    private final Tensor plainLoss;

    Fixture(ModelConfig config) {
      LanguageModel model = new LanguageModel(config);
      Device device = Devices.preferred();
      Variables variables = new Variables();
      Graph step = new Graph("step", device, variables, Choices.automatic());
      stepLoss = step.output(loss(model, step));
      Tensor seed = step.input("loss_gradient", Shape.of(1), ElementType.FLOAT32);
      step.backward(Map.of(stepLoss, seed));
      Graph plain = new Graph("loss", device, variables, Choices.automatic());
      plainLoss = plain.output(loss(model, plain));
      program = Program.of(device, variables, List.of(step, plain));
      program.initialize(SEED);
      program.write(seed, 1f);
      fill(step);
      fill(plain);
    }

    private static Tensor loss(LanguageModel model, Graph graph) {
      Shape shape = Shape.of(BATCH, LENGTH);
      return model.loss(
          graph,
          graph.input("ids", shape, ElementType.INT32),
          graph.input("labels", shape, ElementType.INT32),
          graph.input("label_scale", Shape.of(1), ElementType.FLOAT32),
          SequenceContext.whole());
    }

    private void fill(Graph graph) {
      RandomStream random = new RandomStream(SEED, 1, 0);
      int[] ids = new int[BATCH * LENGTH];
      int[] labels = new int[ids.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = random.below(VOCABULARY);
        labels[i] = random.below(VOCABULARY);
      }
      labels[3] = Dataset.IGNORED;
      program.write(graph.inputs().get("ids"), ids);
      program.write(graph.inputs().get("labels"), labels);
      program.write(graph.inputs().get("label_scale"), 1f / (labels.length - 1));
    }

    float loss() {
      program.run("loss");
      return program.read(plainLoss)[0];
    }

    /// The derivative along the sum of the gradient's direction, which makes it large, and a random
    /// one, so that a wrong part of the gradient shows wherever it is.
    void check(Parameter parameter) {
      float[] gradient = program.read(parameter.gradient());
      double[] direction = direction(gradient);
      double expected = 0;
      for (int i = 0; i < gradient.length; i++) {
        expected += gradient[i] * direction[i];
      }
      assertTrue(expected > 0, () -> parameter.name() + " has no gradient");
      double step = Math.clamp(CHANGE / expected, LEAST_STEP, LARGEST_STEP);
      float[] values = program.read(parameter.value());
      double above = lossAt(parameter, values, direction, step);
      double below = lossAt(parameter, values, direction, -step);
      program.write(parameter.value(), values);
      assertEquals(
          (above - below) / (2 * step), expected, RELATIVE * expected + ROUNDING, parameter.name());
    }

    private double lossAt(Parameter parameter, float[] values, double[] direction, double step) {
      float[] moved = new float[values.length];
      for (int i = 0; i < moved.length; i++) {
        moved[i] = (float) (values[i] + step * direction[i]);
      }
      program.write(parameter.value(), moved);
      return loss();
    }

    private static double[] direction(float[] gradient) {
      RandomStream random = new RandomStream(SEED, 2, gradient.length);
      double norm = 0;
      for (float value : gradient) {
        norm += (double) value * value;
      }
      double[] direction = new double[gradient.length];
      double square = 0;
      for (int i = 0; i < direction.length; i++) {
        double sign = random.below(2) == 0 ? -1 : 1;
        direction[i] = gradient[i] / Math.sqrt(norm) + 0.5 * sign / Math.sqrt(direction.length);
        square += direction[i] * direction[i];
      }
      for (int i = 0; i < direction.length; i++) {
        direction[i] /= Math.sqrt(square);
      }
      return direction;
    }

    @Override
    public void close() {
      program.close();
    }
  }
}
