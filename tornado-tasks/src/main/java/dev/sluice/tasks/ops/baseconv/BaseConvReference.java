package dev.sluice.tasks.ops.baseconv;

import java.util.Arrays;

/// BaseConv's parts in double precision.
public final class BaseConvReference {
  private BaseConvReference() {}

  /// Features of each time step: `t/(longest−1)`, then `cos(f_i w)`, then `−sin(f_i w)`, with `w =
  /// 2π t/longest` and `f_i` evenly from 1e-4 to `bands−1`.
  ///
  /// @return `[T, 1 + 2·bands]`
  public static double[] positionFeatures(int longest, int T, int bands) {
    int width = 2 * bands + 1;
    double[] features = new double[T * width];
    for (int t = 0; t < T; t++) {
      features[t * width] = t / Math.max(1.0, longest - 1);
      double w = 2 * Math.PI * t / longest;
      for (int i = 0; i < bands; i++) {
        double f = bands > 1 ? 1e-4 + i * (bands - 1 - 1e-4) / (bands - 1) : 1e-4;
        features[t * width + 1 + i] = Math.cos(f * w);
        features[t * width + 1 + bands + i] = -Math.sin(f * w);
      }
    }
    return features;
  }

  /// `filter[t] = out(relu(hidden(features[t])))`
  ///
  /// @param features `[T, E]`, Read
  /// @param hidden `[M, E]`, Read
  /// @param hiddenBias `[M]`, Read
  /// @param out `[D, M]`, Read
  /// @param outBias `[D]`, Read
  /// @return filter `[T, D]`
  public static double[] filter(
      double[] features,
      double[] hidden,
      double[] hiddenBias,
      double[] out,
      double[] outBias,
      int T,
      int E,
      int M,
      int D) {
    double[] filter = new double[T * D];
    for (int t = 0; t < T; t++) {
      for (int d = 0; d < D; d++) {
        double sum = outBias[d];
        for (int m = 0; m < M; m++) {
          double inner = hiddenBias[m];
          for (int e = 0; e < E; e++) {
            inner += hidden[m * E + e] * features[t * E + e];
          }
          sum += out[d * M + m] * Math.max(inner, 0);
        }
        filter[t * D + d] = sum;
      }
    }
    return filter;
  }

  /// `y[r,d] = u[r,d] + Σ_{s ≤ r} filter[r−s, d] u[s,d]` within each sequence.
  ///
  /// @param u `[rows, D]`, Read
  /// @param filter `[T, D]`, Read
  /// @param offsets `[N+1]`, Read; the rows of each sequence
  /// @return y `[rows, D]`
  public static double[] convolve(double[] u, double[] filter, int[] offsets, int D) {
    double[] y = u.clone();
    for (int n = 0; n + 1 < offsets.length; n++) {
      for (int r = offsets[n]; r < offsets[n + 1]; r++) {
        for (int s = offsets[n]; s <= r; s++) {
          for (int d = 0; d < D; d++) {
            y[r * D + d] += filter[(r - s) * D + d] * u[s * D + d];
          }
        }
      }
    }
    return y;
  }

  /// Gradients of [#convolve]: each product gives `dU += filter dY`, `dFilter += u dY`.
  ///
  /// @param dY `[rows, D]`, Read
  /// @param dU `[rows, D]`, Overwritten
  /// @param dFilter `[T, D]`, Overwritten
  public static void convolveBackward(
      double[] u,
      double[] filter,
      int[] offsets,
      double[] dY,
      double[] dU,
      double[] dFilter,
      int D) {
    System.arraycopy(dY, 0, dU, 0, dU.length);
    Arrays.fill(dFilter, 0);
    for (int n = 0; n + 1 < offsets.length; n++) {
      for (int r = offsets[n]; r < offsets[n + 1]; r++) {
        for (int s = offsets[n]; s <= r; s++) {
          for (int d = 0; d < D; d++) {
            dU[s * D + d] += filter[(r - s) * D + d] * dY[r * D + d];
            dFilter[(r - s) * D + d] += u[s * D + d] * dY[r * D + d];
          }
        }
      }
    }
  }

  /// `y = convolved ⊙ (projection u + bias) + u`
  ///
  /// @param u `[rows, D]`, Read
  /// @param convolved `[rows, D]`, Read
  /// @param projection `[D, D]`, Read
  /// @param bias `[D]`, Read
  /// @return y `[rows, D]`
  public static double[] gate(
      double[] u, double[] convolved, double[] projection, double[] bias, int rows, int D) {
    double[] y = u.clone();
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < D; o++) {
        double sum = bias[o];
        for (int i = 0; i < D; i++) {
          sum += projection[o * D + i] * u[r * D + i];
        }
        y[r * D + o] += convolved[r * D + o] * sum;
      }
    }
    return y;
  }
}
