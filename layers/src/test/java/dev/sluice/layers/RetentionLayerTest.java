package dev.sluice.layers;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.graph.GraphException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RetentionLayerTest {
  private static final int WIDTH = 10;
  private static final int KEYS = 12;
  private static final int VALUES = 20;
  private static final int HEADS = 2;
  private static final double SPREAD = 0.4;
  private static final float EPS = 1e-5f;

  static Stream<RetentionLayer.Settings> settings() {
    return Stream.of(
        settings(HEADS, Activation.IDENTITY, true, true),
        settings(1, Activation.SILU, true, false),
        settings(1, Activation.IDENTITY, false, true));
  }

  private static RetentionLayer.Settings settings(
      int keyHeads, Activation map, boolean gate, boolean fused) {
    return new RetentionLayer.Settings(
        WIDTH, KEYS, VALUES, HEADS, keyHeads, map, gate, fused, EPS, Initializers.zeros());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void batchIsTheReference(RetentionLayer.Settings settings) {
    LayerCheck.batch(new RetentionLayer(settings), 2, 7, WIDTH, SPREAD)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void packedSequencesDoNotSeeEachOther(RetentionLayer.Settings settings) {
    LayerCheck.packed(new RetentionLayer(settings), WIDTH, SPREAD, 0, 1, 1, 8, 11)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void piecesGiveTheWhole(RetentionLayer.Settings settings) {
    LayerCheck.batch(new RetentionLayer(settings), 2, 23, WIDTH, SPREAD).inPieces(5, 3);
  }

  @Test
  void oddKeysAreRefused() {
    GraphException error =
        assertThrows(
            GraphException.class,
            () ->
                new RetentionLayer.Settings(
                    WIDTH,
                    6,
                    VALUES,
                    HEADS,
                    HEADS,
                    Activation.IDENTITY,
                    true,
                    true,
                    EPS,
                    Initializers.zeros()));
    assertTrue(error.getMessage().contains("6 keys"), error.getMessage());
  }

  private static double[] reference(
      RetentionLayer.Settings s, Map<String, double[]> p, double[] x) {
    int keySize = KEYS / HEADS;
    int valueSize = VALUES / HEADS;
    int keyHeads = s.keyHeads();
    double[] q = LayerCheck.linear(x, p.get("q_proj.weight"), null, WIDTH);
    double[] k = LayerCheck.linear(x, p.get("k_proj.weight"), null, WIDTH);
    double[] v = LayerCheck.linear(x, p.get("v_proj.weight"), null, WIDTH);
    if (s.map() == Activation.SILU) {
      q = Plain.silu(q);
      k = Plain.silu(k);
    }
    q = LayerCheck.rotary(q, HEADS, keySize, 10000);
    k = LayerCheck.rotary(k, keyHeads, keySize, 10000);
    int steps = x.length / WIDTH;
    double[] o = new double[steps * VALUES];
    for (int h = 0; h < HEADS; h++) {
      int keyHead = h * keyHeads / HEADS;
      double decay = 1 - Math.pow(2, -5 - h);
      for (int t = 0; t < steps; t++) {
        for (int r = 0; r <= t; r++) {
          double score = 0;
          for (int i = 0; i < keySize; i++) {
            score += q[(t * HEADS + h) * keySize + i] * k[(r * keyHeads + keyHead) * keySize + i];
          }
          score *= Math.pow(decay, t - r) / Math.sqrt(keySize);
          for (int i = 0; i < valueSize; i++) {
            o[(t * HEADS + h) * valueSize + i] +=
                score * v[(r * keyHeads + keyHead) * valueSize + i];
          }
        }
      }
    }
    boolean fused = s.outputGate() && s.fusedNorm();
    o = LayerCheck.rmsNorm(o, p.get(fused ? "g_norm_swish_gate.weight" : "g_norm.weight"), EPS);
    if (s.outputGate()) {
      double[] gate = LayerCheck.linear(x, p.get("g_proj.weight"), null, WIDTH);
      for (int i = 0; i < o.length; i++) {
        o[i] *= gate[i] * LayerCheck.sigmoid(gate[i]);
      }
    }
    return LayerCheck.linear(o, p.get("o_proj.weight"), null, VALUES);
  }
}
