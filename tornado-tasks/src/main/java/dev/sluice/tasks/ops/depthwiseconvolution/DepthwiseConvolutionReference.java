package dev.sluice.tasks.ops.depthwiseconvolution;

import java.util.Arrays;

/// Depthwise convolution in double precision.
public final class DepthwiseConvolutionReference {
  private DepthwiseConvolutionReference() {}

  /// Over sequences: `y[t,c] = bias[c] + Σ_j w[c,j] x[t − left + j, c]`, where what lies before a
  /// sequence is `history` and what lies behind it is zero.
  ///
  /// @param x `[rows, C]`, Read
  /// @param w `[C, K]`, Read
  /// @param bias `[C]`, Read
  /// @param history `[N, K−1, C]`, Read; the inputs before each sequence, the last one last
  /// @param offsets `[N+1]`, Read; the rows of each sequence
  /// @param state `[N, K−1, C]`, Overwritten by the last K−1 inputs of each sequence
  /// @return y `[rows, C]`
  public static double[] sequence(
      double[] x,
      double[] w,
      double[] bias,
      double[] history,
      int[] offsets,
      double[] state,
      int left,
      int C,
      int K) {
    double[] y = new double[x.length];
    for (int n = 0; n + 1 < offsets.length; n++) {
      double[] padded = padded(x, history, offsets, n, C, K);
      int length = offsets[n + 1] - offsets[n];
      for (int t = 0; t < length; t++) {
        for (int c = 0; c < C; c++) {
          double sum = bias[c];
          for (int j = 0; j < K; j++) {
            sum += w[c * K + j] * padded[(t - left + j + K - 1) * C + c];
          }
          y[(offsets[n] + t) * C + c] = sum;
        }
      }
      System.arraycopy(padded, length * C, state, n * (K - 1) * C, (K - 1) * C);
    }
    return y;
  }

  /// History, sequence, and zeros: `[K−1 + length + K−1, C]`.
  private static double[] padded(double[] x, double[] history, int[] offsets, int n, int C, int K) {
    int length = offsets[n + 1] - offsets[n];
    double[] padded = new double[(length + 2 * (K - 1)) * C];
    System.arraycopy(history, n * (K - 1) * C, padded, 0, (K - 1) * C);
    System.arraycopy(x, offsets[n] * C, padded, (K - 1) * C, length * C);
    return padded;
  }

  /// Gradients of [#sequence]: each product of the forward pass gives `dX += w dY`, `dW += x dY`.
  ///
  /// @param dY `[rows, C]`, Read
  /// @param dState `[N, K−1, C]`, Read
  /// @param dX `[rows, C]`, Overwritten
  /// @param dW `[C, K]`, Overwritten
  /// @param dBias `[C]`, Overwritten
  /// @param dHistory `[N, K−1, C]`, Overwritten
  public static void sequenceBackward(
      double[] x,
      double[] w,
      double[] history,
      int[] offsets,
      double[] dY,
      double[] dState,
      double[] dX,
      double[] dW,
      double[] dBias,
      double[] dHistory,
      int left,
      int C,
      int K) {
    Arrays.fill(dW, 0);
    Arrays.fill(dBias, 0);
    for (int n = 0; n + 1 < offsets.length; n++) {
      double[] padded = padded(x, history, offsets, n, C, K);
      double[] dPadded = new double[padded.length];
      int length = offsets[n + 1] - offsets[n];
      System.arraycopy(dState, n * (K - 1) * C, dPadded, length * C, (K - 1) * C);
      for (int t = 0; t < length; t++) {
        for (int c = 0; c < C; c++) {
          double gradient = dY[(offsets[n] + t) * C + c];
          dBias[c] += gradient;
          for (int j = 0; j < K; j++) {
            int at = (t - left + j + K - 1) * C + c;
            dPadded[at] += w[c * K + j] * gradient;
            dW[c * K + j] += padded[at] * gradient;
          }
        }
      }
      System.arraycopy(dPadded, 0, dHistory, n * (K - 1) * C, (K - 1) * C);
      System.arraycopy(dPadded, (K - 1) * C, dX, offsets[n] * C, length * C);
    }
  }

  /// Over images, zero outside: `y[b,i,j,c] = bias[c] + Σ_{p,q} w[c,p,q] x[b, i+p−P, j+q−P, c]`
  /// with `P = (K−1)/2`.
  ///
  /// @param x `[B, rows, columns, C]`, Read
  /// @param w `[C, K, K]`, Read
  /// @param bias `[C]`, Read
  /// @return y `[B, rows, columns, C]`
  public static double[] image(
      double[] x, double[] w, double[] bias, int B, int rows, int columns, int C, int K) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = bias[i % C];
    }
    eachProduct(B, rows, columns, C, K, (to, tap, from) -> y[to] += w[tap] * x[from]);
    return y;
  }

  /// Gradients of [#image].
  ///
  /// @param dY `[B, rows, columns, C]`, Read
  /// @param dX `[B, rows, columns, C]`, Overwritten
  /// @param dW `[C, K, K]`, Overwritten
  /// @param dBias `[C]`, Overwritten
  public static void imageBackward(
      double[] x,
      double[] w,
      double[] dY,
      double[] dX,
      double[] dW,
      double[] dBias,
      int B,
      int rows,
      int columns,
      int C,
      int K) {
    Arrays.fill(dX, 0);
    Arrays.fill(dW, 0);
    Arrays.fill(dBias, 0);
    for (int i = 0; i < x.length; i++) {
      dBias[i % C] += dY[i];
    }
    eachProduct(
        B,
        rows,
        columns,
        C,
        K,
        (to, tap, from) -> {
          dX[from] += w[tap] * dY[to];
          dW[tap] += x[from] * dY[to];
        });
  }

  private interface Product {
    void visit(int to, int tap, int from);
  }

  private static void eachProduct(int B, int rows, int columns, int C, int K, Product product) {
    int pad = (K - 1) / 2;
    for (int b = 0; b < B; b++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          for (int p = Math.max(0, pad - i); p < Math.min(K, rows + pad - i); p++) {
            for (int q = Math.max(0, pad - j); q < Math.min(K, columns + pad - j); q++) {
              for (int c = 0; c < C; c++) {
                product.visit(
                    ((b * rows + i) * columns + j) * C + c,
                    (c * K + p) * K + q,
                    ((b * rows + i + p - pad) * columns + j + q - pad) * C + c);
              }
            }
          }
        }
      }
    }
  }
}
