package dev.sluice.tasks.ops.selectivescan;

import org.jspecify.annotations.Nullable;

/// The selective scan in double precision, token by token.
public final class SelectiveScanReference {
  private SelectiveScanReference() {}

  /// What the scan reads; in the gradients' place what [#backward] returns.
  ///
  /// @param u `[rows, D]`
  /// @param delta `[rows, D]`, before bias and softplus
  /// @param a `[D, N]`
  /// @param b `[rows, N]`
  /// @param c `[rows, N]`
  /// @param skip `[D]`
  /// @param z `[rows, D]`, or null for no gate
  /// @param bias `[D]`, or null for none
  /// @param h0 `[S, D, N]`
  public record Inputs(
      double[] u,
      double[] delta,
      double[] a,
      double[] b,
      double[] c,
      double[] skip,
      double @Nullable [] z,
      double @Nullable [] bias,
      double[] h0) {
    private double step(int i, int d) {
      double raw = delta[i] + (bias == null ? 0 : bias[d]);
      return Math.max(raw, 0) + Math.log1p(Math.exp(-Math.abs(raw)));
    }

    private Inputs zeros() {
      return new Inputs(
          new double[u.length],
          new double[u.length],
          new double[a.length],
          new double[b.length],
          new double[c.length],
          new double[skip.length],
          z == null ? null : new double[u.length],
          bias == null ? null : new double[skip.length],
          new double[h0.length]);
    }
  }

  /// With `Δ = softplus(delta + bias)`: `x[t] = e^(Δ[t] A) x[t−1] + Δ[t] B[t] u[t]`, `y[t] =
  /// (C[t]·x[t] + D u[t]) silu(z[t])`.
  ///
  /// @param offsets `[S+1]`, Read; the rows of each sequence
  /// @param ht `[S, D, N]`, Overwritten by the last x of each sequence
  /// @return y `[rows, D]`
  public static double[] forward(Inputs in, int[] offsets, double[] ht, int D, int N) {
    double[] y = new double[in.u.length];
    for (int s = 0; s + 1 < offsets.length; s++) {
      for (int d = 0; d < D; d++) {
        double[] x = java.util.Arrays.copyOfRange(in.h0, (s * D + d) * N, (s * D + d + 1) * N);
        for (int t = offsets[s]; t < offsets[s + 1]; t++) {
          int i = t * D + d;
          double step = in.step(i, d);
          double sum = in.skip[d] * in.u[i];
          for (int n = 0; n < N; n++) {
            x[n] = Math.exp(step * in.a[d * N + n]) * x[n] + step * in.b[t * N + n] * in.u[i];
            sum += in.c[t * N + n] * x[n];
          }
          y[i] = in.z == null ? sum : sum * in.z[i] / (1 + Math.exp(-in.z[i]));
        }
        System.arraycopy(x, 0, ht, (s * D + d) * N, N);
      }
    }
    return y;
  }

  /// Gradients of [#forward], backwards in time: with `dS = dY silu(z)` and `dX[t] = C[t] dS[t] +
  /// e^(Δ[t+1] A) dX[t+1]`, `dΔ = Σ_n dX (A e^(ΔA) x[t−1] + B u)`, `dA = Σ dX Δ e^(ΔA) x[t−1]`, `dB
  /// = Σ_d dX Δ u`, `dC = Σ_d dS x`, `dU = D dS + Σ_n dX Δ B`, `dDelta = dΔ σ(delta + bias)`.
  ///
  /// @param dY `[rows, D]`, Read
  /// @param dHt `[S, D, N]`, Read
  /// @return the gradient of each input
  public static Inputs backward(Inputs in, int[] offsets, double[] dY, double[] dHt, int D, int N) {
    Inputs grad = in.zeros();
    for (int s = 0; s + 1 < offsets.length; s++) {
      for (int d = 0; d < D; d++) {
        backwardChannel(in, grad, offsets[s], offsets[s + 1], s, d, dY, dHt, D, N);
      }
    }
    return grad;
  }

  private static void backwardChannel(
      Inputs in,
      Inputs grad,
      int begin,
      int end,
      int s,
      int d,
      double[] dY,
      double[] dHt,
      int D,
      int N) {
    double[][] x = new double[end - begin + 1][N];
    System.arraycopy(in.h0, (s * D + d) * N, x[0], 0, N);
    for (int t = begin; t < end; t++) {
      double step = in.step(t * D + d, d);
      for (int n = 0; n < N; n++) {
        x[t - begin + 1][n] =
            Math.exp(step * in.a[d * N + n]) * x[t - begin][n]
                + step * in.b[t * N + n] * in.u[t * D + d];
      }
    }
    double[] dX = java.util.Arrays.copyOfRange(dHt, (s * D + d) * N, (s * D + d + 1) * N);
    for (int t = end - 1; t >= begin; t--) {
      int i = t * D + d;
      double dS = dY[i];
      if (in.z != null && grad.z != null) {
        double sigmoid = 1 / (1 + Math.exp(-in.z[i]));
        double sum = in.skip[d] * in.u[i];
        for (int n = 0; n < N; n++) {
          sum += in.c[t * N + n] * x[t - begin + 1][n];
        }
        grad.z[i] = dY[i] * sum * sigmoid * (1 + in.z[i] * (1 - sigmoid));
        dS = dY[i] * in.z[i] * sigmoid;
      }
      double step = in.step(i, d);
      double dStep = 0;
      grad.u[i] = in.skip[d] * dS;
      grad.skip[d] += dS * in.u[i];
      for (int n = 0; n < N; n++) {
        double decay = Math.exp(step * in.a[d * N + n]);
        double before = decay * x[t - begin][n];
        dX[n] += in.c[t * N + n] * dS;
        grad.c[t * N + n] += dS * x[t - begin + 1][n];
        grad.b[t * N + n] += dX[n] * step * in.u[i];
        grad.u[i] += dX[n] * step * in.b[t * N + n];
        grad.a[d * N + n] += dX[n] * step * before;
        dStep += dX[n] * (in.a[d * N + n] * before + in.b[t * N + n] * in.u[i]);
        dX[n] *= decay;
      }
      double raw = in.delta[i] + (in.bias == null ? 0 : in.bias[d]);
      grad.delta[i] = dStep / (1 + Math.exp(-raw));
      if (grad.bias != null) {
        grad.bias[d] += grad.delta[i];
      }
    }
    System.arraycopy(dX, 0, grad.h0, (s * D + d) * N, N);
  }
}
