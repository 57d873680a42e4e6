package dev.sluice.layers;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The layers of the gated and of the plain delta rule against plain loops.
class DeltaLayersTest {
  private static final int WIDTH = 6;
  private static final int HEADS = 2;
  private static final int K = 3;
  private static final int V = 5;
  private static final double SPREAD = 0.5;
  private static final float EPS = 1e-5f;
  private static final double UNIT_EPS = 1e-6;

  static Stream<GatedDeltaNetLayer.Settings> gated() {
    return Stream.of(gated(HEADS, 4, true, false), gated(2 * HEADS, 0, false, true));
  }

  private static GatedDeltaNetLayer.Settings gated(
      int valueHeads, int convolution, boolean gate, boolean negative) {
    return new GatedDeltaNetLayer.Settings(
        WIDTH, HEADS, valueHeads, K, V, convolution, gate, negative, EPS, Initializers.zeros());
  }

  static Stream<DeltaNetLayer.Settings> plain() {
    return Stream.of(
        plain(4, Activation.SILU, false, false),
        plain(3, Activation.IDENTITY, true, true),
        plain(3, Activation.ELU, true, false),
        plain(0, Activation.SILU, true, false));
  }

  private static DeltaNetLayer.Settings plain(
      int convolution, Activation activation, boolean gate, boolean negative) {
    return new DeltaNetLayer.Settings(
        WIDTH,
        HEADS * K,
        HEADS * V,
        HEADS,
        convolution,
        activation,
        gate,
        negative,
        EPS,
        Initializers.zeros());
  }

  @ParameterizedTest
  @MethodSource("gated")
  void gatedBatchIsTheReference(GatedDeltaNetLayer.Settings settings) {
    LayerCheck.batch(new GatedDeltaNetLayer(settings), 2, 7, WIDTH, SPREAD)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("gated")
  void gatedPackedSequencesDoNotSeeEachOther(GatedDeltaNetLayer.Settings settings) {
    LayerCheck.packed(new GatedDeltaNetLayer(settings), WIDTH, SPREAD, 0, 1, 1, 8, 11)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("gated")
  void gatedPiecesGiveTheWhole(GatedDeltaNetLayer.Settings settings) {
    LayerCheck.batch(new GatedDeltaNetLayer(settings), 2, 23, WIDTH, SPREAD).inPieces(5, 3);
  }

  @ParameterizedTest
  @MethodSource("plain")
  void plainBatchIsTheReference(DeltaNetLayer.Settings settings) {
    LayerCheck.batch(new DeltaNetLayer(settings), 2, 7, WIDTH, SPREAD)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("plain")
  void plainPackedSequencesDoNotSeeEachOther(DeltaNetLayer.Settings settings) {
    LayerCheck.packed(new DeltaNetLayer(settings), WIDTH, SPREAD, 0, 1, 1, 8, 11)
        .against((p, x) -> reference(settings, p, x));
  }

  @ParameterizedTest
  @MethodSource("plain")
  void plainPiecesGiveTheWhole(DeltaNetLayer.Settings settings) {
    LayerCheck.batch(new DeltaNetLayer(settings), 2, 23, WIDTH, SPREAD).inPieces(5, 3);
  }

  private static double[] reference(
      GatedDeltaNetLayer.Settings s, Map<String, double[]> p, double[] x) {
    double[] steps = LayerCheck.linear(x, p.get("a_proj.weight"), p.get("dt_bias"), WIDTH);
    double[] decay = new double[steps.length];
    for (int i = 0; i < decay.length; i++) {
      double rate = Math.exp(p.get("A_log")[i % s.valueHeads()]);
      decay[i] = Math.exp(-rate * Plain.softplus(steps[i]));
    }
    double[] o =
        states(
            unit(project(p, "q", x, true)),
            unit(project(p, "k", x, true)),
            project(p, "v", x, true),
            decay,
            beta(p, x, s.negativeEigenvalues()),
            s.valueHeads());
    return output(p, x, o);
  }

  private static double[] reference(DeltaNetLayer.Settings s, Map<String, double[]> p, double[] x) {
    double[] beta = beta(p, x, s.negativeEigenvalues());
    double[] kept = new double[beta.length];
    Arrays.fill(kept, 1);
    double[] o =
        states(
            unit(keys(p, "q", x, s.activation())),
            unit(keys(p, "k", x, s.activation())),
            project(p, "v", x, true),
            kept,
            beta,
            HEADS);
    return output(p, x, o);
  }

  private static double[] project(
      Map<String, double[]> p, String name, double[] x, boolean activated) {
    double[] weight = p.get(name + "_proj.weight");
    double[] y = LayerCheck.linear(x, weight, null, WIDTH);
    double[] kernel = p.get(name + "_conv1d.weight");
    if (kernel != null) {
      y = Plain.convolve(y, kernel, null, weight.length / WIDTH);
    }
    return activated ? Plain.silu(y) : y;
  }

  private static double[] keys(
      Map<String, double[]> p, String name, double[] x, Activation activation) {
    double[] y = project(p, name, x, activation == Activation.SILU);
    if (activation == Activation.ELU) {
      Arrays.setAll(y, i -> y[i] > 0 ? y[i] + 1 : Math.exp(y[i]));
    }
    return y;
  }

  private static double[] unit(double[] x) {
    double[] y = new double[x.length];
    for (int r = 0; r < x.length; r += K) {
      double square = UNIT_EPS;
      for (int d = 0; d < K; d++) {
        square += x[r + d] * x[r + d];
      }
      for (int d = 0; d < K; d++) {
        y[r + d] = x[r + d] / Math.sqrt(square);
      }
    }
    return y;
  }

  private static double[] beta(Map<String, double[]> p, double[] x, boolean negative) {
    double[] beta = LayerCheck.linear(x, p.get("b_proj.weight"), null, WIDTH);
    Arrays.setAll(beta, i -> (negative ? 2 : 1) * LayerCheck.sigmoid(beta[i]));
    return beta;
  }

  private static double[] states(
      double[] q, double[] k, double[] v, double[] decay, double[] beta, int valueHeads) {
    double[] o = new double[v.length];
    double[] state = new double[valueHeads * K * V];
    for (int row = 0; row < beta.length; row++) {
      int head = row % valueHeads;
      int key = (row / valueHeads * HEADS + head * HEADS / valueHeads) * K;
      for (int j = 0; j < V; j++) {
        double read = 0;
        for (int i = 0; i < K; i++) {
          int at = (head * K + i) * V + j;
          state[at] *= decay[row];
          read += state[at] * k[key + i];
        }
        for (int i = 0; i < K; i++) {
          int at = (head * K + i) * V + j;
          state[at] += beta[row] * k[key + i] * (v[row * V + j] - read);
          o[row * V + j] += state[at] * q[key + i] / Math.sqrt(K);
        }
      }
    }
    return o;
  }

  private static double[] output(Map<String, double[]> p, double[] x, double[] o) {
    double[] y = LayerCheck.rmsNorm(o, p.get("o_norm.weight"), EPS);
    double[] gate = p.get("g_proj.weight");
    if (gate != null) {
      y = Plain.multiply(y, Plain.silu(LayerCheck.linear(x, gate, null, WIDTH)));
    }
    double[] weight = p.get("o_proj.weight");
    return LayerCheck.linear(y, weight, null, weight.length / WIDTH);
  }
}
