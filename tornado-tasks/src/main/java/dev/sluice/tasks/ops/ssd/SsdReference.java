package dev.sluice.tasks.ops.ssd;

/// Mamba-2's scan in double precision, token by token.
public final class SsdReference {
  private SsdReference() {}

  /// What the scan reads; in the gradients' place what [#backward] returns.
  ///
  /// @param x `[rows, H, P]`
  /// @param delta `[rows, H]`, before bias and softplus
  /// @param a `[H]`
  /// @param b `[rows, G, N]`
  /// @param c `[rows, G, N]`
  /// @param skip `[H]`
  /// @param bias `[H]`
  /// @param h0 `[S, H, N, P]`
  public record Inputs(
      double[] x,
      double[] delta,
      double[] a,
      double[] b,
      double[] c,
      double[] skip,
      double[] bias,
      double[] h0) {
    private double step(int i, int h) {
      double raw = delta[i] + bias[h];
      return Math.max(raw, 0) + Math.log1p(Math.exp(-Math.abs(raw)));
    }
  }

  /// Sizes.
  public record Dimensions(int heads, int headSize, int groups, int states) {
    private int projection(int t, int h) {
      return (t * groups + h / (heads / groups)) * states;
    }

    private int state() {
      return states * headSize;
    }
  }

  /// With `Δ = softplus(delta + bias)`, for each head: `S[t] = e^(Δ[t] a) S[t−1] + Δ[t] B[t]
  /// x[t]ᵀ`, `y[t] = C[t]ᵀ S[t] + skip x[t]`.
  ///
  /// @param offsets `[S+1]`, Read; the rows of each sequence
  /// @param ht `[S, H, N, P]`, Overwritten by the last state of each sequence
  /// @return y `[rows, H, P]`
  public static double[] forward(Inputs in, int[] offsets, double[] ht, Dimensions dims) {
    double[] y = new double[in.x.length];
    for (int s = 0; s + 1 < offsets.length; s++) {
      for (int h = 0; h < dims.heads; h++) {
        double[][] states = states(in, offsets[s], offsets[s + 1], s, h, dims);
        for (int t = offsets[s]; t < offsets[s + 1]; t++) {
          double[] state = states[t - offsets[s] + 1];
          for (int p = 0; p < dims.headSize; p++) {
            int i = (t * dims.heads + h) * dims.headSize + p;
            y[i] = in.skip[h] * in.x[i];
            for (int n = 0; n < dims.states; n++) {
              y[i] += in.c[dims.projection(t, h) + n] * state[n * dims.headSize + p];
            }
          }
        }
        System.arraycopy(
            states[states.length - 1], 0, ht, (s * dims.heads + h) * dims.state(), dims.state());
      }
    }
    return y;
  }

  /// The state of a head before the first and after each time step of a sequence.
  private static double[][] states(Inputs in, int begin, int end, int s, int h, Dimensions dims) {
    double[][] states = new double[end - begin + 1][dims.state()];
    System.arraycopy(in.h0, (s * dims.heads + h) * dims.state(), states[0], 0, dims.state());
    for (int t = begin; t < end; t++) {
      double step = in.step(t * dims.heads + h, h);
      double decay = Math.exp(step * in.a[h]);
      for (int n = 0; n < dims.states; n++) {
        for (int p = 0; p < dims.headSize; p++) {
          int at = n * dims.headSize + p;
          states[t - begin + 1][at] =
              decay * states[t - begin][at]
                  + step
                      * in.b[dims.projection(t, h) + n]
                      * in.x[(t * dims.heads + h) * dims.headSize + p];
        }
      }
    }
    return states;
  }

  /// Gradients of [#forward], backwards in time: `dS[t] = C[t] dY[t]ᵀ + e^(Δ[t+1] a) dS[t+1]`, from
  /// which each factor of each product gets the gradient times the other factors.
  ///
  /// @param dY `[rows, H, P]`, Read
  /// @param dHt `[S, H, N, P]`, Read
  /// @return the gradient of each input
  public static Inputs backward(
      Inputs in, int[] offsets, double[] dY, double[] dHt, Dimensions dims) {
    Inputs grad =
        new Inputs(
            new double[in.x.length],
            new double[in.delta.length],
            new double[in.a.length],
            new double[in.b.length],
            new double[in.c.length],
            new double[in.skip.length],
            new double[in.bias.length],
            new double[in.h0.length]);
    for (int s = 0; s + 1 < offsets.length; s++) {
      for (int h = 0; h < dims.heads; h++) {
        backwardHead(in, grad, offsets[s], offsets[s + 1], s, h, dY, dHt, dims);
      }
    }
    return grad;
  }

  private static void backwardHead(
      Inputs in,
      Inputs grad,
      int begin,
      int end,
      int s,
      int h,
      double[] dY,
      double[] dHt,
      Dimensions dims) {
    double[][] states = states(in, begin, end, s, h, dims);
    int own = (s * dims.heads + h) * dims.state();
    double[] dState = java.util.Arrays.copyOfRange(dHt, own, own + dims.state());
    for (int t = end - 1; t >= begin; t--) {
      int at = t * dims.heads + h;
      double step = in.step(at, h);
      double decay = Math.exp(step * in.a[h]);
      double dStep = 0;
      double dDecay = 0;
      for (int p = 0; p < dims.headSize; p++) {
        int i = at * dims.headSize + p;
        grad.x[i] += in.skip[h] * dY[i];
        grad.skip[h] += dY[i] * in.x[i];
        for (int n = 0; n < dims.states; n++) {
          int j = n * dims.headSize + p;
          int k = dims.projection(t, h) + n;
          grad.c[k] += dY[i] * states[t - begin + 1][j];
          dState[j] += in.c[k] * dY[i];
          grad.b[k] += dState[j] * step * in.x[i];
          grad.x[i] += dState[j] * step * in.b[k];
          dStep += dState[j] * in.b[k] * in.x[i];
          dDecay += dState[j] * states[t - begin][j];
          dState[j] *= decay;
        }
      }
      dStep += dDecay * decay * in.a[h];
      grad.a[h] += dDecay * decay * step;
      grad.delta[at] = dStep / (1 + Math.exp(-in.delta[at] - in.bias[h]));
      grad.bias[h] += grad.delta[at];
    }
    System.arraycopy(dState, 0, grad.h0, own, dims.state());
  }
}
