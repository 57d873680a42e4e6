package dev.sluice.tasks.ops.hgrn;

/// The gated elementwise recurrence in double precision, token by token.
public final class HgrnReference {
  private HgrnReference() {}

  /// `h[t] = e^g[t] ⊙ h[t−1] + x[t]`
  ///
  /// @param x `[rows, D]`, Read
  /// @param g `[rows, D]`, Read; log gates
  /// @param h0 `[N, D]`, Read
  /// @param offsets `[N+1]`, Read; the rows of each sequence
  /// @param o `[rows, D]`, Overwritten by h
  /// @param ht `[N, D]`, Overwritten by the last h of each sequence
  public static void forward(
      double[] x, double[] g, double[] h0, int[] offsets, double[] o, double[] ht, int N, int D) {
    for (int n = 0; n < N; n++) {
      for (int d = 0; d < D; d++) {
        double h = h0[n * D + d];
        for (int t = offsets[n]; t < offsets[n + 1]; t++) {
          h = Math.exp(g[t * D + d]) * h + x[t * D + d];
          o[t * D + d] = h;
        }
        ht[n * D + d] = h;
      }
    }
  }

  /// Gradients of [#forward]: with `dH[t] = dO[t] + e^g[t+1] ⊙ dH[t+1]`, `dX = dH`, `dG[t] = dH[t]
  /// ⊙ e^g[t] ⊙ h[t−1]` and `dH0 = e^g[0] ⊙ dH[0]`.
  ///
  /// @param dO `[rows, D]`, Read
  /// @param dHt `[N, D]`, Read
  /// @param dX `[rows, D]`, Overwritten
  /// @param dG `[rows, D]`, Overwritten
  /// @param dH0 `[N, D]`, Overwritten
  public static void backward(
      double[] g,
      double[] h0,
      double[] o,
      int[] offsets,
      double[] dO,
      double[] dHt,
      double[] dX,
      double[] dG,
      double[] dH0,
      int N,
      int D) {
    for (int n = 0; n < N; n++) {
      for (int d = 0; d < D; d++) {
        double dH = dHt[n * D + d];
        for (int t = offsets[n + 1] - 1; t >= offsets[n]; t--) {
          int i = t * D + d;
          double before = t > offsets[n] ? o[i - D] : h0[n * D + d];
          dH += dO[i];
          dX[i] = dH;
          dH *= Math.exp(g[i]);
          dG[i] = dH * before;
        }
        dH0[n * D + d] = dH;
      }
    }
  }
}
