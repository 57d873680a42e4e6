package dev.sluice.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.graph.Variables;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseConvLayerTest {
  private static final double SPREAD = 0.5;
  private static final int WIDTH = 4;
  private static final int LONGEST = 12;
  private static final int HIDDEN = 16;

  private static BaseConvLayer layer(int kernel) {
    return new BaseConvLayer(WIDTH, kernel, LONGEST, Initializers.normal(0.3));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, BaseConvLayer.LONG})
  void agreesWithPlainLoops(int kernel) {
    LayerCheck.batch(layer(kernel), 2, 6, WIDTH, SPREAD)
        .against((parameters, x) -> reference(parameters, x, kernel));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, BaseConvLayer.LONG})
  void packedSequencesAreSeparate(int kernel) {
    LayerCheck.packed(layer(kernel), WIDTH, SPREAD, 0, 3, 3, 4, 9, 9)
        .against((parameters, x) -> reference(parameters, x, kernel));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, BaseConvLayer.LONG})
  void piecesGiveTheWhole(int kernel) {
    LayerCheck.batch(layer(kernel), 2, LONGEST, WIDTH, SPREAD).inPieces(5, 2);
    LayerCheck.batch(layer(kernel), 1, 4, WIDTH, SPREAD).inPieces(1, 1);
  }

  @Test
  void aPieceMayHaveRoomForMoreThanASequence() {
    Graph graph = new Graph("layer", Devices.preferred(), new Variables(), Choices.automatic());
    SequenceContext context = SequenceContext.continued(graph, 100, LONGEST + 1);
    Tensor x = graph.activation("x", Shape.of(1, LONGEST + 1, WIDTH));
    layer(BaseConvLayer.LONG).forward(Scope.root(graph), x, context);
    SequenceContext.Limit limit = context.limit();
    assertEquals(LONGEST, limit == null ? 0 : limit.steps());
  }

  @Test
  void longerSequencesAreRefused() {
    LayerCheck tooLong = LayerCheck.batch(layer(BaseConvLayer.LONG), 1, 13, WIDTH, SPREAD);
    GraphException thrown = assertThrows(GraphException.class, () -> tooLong.inPieces(2, 1));
    assertEquals(
        "a long kernel for sequences of at most 12 steps cannot read 13; make it longer, or the sequences shorter",
        thrown.getMessage());
  }

  private static double[] reference(Map<String, double[]> p, double[] x, int kernel) {
    double[] convolved;
    if (kernel == BaseConvLayer.LONG) {
      convolved = withLongKernel(p, x);
    } else {
      convolved = Plain.convolve(x, p.get("conv.conv.weight"), p.get("conv.conv.bias"), WIDTH);
    }
    double[] y =
        Plain.multiply(
            convolved,
            LayerCheck.linear(x, p.get("projection.weight"), p.get("projection.bias"), WIDTH));
    for (int i = 0; i < y.length; i++) {
      y[i] += x[i];
    }
    return y;
  }

  private static double[] withLongKernel(Map<String, double[]> p, double[] x) {
    int steps = x.length / WIDTH;
    double[] features = new double[3 * steps];
    for (int t = 0; t < steps; t++) {
      double phase = 1e-4 * 2 * Math.PI * t / LONGEST;
      features[3 * t] = t / (LONGEST - 1.0);
      features[3 * t + 1] = Math.cos(phase);
      features[3 * t + 2] = -Math.sin(phase);
    }
    double[] hidden =
        LayerCheck.linear(features, p.get("conv.mlp.0.weight"), p.get("conv.mlp.0.bias"), 3);
    for (int i = 0; i < hidden.length; i++) {
      hidden[i] = Math.max(hidden[i], 0);
    }
    double[] filter =
        LayerCheck.linear(hidden, p.get("conv.mlp.2.weight"), p.get("conv.mlp.2.bias"), HIDDEN);
    double[] y = x.clone();
    for (int row = 0; row < x.length / WIDTH; row++) {
      for (int d = 0; d < WIDTH; d++) {
        for (int back = 0; back <= row; back++) {
          y[row * WIDTH + d] += filter[back * WIDTH + d] * x[(row - back) * WIDTH + d];
        }
      }
    }
    return y;
  }
}
