package dev.sluice.tasks.ops.gla;

import org.jspecify.annotations.Nullable;

/// Gated linear attention in double precision, token by token.
///
/// Gates are given in full, `[rows, H, K]`, whatever they depend on; `cu` holds `N + 1` offsets of
/// the sequences within the rows.
public final class GlaReference {
  private GlaReference() {}

  /// `S ← diag(e^g) S + k vᵀ`, `o = (scale·q)ᵀ S`
  ///
  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param v `[rows, H, V]`, Read
  /// @param g `[rows, H, K]`, Read
  /// @param h0 `[N, H, K, V]`, Read, or null for zero
  /// @param o `[rows, H, V]`, Overwritten
  /// @param ht `[N, H, K, V]`, Overwritten
  public static void forward(
      double[] q,
      double[] k,
      double[] v,
      double[] g,
      double @Nullable [] h0,
      int[] cu,
      double[] o,
      double[] ht,
      double scale,
      int H,
      int K,
      int V) {
    for (int n = 0; n < cu.length - 1; n++) {
      for (int h = 0; h < H; h++) {
        double[] state = initial(h0, n * H + h, K * V);
        for (int t = cu[n]; t < cu[n + 1]; t++) {
          step(state, k, v, g, t * H + h, K, V);
          for (int j = 0; j < V; j++) {
            double sum = 0;
            for (int i = 0; i < K; i++) {
              sum += scale * q[(t * H + h) * K + i] * state[i * V + j];
            }
            o[(t * H + h) * V + j] = sum;
          }
        }
        System.arraycopy(state, 0, ht, (n * H + h) * K * V, K * V);
      }
    }
  }

  /// Gradients of [#forward]. With `dS_t = scale·q_t dO_tᵀ + diag(e^g_{t+1}) dS_{t+1}`: `dQ_t =
  /// scale·S_t dO_t`, `dK_t = dS_t v_t`, `dV_t = dS_tᵀ k_t`, `dG_t = e^g_t ⊙ rowsum(S_{t-1} ⊙
  /// dS_t)`, `dH0 = diag(e^g_1) dS_1`.
  ///
  /// @param dO `[rows, H, V]`, Read
  /// @param dHt `[N, H, K, V]`, Read
  /// @param dQ `[rows, H, K]`, Overwritten
  /// @param dK `[rows, H, K]`, Overwritten
  /// @param dV `[rows, H, V]`, Overwritten
  /// @param dG `[rows, H, K]`, Overwritten
  /// @param dH0 `[N, H, K, V]`, Overwritten
  public static void backward(
      double[] q,
      double[] k,
      double[] v,
      double[] g,
      double @Nullable [] h0,
      int[] cu,
      double[] dO,
      double[] dHt,
      double[] dQ,
      double[] dK,
      double[] dV,
      double[] dG,
      double[] dH0,
      double scale,
      int H,
      int K,
      int V) {
    for (int n = 0; n < cu.length - 1; n++) {
      for (int h = 0; h < H; h++) {
        int start = cu[n];
        int length = cu[n + 1] - start;
        double[][] states = new double[length + 1][];
        states[0] = initial(h0, n * H + h, K * V);
        for (int t = 0; t < length; t++) {
          states[t + 1] = states[t].clone();
          step(states[t + 1], k, v, g, (start + t) * H + h, K, V);
        }
        double[] dS = initial(dHt, n * H + h, K * V);
        for (int t = length - 1; t >= 0; t--) {
          int row = (start + t) * H + h;
          backwardStep(
              q, k, v, g, states[t], states[t + 1], dO, dS, dQ, dK, dV, dG, scale, row, K, V);
        }
        System.arraycopy(dS, 0, dH0, (n * H + h) * K * V, K * V);
      }
    }
  }

  private static void backwardStep(
      double[] q,
      double[] k,
      double[] v,
      double[] g,
      double[] before,
      double[] after,
      double[] dO,
      double[] dS,
      double[] dQ,
      double[] dK,
      double[] dV,
      double[] dG,
      double scale,
      int row,
      int K,
      int V) {
    for (int j = 0; j < V; j++) {
      dV[row * V + j] = 0;
    }
    for (int i = 0; i < K; i++) {
      double decay = Math.exp(g[row * K + i]);
      double sumQ = 0;
      double sumK = 0;
      double sumG = 0;
      for (int j = 0; j < V; j++) {
        int at = i * V + j;
        dS[at] += scale * q[row * K + i] * dO[row * V + j];
        sumQ += after[at] * dO[row * V + j];
        sumK += dS[at] * v[row * V + j];
        dV[row * V + j] += dS[at] * k[row * K + i];
        sumG += before[at] * dS[at];
        dS[at] *= decay;
      }
      dQ[row * K + i] = scale * sumQ;
      dK[row * K + i] = sumK;
      dG[row * K + i] = decay * sumG;
    }
  }

  private static void step(
      double[] state, double[] k, double[] v, double[] g, int row, int K, int V) {
    for (int i = 0; i < K; i++) {
      double decay = Math.exp(g[row * K + i]);
      for (int j = 0; j < V; j++) {
        state[i * V + j] = decay * state[i * V + j] + k[row * K + i] * v[row * V + j];
      }
    }
  }

  private static double[] initial(double @Nullable [] states, int index, int size) {
    double[] state = new double[size];
    if (states != null) {
      System.arraycopy(states, index * size, state, 0, size);
    }
    return state;
  }
}
