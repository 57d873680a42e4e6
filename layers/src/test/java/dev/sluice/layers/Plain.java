package dev.sluice.layers;

import org.jspecify.annotations.Nullable;

/// The parts of which references of layers are made, in double.
final class Plain {
  private Plain() {}

  /// Columns `from` to `to` of rows of `width`.
  static double[] columns(double[] x, int width, int from, int to) {
    int rows = x.length / width;
    double[] part = new double[rows * (to - from)];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(x, r * width + from, part, r * (to - from), to - from);
    }
    return part;
  }

  /// The causal convolution of each channel of `[T, D]`.
  ///
  /// @param kernel `[D, K]`, the last tap on the step itself
  /// @param bias `[D]`, or null
  static double[] convolve(double[] x, double[] kernel, double @Nullable [] bias, int channels) {
    int taps = kernel.length / channels;
    double[] y = new double[x.length];
    for (int row = 0; row < x.length / channels; row++) {
      for (int d = 0; d < channels; d++) {
        double sum = bias == null ? 0 : bias[d];
        for (int back = 0; back < taps && back <= row; back++) {
          sum += kernel[d * taps + taps - 1 - back] * x[(row - back) * channels + d];
        }
        y[row * channels + d] = sum;
      }
    }
    return y;
  }

  /// `x / (1 + e^−x)`, each
  static double[] silu(double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] / (1 + Math.exp(-x[i]));
    }
    return y;
  }

  /// `log(1 + e^x)`
  static double softplus(double x) {
    return Math.log1p(Math.exp(x));
  }

  /// `a · b`, each
  static double[] multiply(double[] a, double[] b) {
    double[] y = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      y[i] = a[i] * b[i];
    }
    return y;
  }

  /// `x · weight / √(mean x² + eps)`, the mean over parts of `part` columns.
  ///
  /// @param weight one a column of a row
  static double[] normalize(double[] x, double[] weight, int part, double eps) {
    double[] y = new double[x.length];
    for (int first = 0; first < x.length; first += part) {
      double square = 0;
      for (int i = first; i < first + part; i++) {
        square += x[i] * x[i] / part;
      }
      for (int i = first; i < first + part; i++) {
        y[i] = x[i] * weight[i % weight.length] / Math.sqrt(square + eps);
      }
    }
    return y;
  }
}
