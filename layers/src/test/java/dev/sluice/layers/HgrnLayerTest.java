package dev.sluice.layers;

import dev.sluice.tasks.graph.Shape;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HgrnLayerTest {
  private static final int WIDTH = 6;
  private static final int INNER = 9;
  private static final int LAYERS = 3;
  private static final double SPREAD = 0.5;
  private static final float EPS = 1e-5f;
  private static final String BOUNDS = "lower_bounds";

  /// @param layer −1 for no bounds
  private record Case(int layer, int convolution) {
    Mixer mixer() {
      return (scope, x, sequence) ->
          new HgrnLayer(
                  new HgrnLayer.Settings(
                      WIDTH, INNER, convolution, Math.max(layer, 0), EPS, Initializers.zeros()),
                  layer < 0
                      ? null
                      : scope.parameter(BOUNDS, Shape.of(LAYERS, INNER), Initializers.zeros()))
              .forward(scope, x, sequence);
    }
  }

  static Stream<Case> cases() {
    return Stream.of(new Case(-1, 0), new Case(0, 0), new Case(1, 4), new Case(2, 0));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void batchIsTheReference(Case c) {
    LayerCheck.batch(c.mixer(), 2, 7, WIDTH, SPREAD).against((p, x) -> reference(c, p, x));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void packedSequencesDoNotSeeEachOther(Case c) {
    LayerCheck.packed(c.mixer(), WIDTH, SPREAD, 0, 1, 1, 8, 11)
        .against((p, x) -> reference(c, p, x));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void piecesGiveTheWhole(Case c) {
    LayerCheck.batch(c.mixer(), 2, 23, WIDTH, SPREAD).inPieces(5, 3);
  }

  private static double[] reference(Case c, Map<String, double[]> p, double[] x) {
    double[] f = LayerCheck.linear(x, p.get("f_proj.weight"), null, WIDTH);
    double[] i = LayerCheck.linear(x, p.get("i_proj.weight"), null, WIDTH);
    if (c.convolution() > 0) {
      f = Plain.convolve(f, p.get("f_conv1d.weight"), null, INNER);
      i = Plain.convolve(i, p.get("i_conv1d.weight"), null, INNER);
    }
    i = Plain.silu(i);
    double[] h = new double[f.length];
    for (int at = 0; at < f.length; at++) {
      double bound = bound(p.get(BOUNDS), c.layer(), at % INNER, INNER);
      double forget = bound + (1 - bound) * LayerCheck.sigmoid(f[at]);
      h[at] = forget * (at < INNER ? 0 : h[at - INNER]) + (1 - forget) * i[at];
    }
    double[] gate = Plain.silu(LayerCheck.linear(x, p.get("g_proj.weight"), null, WIDTH));
    double[] o = Plain.multiply(LayerCheck.rmsNorm(h, p.get("g_norm.weight"), EPS), gate);
    return LayerCheck.linear(o, p.get("o_proj.weight"), null, INNER);
  }

  /// The cumulative softmax over the layers, less the share of the first.
  static double bound(double[] logits, int layer, int channel, int channels) {
    double all = 0;
    double below = 0;
    for (int l = 0; layer > 0 && l < logits.length / channels; l++) {
      double weight = Math.exp(logits[l * channels + channel]);
      all += weight;
      below += l > 0 && l <= layer ? weight : 0;
    }
    return layer > 0 ? below / all : 0;
  }
}
