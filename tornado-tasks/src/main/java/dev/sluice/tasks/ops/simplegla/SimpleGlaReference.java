package dev.sluice.tasks.ops.simplegla;

/// What turns [dev.sluice.tasks.ops.gla.GlaReference] into the reference of this op.
public final class SimpleGlaReference {
  private SimpleGlaReference() {}

  /// The gate repeated for each key.
  ///
  /// @param g `[rows, H]`, Read
  /// @return `[rows, H, K]`
  public static double[] gates(double[] g, int K) {
    double[] gates = new double[g.length * K];
    for (int i = 0; i < gates.length; i++) {
      gates[i] = g[i / K];
    }
    return gates;
  }

  /// The gradient of [#gates]: `dG[r,h] = Σ_k dGates[r,h,k]`.
  ///
  /// @param dGates `[rows, H, K]`, Read
  /// @return `[rows, H]`
  public static double[] gatesGradient(double[] dGates, int K) {
    double[] dG = new double[dGates.length / K];
    for (int i = 0; i < dGates.length; i++) {
      dG[i / K] += dGates[i];
    }
    return dG;
  }
}
