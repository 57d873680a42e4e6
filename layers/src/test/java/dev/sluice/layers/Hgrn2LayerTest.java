package dev.sluice.layers;

import dev.sluice.tasks.graph.Shape;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Hgrn2LayerTest {
  private static final int WIDTH = 6;
  private static final int HEADS = 2;
  private static final int VALUES = WIDTH / HEADS;
  private static final int LAYERS = 3;
  private static final double SPREAD = 0.5;
  private static final double EPS = 1e-5;
  private static final String BOUNDS = "lower_bounds";

  /// @param layer −1 for no bounds
  private record Case(int layer, int expansion, int convolution) {
    Mixer mixer() {
      return (scope, x, sequence) ->
          new Hgrn2Layer(
                  new Hgrn2Layer.Settings(
                      WIDTH,
                      HEADS,
                      expansion,
                      convolution,
                      Math.max(layer, 0),
                      Initializers.zeros()),
                  layer < 0
                      ? null
                      : scope.parameter(
                          BOUNDS, Shape.of(LAYERS, HEADS * expansion), Initializers.zeros()))
              .forward(scope, x, sequence);
    }
  }

  static Stream<Case> cases() {
    return Stream.of(new Case(-1, 5, 0), new Case(0, 3, 0), new Case(1, 4, 3), new Case(2, 3, 0));
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
    int size = c.expansion();
    int keys = HEADS * size;
    double[] q = LayerCheck.linear(x, p.get("q_proj.weight"), null, WIDTH);
    double[] f = LayerCheck.linear(x, p.get("f_proj.weight"), null, WIDTH);
    double[] i = LayerCheck.linear(x, p.get("i_proj.weight"), null, WIDTH);
    if (c.convolution() > 0) {
      q = Plain.convolve(q, p.get("q_conv1d.weight"), null, keys);
      f = Plain.convolve(f, p.get("f_conv1d.weight"), null, keys);
      i = Plain.convolve(i, p.get("i_conv1d.weight"), null, WIDTH);
    }
    q = Plain.silu(q);
    double[] o = new double[x.length];
    double[] state = new double[keys * VALUES];
    for (int t = 0; t < x.length / WIDTH; t++) {
      for (int k = 0; k < keys; k++) {
        double bound = HgrnLayerTest.bound(p.get(BOUNDS), c.layer(), k, keys);
        double forget = bound + (1 - bound) * LayerCheck.sigmoid(f[t * keys + k]);
        for (int v = 0; v < VALUES; v++) {
          int at = t * WIDTH + k / size * VALUES + v;
          int cell = k * VALUES + v;
          state[cell] = forget * state[cell] + (1 - forget) * i[at];
          o[at] += q[t * keys + k] * state[cell] / Math.sqrt(size);
        }
      }
    }
    o = LayerCheck.rmsNorm(o, p.get("g_norm.weight"), EPS);
    return LayerCheck.linear(o, p.get("o_proj.weight"), null, WIDTH);
  }
}
