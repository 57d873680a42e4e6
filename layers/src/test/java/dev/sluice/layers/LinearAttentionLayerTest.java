package dev.sluice.layers;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LinearAttentionLayerTest {
  private static final int WIDTH = 10;
  private static final int KEYS = 8;
  private static final int VALUES = 12;
  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int KEY_SIZE = KEYS / HEADS;
  private static final int VALUE_SIZE = VALUES / HEADS;
  private static final double SPREAD = 0.6;
  private static final float EPS = 1e-5f;

  private static Mixer layer(FeatureMap map) {
    return new LinearAttentionLayer(
        new LinearAttentionLayer.Settings(
            WIDTH, KEYS, VALUES, HEADS, KEY_HEADS, map, EPS, Initializers.zeros()));
  }

  @ParameterizedTest
  @EnumSource(FeatureMap.class)
  void batchIsTheReference(FeatureMap map) {
    LayerCheck.batch(layer(map), 2, 7, WIDTH, SPREAD).against((p, x) -> reference(map, p, x));
  }

  @ParameterizedTest
  @EnumSource(FeatureMap.class)
  void packedSequencesDoNotSeeEachOther(FeatureMap map) {
    LayerCheck.packed(layer(map), WIDTH, SPREAD, 0, 1, 1, 8, 11)
        .against((p, x) -> reference(map, p, x));
  }

  @ParameterizedTest
  @EnumSource(FeatureMap.class)
  void piecesGiveTheWhole(FeatureMap map) {
    LayerCheck.batch(layer(map), 2, 23, WIDTH, SPREAD).inPieces(5, 3);
  }

  private static double[] reference(FeatureMap map, Map<String, double[]> p, double[] x) {
    double[] q = LayerCheck.linear(x, p.get("q_proj.weight"), null, WIDTH);
    double[] k = LayerCheck.linear(x, p.get("k_proj.weight"), null, WIDTH);
    double[] v = LayerCheck.linear(x, p.get("v_proj.weight"), null, WIDTH);
    q = mapped(map, p, "feature_map_q.", q);
    k = mapped(map, p, "feature_map_k.", k);
    int steps = x.length / WIDTH;
    double[] o = new double[steps * VALUES];
    for (int h = 0; h < HEADS; h++) {
      int keyHead = h * KEY_HEADS / HEADS;
      for (int t = 0; t < steps; t++) {
        for (int r = 0; r <= t; r++) {
          int key = r * KEY_HEADS + keyHead;
          double score = 0;
          for (int i = 0; i < KEY_SIZE; i++) {
            score += q[(t * HEADS + h) * KEY_SIZE + i] * k[key * KEY_SIZE + i];
          }
          for (int i = 0; i < VALUE_SIZE; i++) {
            o[(t * HEADS + h) * VALUE_SIZE + i] +=
                score / Math.sqrt(KEY_SIZE) * v[key * VALUE_SIZE + i];
          }
        }
      }
    }
    return LayerCheck.linear(
        LayerCheck.rmsNorm(o, p.get("norm.weight"), EPS), p.get("o_proj.weight"), null, VALUES);
  }

  private static double[] mapped(
      FeatureMap map, Map<String, double[]> p, String scope, double[] x) {
    return switch (map) {
      case IDENTITY -> x;
      case RELU -> relu(x);
      case ELU -> Arrays.stream(x).map(v -> v > 0 ? v + 1 : Math.exp(v)).toArray();
      case T2R -> relu(LayerCheck.linear(x, p.get(scope + "layer.weight"), null, KEY_SIZE));
      case ELEMENTWISE_PRODUCT ->
          Plain.multiply(affine(p, scope + "layer1.", x), affine(p, scope + "layer2.", x));
    };
  }

  private static double[] affine(Map<String, double[]> p, String scope, double[] x) {
    return LayerCheck.linear(x, p.get(scope + "weight"), p.get(scope + "bias"), KEY_SIZE);
  }

  private static double[] relu(double[] x) {
    return Arrays.stream(x).map(v -> Math.max(v, 0)).toArray();
  }
}
