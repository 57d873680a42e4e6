package dev.sluice.tasks.ops.depthwiseconvolution;

import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Lanes;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Depthwise convolution on the host, over sequences and images alike: rows of channels times
/// transposed weights, as library tasks of the embedded runtime.
final class DepthwiseConvolutionHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int ROWS = 32;

  /// Which rows meet at a tap. Rows of the history are given as `−2 − row`, none as −1.
  interface Geometry {
    /// The row that output row `r` reads at `tap`.
    int source(int r, int tap);

    /// The output row that reads row `r` at `tap`.
    int target(int r, int tap);
  }

  /// Rows of sequences, `left` taps before a row.
  record SequenceRows(int[] bounds, boolean initial, int left, int K) implements Geometry {
    @Override
    public int source(int r, int tap) {
      int from = r - left + tap;
      int begin = bounds[3 * r];
      if (from >= begin) {
        return from < bounds[3 * r + 1] ? from : -1;
      }
      return initial ? -2 - (bounds[3 * r + 2] * (K - 1) + from - begin + K - 1) : -1;
    }

    @Override
    public int target(int r, int tap) {
      int to = r + left - tap;
      return to >= bounds[3 * r] && to < bounds[3 * r + 1] ? to : -1;
    }
  }

  /// Pixels of images.
  record Pixels(int height, int width, int K) implements Geometry {
    @Override
    public int source(int r, int tap) {
      return shifted(r, tap / K - (K - 1) / 2, tap % K - (K - 1) / 2);
    }

    @Override
    public int target(int r, int tap) {
      return shifted(r, (K - 1) / 2 - tap / K, (K - 1) / 2 - tap % K);
    }

    private int shifted(int r, int down, int right) {
      int j = r % width + right;
      int i = r / width % height + down;
      return i >= 0 && i < height && j >= 0 && j < width ? r + down * width + right : -1;
    }
  }

  private DepthwiseConvolutionHost() {}

  /// Adds `y[r] = bias + Σ_tap w[tap] ⊙ x[source(r, tap)]`.
  ///
  /// @param bias ignored where `biased` is false
  /// @param history ignored where the geometry never asks for it
  static void forward(
      Tasks t,
      Tensor x,
      Tensor w,
      Tensor bias,
      Tensor history,
      Tensor y,
      boolean biased,
      Geometry geometry,
      int rows,
      int C,
      int taps) {
    float[] xs = t.heap(x);
    float[] ws = t.heap(w);
    float[] biases = t.heap(bias);
    float[] before = t.heap(history);
    float[] ys = t.heap(y);
    float[] transposed = new float[C * taps];
    t.host(
        "forward",
        workers -> {
          transpose(ws, transposed, C, taps);
          workers.run(
              (rows + ROWS - 1) / ROWS,
              part -> {
                int end = Math.min(rows, (part + 1) * ROWS);
                for (int r = part * ROWS; r < end; r++) {
                  if (biased) {
                    System.arraycopy(biases, 0, ys, r * C, C);
                  } else {
                    Arrays.fill(ys, r * C, r * C + C, 0);
                  }
                  for (int tap = 0; tap < taps; tap++) {
                    int from = geometry.source(r, tap);
                    if (from >= 0) {
                      addProduct(transposed, tap * C, xs, from * C, ys, r * C, C);
                    } else if (from < -1) {
                      addProduct(transposed, tap * C, before, (-2 - from) * C, ys, r * C, C);
                    }
                  }
                }
              });
        });
  }

  /// Adds `dX[r] = Σ_tap w[tap] ⊙ dY[target(r, tap)]`.
  static void backwardInput(
      Tasks t, Tensor w, Tensor dY, Tensor dX, Geometry geometry, int rows, int C, int taps) {
    float[] ws = t.heap(w);
    float[] dYs = t.heap(dY);
    float[] dXs = t.heap(dX);
    float[] transposed = new float[C * taps];
    t.host(
        "input",
        workers -> {
          transpose(ws, transposed, C, taps);
          workers.run(
              (rows + ROWS - 1) / ROWS,
              part -> {
                int end = Math.min(rows, (part + 1) * ROWS);
                for (int r = part * ROWS; r < end; r++) {
                  Arrays.fill(dXs, r * C, r * C + C, 0);
                  for (int tap = 0; tap < taps; tap++) {
                    int to = geometry.target(r, tap);
                    if (to >= 0) {
                      addProduct(transposed, tap * C, dYs, to * C, dXs, r * C, C);
                    }
                  }
                }
              });
        });
  }

  /// Adds the sums over blocks of rows `partial[block, c, tap] = Σ_r dY[r,c] x[source(r, tap), c]`
  /// and `partial[block, c, taps] = Σ_r dY[r,c]`.
  ///
  /// @param partial `[blocks, C, taps+1]`, Overwritten
  static void backwardWeightPartial(
      Tasks t,
      Tensor x,
      Tensor history,
      Tensor dY,
      Tensor partial,
      Geometry geometry,
      int blocks,
      int rows,
      int C,
      int taps) {
    float[] xs = t.heap(x);
    float[] before = t.heap(history);
    float[] dYs = t.heap(dY);
    float[] partials = t.heap(partial);
    int size = C * (taps + 1);
    float[] sums = new float[blocks * size];
    t.host(
        "partial",
        workers ->
            workers.run(
                blocks,
                block -> {
                  int at = block * size;
                  Arrays.fill(sums, at, at + size, 0);
                  int length = (rows + blocks - 1) / blocks;
                  int end = Math.min(rows, (block + 1) * length);
                  for (int r = block * length; r < end; r++) {
                    for (int tap = 0; tap < taps; tap++) {
                      int from = geometry.source(r, tap);
                      if (from >= 0) {
                        addProduct(dYs, r * C, xs, from * C, sums, at + tap * C, C);
                      } else if (from < -1) {
                        addProduct(dYs, r * C, before, (-2 - from) * C, sums, at + tap * C, C);
                      }
                    }
                    addRow(dYs, r * C, sums, at + taps * C, C);
                  }
                  for (int c = 0; c < C; c++) {
                    for (int tap = 0; tap <= taps; tap++) {
                      partials[at + c * (taps + 1) + tap] = sums[at + tap * C + c];
                    }
                  }
                }));
  }

  private static void transpose(float[] w, float[] transposed, int C, int taps) {
    for (int c = 0; c < C; c++) {
      for (int tap = 0; tap < taps; tap++) {
        transposed[tap * C + c] = w[c * taps + tap];
      }
    }
  }

  private static void addProduct(
      float[] a, int aAt, float[] b, int bAt, float[] sum, int sumAt, int C) {
    int c = 0;
    for (; c <= C - S.length(); c += S.length()) {
      FloatVector.fromArray(S, a, aAt + c)
          .fma(FloatVector.fromArray(S, b, bAt + c), FloatVector.fromArray(S, sum, sumAt + c))
          .intoArray(sum, sumAt + c);
    }
    if (c < C) {
      VectorMask<Float> m = S.indexInRange(c, C);
      FloatVector.fromArray(S, a, aAt + c, m)
          .fma(FloatVector.fromArray(S, b, bAt + c, m), FloatVector.fromArray(S, sum, sumAt + c, m))
          .intoArray(sum, sumAt + c, m);
    }
  }

  private static void addRow(float[] a, int aAt, float[] sum, int sumAt, int C) {
    for (int c = 0; c < C; c += S.length()) {
      VectorMask<Float> m = S.indexInRange(c, C);
      FloatVector.fromArray(S, a, aAt + c, m)
          .add(FloatVector.fromArray(S, sum, sumAt + c, m))
          .intoArray(sum, sumAt + c, m);
    }
  }
}
