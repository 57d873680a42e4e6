package dev.sluice.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.graph.Choices;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Variables;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionLayerTest {
  private static final int WIDTH = 12;
  private static final int HEADS = 2;
  private static final int SIZE = WIDTH / HEADS;
  private static final float BASE = 100;
  private static final double SPREAD = 0.4;
  private static final double EPS = 1e-5;

  static Stream<AttentionLayer.Settings> settings() {
    return Stream.of(
        settings(HEADS, false, false, 0, AttentionLayer.Gate.NONE),
        settings(1, true, true, 4, AttentionLayer.Gate.HEAD),
        settings(1, false, true, 0, AttentionLayer.Gate.ELEMENT));
  }

  private static AttentionLayer.Settings settings(
      int keyHeads, boolean bias, boolean normalized, int window, AttentionLayer.Gate gate) {
    return new AttentionLayer.Settings(
        WIDTH, HEADS, keyHeads, bias, normalized, window, BASE, gate, Initializers.zeros());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void batchIsTheReference(AttentionLayer.Settings settings) {
    LayerCheck.batch(new AttentionLayer(settings), 2, 7, WIDTH, SPREAD)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void packedSequencesDoNotSeeEachOther(AttentionLayer.Settings settings) {
    LayerCheck.packed(new AttentionLayer(settings), WIDTH, SPREAD, 0, 1, 1, 8, 11)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void piecesGiveTheWhole(AttentionLayer.Settings settings) {
    LayerCheck.batch(new AttentionLayer(settings), 2, 23, WIDTH, SPREAD).inPieces(5, 3);
  }

  @ParameterizedTest
  @EnumSource(AttentionLayer.Gate.class)
  void gateHasItsParameter(AttentionLayer.Gate gate) {
    int gates =
        switch (gate) {
          case NONE -> 0;
          case HEAD -> HEADS;
          case ELEMENT -> WIDTH;
        };
    Variables variables = new Variables();
    Graph graph = new Graph("layer", Devices.preferred(), variables, Choices.automatic());
    new AttentionLayer(settings(HEADS, false, false, 0, gate))
        .forward(
            Scope.root(graph).child("attn"),
            graph.activation("x", dev.sluice.tasks.graph.Shape.of(1, 3, WIDTH)),
            SequenceContext.whole());
    var parameter = variables.findParameter("attn.g_proj.weight");
    assertEquals(gates * WIDTH, parameter == null ? 0 : parameter.value().size());
  }

  @Test
  void windowBoundsTheCacheAndNotTheSequence() {
    Graph graph = new Graph("layer", Devices.preferred(), new Variables(), Choices.automatic());
    SequenceContext context = SequenceContext.continued(graph, 100, 8);
    assertEquals(16 + 8 - 1, context.cacheSlots(16));
    assertNull(context.limit());
    assertEquals(100, context.cacheSlots(94));
    assertEquals(100, limit(context));
    SequenceContext small = SequenceContext.continued(graph, 3, 8);
    assertEquals(8, small.cacheSlots(0));
    assertEquals(3, limit(small));
  }

  private static int limit(SequenceContext context) {
    SequenceContext.Limit limit = context.limit();
    return limit == null ? 0 : limit.steps();
  }

  @Test
  void headsThatDoNotDivideAreRefused() {
    List<int[]> wrong = List.of(new int[] {5, 1}, new int[] {4, 1}, new int[] {3, 2});
    for (int[] heads : wrong) {
      GraphException error =
          assertThrows(
              GraphException.class,
              () ->
                  new AttentionLayer.Settings(
                      WIDTH,
                      heads[0],
                      heads[1],
                      false,
                      false,
                      0,
                      BASE,
                      AttentionLayer.Gate.NONE,
                      Initializers.zeros()));
      assertTrue(error.getMessage().contains(heads[0] + " "), error.getMessage());
    }
  }

  private static double[] reference(
      AttentionLayer.Settings s, Map<String, double[]> p, double[] x) {
    int keyHeads = s.keyHeads();
    double[] q = LayerCheck.linear(x, p.get("q_proj.weight"), p.get("q_proj.bias"), WIDTH);
    double[] k = LayerCheck.linear(x, p.get("k_proj.weight"), p.get("k_proj.bias"), WIDTH);
    double[] v = LayerCheck.linear(x, p.get("v_proj.weight"), p.get("v_proj.bias"), WIDTH);
    if (s.normalized()) {
      q = LayerCheck.rmsNorm(q, p.get("q_norm.weight"), EPS);
      k = LayerCheck.rmsNorm(k, p.get("k_norm.weight"), EPS);
    }
    q = LayerCheck.rotary(q, HEADS, SIZE, BASE);
    k = LayerCheck.rotary(k, keyHeads, SIZE, BASE);
    double[] o = new double[x.length];
    for (int t = 0; t < x.length / WIDTH; t++) {
      for (int h = 0; h < HEADS; h++) {
        int query = t * WIDTH + h * SIZE;
        int first = s.window() == 0 ? 0 : Math.max(0, t - s.window() + 1);
        double sum = 0;
        for (int r = first; r <= t; r++) {
          int key = (r * keyHeads + h * keyHeads / HEADS) * SIZE;
          double score = 0;
          for (int d = 0; d < SIZE; d++) {
            score += q[query + d] * k[key + d];
          }
          double weight = Math.exp(score / Math.sqrt(SIZE));
          sum += weight;
          for (int d = 0; d < SIZE; d++) {
            o[query + d] += weight * v[key + d];
          }
        }
        for (int d = 0; d < SIZE; d++) {
          o[query + d] /= sum;
        }
      }
    }
    if (s.gate() != AttentionLayer.Gate.NONE) {
      double[] gate = LayerCheck.linear(x, p.get("g_proj.weight"), null, WIDTH);
      int each = x.length / gate.length;
      for (int i = 0; i < o.length; i++) {
        o[i] *= LayerCheck.sigmoid(gate[i / each]);
      }
    }
    return LayerCheck.linear(o, p.get("o_proj.weight"), null, WIDTH);
  }
}
