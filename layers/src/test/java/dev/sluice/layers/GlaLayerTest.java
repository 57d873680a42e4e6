package dev.sluice.layers;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Gated linear attention with all its options against plain loops.
class GlaLayerTest {
  private static final int WIDTH = 6;
  private static final int HEADS = 4;
  private static final int K = 3;
  private static final int V = 2;
  private static final double SPREAD = 0.5;
  private static final float EPS = 1e-5f;

  static Stream<GlaLayer.Settings> settings() {
    return Stream.of(
        settings(HEADS, 0, Activation.IDENTITY, null, true, true),
        settings(2, 3, Activation.RELU, -0.04f, true, false),
        settings(1, 0, Activation.SIGMOID, null, false, true));
  }

  private static GlaLayer.Settings settings(
      int keyHeads,
      int convolution,
      Activation map,
      Float leastGate,
      boolean gated,
      boolean fused) {
    return new GlaLayer.Settings(
        WIDTH,
        HEADS * K,
        HEADS * V,
        HEADS,
        keyHeads,
        convolution,
        map,
        leastGate,
        gated,
        fused,
        EPS,
        Initializers.zeros());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void batchIsTheReference(GlaLayer.Settings settings) {
    LayerCheck.batch(new GlaLayer(settings), 2, 7, WIDTH, SPREAD)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void packedSequencesDoNotSeeEachOther(GlaLayer.Settings settings) {
    LayerCheck.packed(new GlaLayer(settings), WIDTH, SPREAD, 0, 1, 1, 8, 11)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void piecesGiveTheWhole(GlaLayer.Settings settings) {
    LayerCheck.batch(new GlaLayer(settings), 2, 23, WIDTH, SPREAD).inPieces(5, 3);
  }

  private static double[] reference(GlaLayer.Settings s, Map<String, double[]> p, double[] x) {
    double[] q = map(s, project(p, "q", x));
    double[] k = map(s, project(p, "k", x));
    double[] v = project(p, "v", x);
    double[] low = LayerCheck.linear(x, p.get("gk_proj.0.weight"), null, WIDTH);
    double[] gate = LayerCheck.linear(low, p.get("gk_proj.1.weight"), p.get("gk_proj.1.bias"), 16);
    double[] o = new double[q.length / K * V];
    double[] state = new double[HEADS * K * V];
    for (int row = 0; row < q.length / K; row++) {
      int head = row % HEADS;
      int key = row / HEADS * s.keyHeads() + head * s.keyHeads() / HEADS;
      for (int i = 0; i < K; i++) {
        double log = -Plain.softplus(-gate[key * K + i]) / 16;
        Float least = s.leastGate();
        double keep = Math.exp(least == null ? log : Math.max(log, least));
        for (int j = 0; j < V; j++) {
          int at = (head * K + i) * V + j;
          state[at] = keep * state[at] + k[key * K + i] * v[key * V + j];
          o[row * V + j] += q[row * K + i] / Math.sqrt(K) * state[at];
        }
      }
    }
    String norm = s.outputGate() && s.fusedNorm() ? "g_norm_swish_gate" : "g_norm";
    double[] y = LayerCheck.rmsNorm(o, p.get(norm + ".weight"), EPS);
    if (s.outputGate()) {
      y = Plain.multiply(y, Plain.silu(LayerCheck.linear(x, p.get("g_proj.weight"), null, WIDTH)));
    }
    return LayerCheck.linear(y, p.get("o_proj.weight"), null, HEADS * V);
  }

  private static double[] map(GlaLayer.Settings s, double[] x) {
    double[] y = new double[x.length];
    Arrays.setAll(
        y,
        i ->
            switch (s.map()) {
              case RELU -> Math.max(x[i], 0);
              case SIGMOID -> LayerCheck.sigmoid(x[i]);
              default -> x[i];
            });
    return y;
  }

  private static double[] project(Map<String, double[]> p, String name, double[] x) {
    double[] weight = p.get(name + "_proj.weight");
    double[] y = LayerCheck.linear(x, weight, null, WIDTH);
    double[] kernel = p.get(name + "_conv1d.weight");
    return kernel == null ? y : Plain.silu(Plain.convolve(y, kernel, null, weight.length / WIDTH));
  }
}
