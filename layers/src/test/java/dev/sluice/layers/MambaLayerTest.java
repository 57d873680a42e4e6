package dev.sluice.layers;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MambaLayerTest {
  private static final double SPREAD = 0.5;
  private static final int WIDTH = 4;
  private static final int INNER = 6;
  private static final int STATES = 3;
  private static final int RANK = 2;
  private static final int TAPS = 4;

  private static MambaLayer layer(boolean bias) {
    return new MambaLayer(
        new MambaLayer.Settings(
            WIDTH,
            INNER,
            STATES,
            RANK,
            TAPS,
            bias,
            bias,
            Initializers.symmetric(1),
            Initializers.stepSizeBias(0.001, 0.1, 1e-4),
            Initializers.normal(0.5),
            Initializers.normal(0.5)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void agreesWithPlainLoops(boolean bias) {
    LayerCheck.batch(layer(bias), 2, 7, WIDTH, SPREAD).against(MambaLayerTest::reference);
  }

  @Test
  void packedSequencesAreSeparate() {
    LayerCheck.packed(layer(true), WIDTH, SPREAD, 0, 3, 3, 4, 9, 9)
        .against(MambaLayerTest::reference);
  }

  @Test
  void piecesGiveTheWhole() {
    LayerCheck.batch(layer(true), 2, 12, WIDTH, SPREAD).inPieces(5, 2);
    LayerCheck.batch(layer(true), 1, 5, WIDTH, SPREAD).inPieces(1, 1);
  }

  private static double[] reference(Map<String, double[]> p, double[] x) {
    double[] both = LayerCheck.linear(x, p.get("in_proj.weight"), p.get("in_proj.bias"), WIDTH);
    double[] z = Plain.columns(both, 2 * INNER, INNER, 2 * INNER);
    double[] u =
        Plain.silu(
            Plain.convolve(
                Plain.columns(both, 2 * INNER, 0, INNER),
                p.get("conv1d.weight"),
                p.get("conv1d.bias"),
                INNER));
    int selectedWidth = RANK + 2 * STATES;
    double[] selected = LayerCheck.linear(u, p.get("x_proj.weight"), null, INNER);
    double[] delta =
        LayerCheck.linear(
            Plain.columns(selected, selectedWidth, 0, RANK),
            p.get("dt_proj.weight"),
            p.get("dt_proj.bias"),
            RANK);
    double[] y = new double[u.length];
    double[] state = new double[INNER * STATES];
    for (int row = 0; row < x.length / WIDTH; row++) {
      for (int d = 0; d < INNER; d++) {
        double step = Plain.softplus(delta[row * INNER + d]);
        double input = u[row * INNER + d];
        double sum = p.get("D")[d] * input;
        for (int n = 0; n < STATES; n++) {
          int at = d * STATES + n;
          double a = -Math.exp(p.get("A_log")[at]);
          double b = selected[row * selectedWidth + RANK + n];
          double c = selected[row * selectedWidth + RANK + STATES + n];
          state[at] = Math.exp(step * a) * state[at] + step * b * input;
          sum += c * state[at];
        }
        y[row * INNER + d] = sum;
      }
    }
    return LayerCheck.linear(
        Plain.multiply(y, Plain.silu(z)), p.get("out_proj.weight"), p.get("out_proj.bias"), INNER);
  }
}
