package dev.sluice.layers;

import dev.sluice.layers.Mamba2Layer.Norm;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Mamba2LayerTest {
  private static final double SPREAD = 0.5;
  private static final int WIDTH = 5;
  private static final int HEADS = 4;
  private static final int HEAD_SIZE = 2;
  private static final int INNER = HEADS * HEAD_SIZE;
  private static final int STATES = 3;
  private static final int TAPS = 4;
  private static final float EPS = 1e-5f;

  private static Mamba2Layer layer(int groups, boolean bias, boolean perChannel, Norm norm) {
    return layer(groups, bias, perChannel, 0, Double.POSITIVE_INFINITY, norm);
  }

  private static Mamba2Layer layer(
      int groups, boolean bias, boolean perChannel, double least, double most, Norm norm) {
    return new Mamba2Layer(
        new Mamba2Layer.Settings(
            WIDTH,
            HEADS,
            HEAD_SIZE,
            groups,
            STATES,
            TAPS,
            bias,
            bias,
            perChannel,
            least,
            most,
            norm,
            EPS),
        new Mamba2Layer.Beginnings(
            Initializers.normal(0.5),
            Initializers.normal(0.5),
            Initializers.stepSizeBias(0.001, 0.1, 1e-4),
            Initializers.uniform(u -> Math.log(1 + 15 * u)),
            Initializers.normal(0.5)));
  }

  @ParameterizedTest
  @CsvSource({
    "1,true,false,AFTER_GATE",
    "2,false,false,AFTER_GATE",
    "2,true,true,BEFORE_GATE",
    "4,true,true,NONE"
  })
  void agreesWithPlainLoops(int groups, boolean bias, boolean perChannel, Norm norm) {
    LayerCheck.batch(layer(groups, bias, perChannel, norm), 2, 7, WIDTH, SPREAD)
        .against((parameters, x) -> reference(parameters, x, groups, norm));
  }

  @ParameterizedTest
  @CsvSource({"0.6,1.1", "0,0.7", "0.7,Infinity"})
  void stepsAreKeptBetweenLimits(double least, double most) {
    LayerCheck.batch(layer(1, true, false, least, most, Norm.AFTER_GATE), 2, 7, WIDTH, SPREAD)
        .against((parameters, x) -> reference(parameters, x, 1, least, most, Norm.AFTER_GATE));
  }

  @Test
  void packedSequencesAreSeparate() {
    LayerCheck.packed(layer(2, true, false, Norm.AFTER_GATE), WIDTH, SPREAD, 0, 3, 3, 4, 9, 9)
        .against((parameters, x) -> reference(parameters, x, 2, Norm.AFTER_GATE));
  }

  @Test
  void piecesGiveTheWhole() {
    Mamba2Layer layer = layer(2, true, false, Norm.AFTER_GATE);
    LayerCheck.batch(layer, 2, 12, WIDTH, SPREAD).inPieces(5, 2);
    LayerCheck.batch(layer, 1, 70, WIDTH, SPREAD).inPieces(65, 1);
  }

  private static double[] reference(Map<String, double[]> p, double[] x, int groups, Norm norm) {
    return reference(p, x, groups, 0, Double.POSITIVE_INFINITY, norm);
  }

  private static double[] reference(
      Map<String, double[]> p, double[] x, int groups, double least, double most, Norm norm) {
    int convolved = INNER + 2 * groups * STATES;
    int width = INNER + convolved + HEADS;
    double[] all = LayerCheck.linear(x, p.get("in_proj.weight"), p.get("in_proj.bias"), WIDTH);
    double[] z = Plain.columns(all, width, 0, INNER);
    double[] mixed =
        Plain.silu(
            Plain.convolve(
                Plain.columns(all, width, INNER, INNER + convolved),
                p.get("conv1d.weight"),
                p.get("conv1d.bias"),
                convolved));
    double[] y = new double[x.length / WIDTH * INNER];
    double[] state = new double[HEADS * STATES * HEAD_SIZE];
    for (int row = 0; row < x.length / WIDTH; row++) {
      for (int h = 0; h < HEADS; h++) {
        double step =
            Math.clamp(
                Plain.softplus(all[row * width + INNER + convolved + h] + p.get("dt_bias")[h]),
                least,
                most);
        double decay = Math.exp(-Math.exp(p.get("A_log")[h]) * step);
        int group = h / (HEADS / groups);
        for (int i = 0; i < HEAD_SIZE; i++) {
          int channel = h * HEAD_SIZE + i;
          double v = mixed[row * convolved + channel];
          double[] skip = p.get("D");
          double sum = skip[skip.length == HEADS ? h : channel] * v;
          for (int n = 0; n < STATES; n++) {
            int at = channel * STATES + n;
            double b = mixed[row * convolved + INNER + group * STATES + n];
            double c = mixed[row * convolved + INNER + (groups + group) * STATES + n];
            state[at] = decay * state[at] + step * b * v;
            sum += c * state[at];
          }
          y[row * INNER + channel] = sum;
        }
      }
    }
    double[] gate = Plain.silu(z);
    int part = INNER / groups;
    double[] gated =
        switch (norm) {
          case NONE -> Plain.multiply(y, gate);
          case BEFORE_GATE ->
              Plain.multiply(Plain.normalize(y, p.get("norm.weight"), part, EPS), gate);
          case AFTER_GATE ->
              Plain.normalize(Plain.multiply(y, gate), p.get("norm.weight"), part, EPS);
        };
    return LayerCheck.linear(gated, p.get("out_proj.weight"), p.get("out_proj.bias"), INNER);
  }
}
