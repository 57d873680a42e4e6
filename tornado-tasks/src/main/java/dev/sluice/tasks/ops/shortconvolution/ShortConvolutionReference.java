package dev.sluice.tasks.ops.shortconvolution;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Causal depthwise convolution in double precision, over packed sequences: sequence `n` has the
/// rows `bounds[n] … bounds[n+1]−1`; a batch `[B, T]` is B sequences of T rows.
public final class ShortConvolutionReference {
  private ShortConvolutionReference() {}

  /// Output and final state.
  ///
  /// @param y `[R, D]`
  /// @param finalState `[N, W−1, D]`
  public record Result(double[] y, double[] finalState) {}

  /// Gradients of the inputs.
  ///
  /// @param dX `[R, D]`
  /// @param dW `[D, W]`
  /// @param dBias `[D]`
  /// @param dInitial `[N, W−1, D]`
  public record InputGradients(double[] dX, double[] dW, double[] dBias, double[] dInitial) {}

  /// The inputs of a sequence with the initial state in front are `z`; `pre[t,d] = bias[d] + Σ_j
  /// w[d,j]·z[t+j,d]`, `y = silu(pre)` or `pre`; the final state is the last W−1 rows of `z`.
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[D, W]`, Read
  /// @param bias `[D]`, Read, or null for none
  /// @param initial `[N, W−1, D]`, Read, or null for zeros
  /// @param bounds `[N + 1]`, Read
  public static Result forward(
      double[] x,
      double[] w,
      double @Nullable [] bias,
      double @Nullable [] initial,
      int[] bounds,
      boolean silu,
      int D,
      int W) {
    int sequences = bounds.length - 1;
    double[] y = new double[x.length];
    double[] finalState = new double[sequences * (W - 1) * D];
    for (int n = 0; n < sequences; n++) {
      double[] z = inputs(x, initial, bounds, n, D, W);
      int length = bounds[n + 1] - bounds[n];
      for (int t = 0; t < length; t++) {
        for (int d = 0; d < D; d++) {
          double pre = preActivation(z, w, bias, t, d, D, W);
          y[(bounds[n] + t) * D + d] = silu ? pre / (1.0 + Math.exp(-pre)) : pre;
        }
      }
      System.arraycopy(z, length * D, finalState, n * (W - 1) * D, (W - 1) * D);
    }
    return new Result(y, finalState);
  }

  /// Gradients of [#forward] for `dY` and the gradient `dFinal` of the final state. Parameters as
  /// there.
  ///
  /// @param dY `[R, D]`, Read
  /// @param dFinal `[N, W−1, D]`, Read
  public static InputGradients backward(
      double[] x,
      double[] w,
      double @Nullable [] bias,
      double @Nullable [] initial,
      int[] bounds,
      double[] dY,
      double[] dFinal,
      boolean silu,
      int D,
      int W) {
    int sequences = bounds.length - 1;
    int state = (W - 1) * D;
    var gradients =
        new InputGradients(
            new double[x.length],
            new double[w.length],
            new double[D],
            new double[sequences * state]);
    for (int n = 0; n < sequences; n++) {
      double[] z = inputs(x, initial, bounds, n, D, W);
      double[] dZ = new double[z.length];
      int length = bounds[n + 1] - bounds[n];
      System.arraycopy(dFinal, n * state, dZ, length * D, state);
      for (int t = 0; t < length; t++) {
        for (int d = 0; d < D; d++) {
          double slope = dY[(bounds[n] + t) * D + d];
          if (silu) {
            double pre = preActivation(z, w, bias, t, d, D, W);
            double s = 1.0 / (1.0 + Math.exp(-pre));
            slope *= s * (1.0 + pre * (1.0 - s));
          }
          gradients.dBias()[d] += slope;
          for (int j = 0; j < W; j++) {
            gradients.dW()[d * W + j] += slope * z[(t + j) * D + d];
            dZ[(t + j) * D + d] += slope * w[d * W + j];
          }
        }
      }
      System.arraycopy(dZ, 0, gradients.dInitial(), n * state, state);
      System.arraycopy(dZ, state, gradients.dX(), bounds[n] * D, length * D);
    }
    return gradients;
  }

  private static double[] inputs(
      double[] x, double @Nullable [] initial, int[] bounds, int n, int D, int W) {
    int state = (W - 1) * D;
    double[] z = new double[state + (bounds[n + 1] - bounds[n]) * D];
    if (initial == null) {
      Arrays.fill(z, 0, state, 0.0);
    } else {
      System.arraycopy(initial, n * state, z, 0, state);
    }
    System.arraycopy(x, bounds[n] * D, z, state, z.length - state);
    return z;
  }

  private static double preActivation(
      double[] z, double[] w, double @Nullable [] bias, int t, int d, int D, int W) {
    double sum = bias == null ? 0.0 : bias[d];
    for (int j = 0; j < W; j++) {
      sum += w[d * W + j] * z[(t + j) * D + d];
    }
    return sum;
  }
}
