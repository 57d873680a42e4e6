package dev.sluice.layers;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GnConvLayerTest {
  private static final double SPREAD = 0.5;

  @ParameterizedTest
  @CsvSource({"2,6,3", "3,8,7", "5,16,2"})
  void agreesWithPlainLoops(int order, int width, int kernel) {
    LayerCheck.batch(new GnConvLayer(width, order, kernel), 2, 5, width, SPREAD)
        .against((parameters, x) -> reference(parameters, x, order, width));
  }

  @Test
  void packedSequencesAreSeparate() {
    LayerCheck.packed(new GnConvLayer(8, 3, 3), 8, SPREAD, 0, 3, 3, 4, 9, 9)
        .against((parameters, x) -> reference(parameters, x, 3, 8));
  }

  @Test
  void piecesGiveTheWhole() {
    LayerCheck.batch(new GnConvLayer(8, 3, 7), 2, 11, 8, SPREAD).inPieces(4, 2);
    LayerCheck.batch(new GnConvLayer(8, 3, 3), 1, 6, 8, SPREAD).inPieces(1, 1);
  }

  private static double[] reference(Map<String, double[]> p, double[] x, int order, int width) {
    double[] projected =
        LayerCheck.linear(x, p.get("proj_in.weight"), p.get("proj_in.bias"), width);
    int first = width >> (order - 1);
    int features = 2 * width - first;
    double[] convolved =
        Plain.convolve(
            Plain.columns(projected, 2 * width, first, 2 * width),
            p.get("dwconv.weight"),
            p.get("dwconv.bias"),
            features);
    for (int i = 0; i < convolved.length; i++) {
      convolved[i] /= 3;
    }
    double[] product =
        Plain.multiply(
            Plain.columns(projected, 2 * width, 0, first),
            Plain.columns(convolved, features, 0, first));
    int at = first;
    for (int i = 1; i < order; i++) {
      String step = "pws." + (i - 1);
      double[] next =
          LayerCheck.linear(
              product, p.get(step + ".weight"), p.get(step + ".bias"), first << (i - 1));
      product = Plain.multiply(next, Plain.columns(convolved, features, at, at + (first << i)));
      at += first << i;
    }
    return LayerCheck.linear(product, p.get("proj_out.weight"), p.get("proj_out.bias"), width);
  }
}
