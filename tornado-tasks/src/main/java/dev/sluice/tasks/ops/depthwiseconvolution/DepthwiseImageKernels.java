package dev.sluice.tasks.ops.depthwiseconvolution;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Depthwise convolution over images, channels last, zero outside; `pixels` are those of the whole
/// batch, `P = (K−1)/2`.
public final class DepthwiseImageKernels {
  private DepthwiseImageKernels() {}

  /// `y[b,i,j,c] = bias[c] + Σ_{p,q} w[c,p,q] x[b, i+p−P, j+q−P, c]`
  ///
  /// @param x `[B, height, width, C]`, Read
  /// @param w `[C, K, K]`, Read
  /// @param bias `[C]`, Read if `biased` is 1, else ignored
  /// @param y `[B, height, width, C]`, Overwritten
  public static void forward(
      FloatArray x,
      FloatArray w,
      FloatArray bias,
      FloatArray y,
      int biased,
      int pixels,
      int height,
      int width,
      int C,
      int K) {
    for (@Parallel int pixel = 0; pixel < pixels; pixel++) {
      for (@Parallel int c = 0; c < C; c++) {
        int row = pixel / width;
        int j = pixel - row * width;
        int i = row % height;
        int pad = (K - 1) >> 1;
        float sum = 0.0f;
        if (biased == 1) {
          sum = bias.get(c);
        }
        for (int p = Math.max(0, pad - i); p < Math.min(K, height + pad - i); p++) {
          for (int q = Math.max(0, pad - j); q < Math.min(K, width + pad - j); q++) {
            int from = pixel + (p - pad) * width + q - pad;
            sum += w.get((c * K + p) * K + q) * x.get(from * C + c);
          }
        }
        y.set(pixel * C + c, sum);
      }
    }
  }

  /// `dX[b,i,j,c] = Σ_{p,q} w[c,p,q] dY[b, i−p+P, j−q+P, c]`
  ///
  /// @param w `[C, K, K]`, Read
  /// @param dY `[B, height, width, C]`, Read
  /// @param dX `[B, height, width, C]`, Overwritten
  public static void backwardInput(
      FloatArray w, FloatArray dY, FloatArray dX, int pixels, int height, int width, int C, int K) {
    for (@Parallel int pixel = 0; pixel < pixels; pixel++) {
      for (@Parallel int c = 0; c < C; c++) {
        int row = pixel / width;
        int j = pixel - row * width;
        int i = row % height;
        int pad = (K - 1) >> 1;
        float sum = 0.0f;
        for (int p = Math.max(0, i + pad - height + 1); p < Math.min(K, i + pad + 1); p++) {
          for (int q = Math.max(0, j + pad - width + 1); q < Math.min(K, j + pad + 1); q++) {
            int to = pixel + (pad - p) * width + pad - q;
            sum += w.get((c * K + p) * K + q) * dY.get(to * C + c);
          }
        }
        dX.set(pixel * C + c, sum);
      }
    }
  }

  /// Sums over blocks of pixels: `partial[block,c,pK+q] = Σ dY[b,i,j,c] x[b, i+p−P, j+q−P, c]`, and
  /// at `K²` that of the bias, `Σ dY`.
  ///
  /// @param x `[B, height, width, C]`, Read
  /// @param dY `[B, height, width, C]`, Read
  /// @param partial `[blocks, C, K²+1]`, Overwritten
  public static void backwardWeightPartial(
      FloatArray x,
      FloatArray dY,
      FloatArray partial,
      int blocks,
      int pixels,
      int height,
      int width,
      int C,
      int K) {
    for (@Parallel int block = 0; block < blocks; block++) {
      for (@Parallel int e = 0; e < C * (K * K + 1); e++) {
        int c = e / (K * K + 1);
        int tap = e - c * (K * K + 1);
        int p = tap / K;
        int q = tap - p * K;
        int pad = (K - 1) >> 1;
        int size = (pixels + blocks - 1) / blocks;
        int last = Math.min(pixels, block * size + size);
        float sum = 0.0f;
        for (int pixel = block * size; pixel < last; pixel++) {
          int row = pixel / width;
          int j = pixel - row * width + q - pad;
          int i = row % height + p - pad;
          float gradient = dY.get(pixel * C + c);
          if (tap == K * K) {
            sum += gradient;
          } else if (i >= 0 && i < height && j >= 0 && j < width) {
            int from = pixel + (p - pad) * width + q - pad;
            sum += gradient * x.get(from * C + c);
          }
        }
        partial.set(block * C * (K * K + 1) + e, sum);
      }
    }
  }
}
