package dev.sluice.tasks.ops.gatedattention;

/// The sigmoid gate behind attention in double precision.
public final class GatedAttentionReference {
  private GatedAttentionReference() {}

  /// `y[r,d] = o[r,d] · σ(gate[r, d mod G])`
  ///
  /// @param o `[rows, D]`, Read; a row is a head of a time step
  /// @param gate `[rows, G]`, Read; `G` is `D` (element-wise) or 1 (head-wise)
  /// @return y `[rows, D]`
  public static double[] forward(double[] o, double[] gate, int rows, int D, int G) {
    double[] y = new double[o.length];
    for (int r = 0; r < rows; r++) {
      for (int d = 0; d < D; d++) {
        y[r * D + d] = o[r * D + d] / (1 + Math.exp(-gate[r * G + d % G]));
      }
    }
    return y;
  }

  /// Gradients of [#forward]: `dO = dY ⊙ σ(gate)`, `dGate = Σ_d dY ⊙ o ⊙ σ(gate) (1 − σ(gate))`,
  /// the sum over the elements that share a gate.
  ///
  /// @param dO `[rows, D]`, Overwritten
  /// @param dGate `[rows, G]`, Overwritten
  public static void backward(
      double[] o, double[] gate, double[] dY, double[] dO, double[] dGate, int rows, int D, int G) {
    java.util.Arrays.fill(dGate, 0);
    for (int r = 0; r < rows; r++) {
      for (int d = 0; d < D; d++) {
        int i = r * D + d;
        double sigmoid = 1 / (1 + Math.exp(-gate[r * G + d % G]));
        dO[i] = dY[i] * sigmoid;
        dGate[r * G + d % G] += dY[i] * o[i] * sigmoid * (1 - sigmoid);
      }
    }
  }
}
