package dev.sluice.tasks.ops.baseconv;

import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The causal convolution with a kernel as long as the sequence on the host: a part is some rows;
/// library tasks of the embedded runtime.
final class BaseConvHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int ROWS = 8;

  private BaseConvHost() {}

  /// Adds the convolution; buffers as of [BaseConvKernels#convolve].
  static void convolve(Tasks t, Tensor u, Tensor filter, Tensor bounds, Tensor y, int rows, int D) {
    float[] us = t.heap(u);
    float[] filters = t.heap(filter);
    int[] limits = t.heapInts(bounds);
    float[] ys = t.heap(y);
    t.host(
        "convolve",
        workers ->
            workers.run(
                (rows + ROWS - 1) / ROWS,
                part -> {
                  int end = Math.min(rows, (part + 1) * ROWS);
                  for (int r = part * ROWS; r < end; r++) {
                    int begin = limits[3 * r];
                    sumProducts(us, r, filters, r - begin, -1, us, begin, r - begin + 1, ys, r, D);
                  }
                }));
  }

  /// Adds the gradient of the input; buffers as of [BaseConvKernels#convolveBackwardInput].
  static void backwardInput(
      Tasks t, Tensor filter, Tensor bounds, Tensor dY, Tensor dU, int rows, int D) {
    float[] filters = t.heap(filter);
    int[] limits = t.heapInts(bounds);
    float[] dYs = t.heap(dY);
    float[] dUs = t.heap(dU);
    t.host(
        "input",
        workers ->
            workers.run(
                (rows + ROWS - 1) / ROWS,
                part -> {
                  int end = Math.min(rows, (part + 1) * ROWS);
                  for (int s = part * ROWS; s < end; s++) {
                    int count = limits[3 * s + 1] - s;
                    sumProducts(dYs, s, filters, 0, 1, dYs, s, count, dUs, s, D);
                  }
                }));
  }

  /// `sum[at] = start[startAt] + Σ_i filter[first + i·step] ⊙ x[from + i]`, all rows of `D`
  /// channels.
  private static void sumProducts(
      float[] start,
      int startAt,
      float[] filter,
      int first,
      int step,
      float[] x,
      int from,
      int count,
      float[] sum,
      int at,
      int D) {
    for (int d = 0; d < D; d += S.length()) {
      VectorMask<Float> m = S.indexInRange(d, D);
      FloatVector total = FloatVector.fromArray(S, start, startAt * D + d, m);
      for (int i = 0; i < count; i++) {
        total =
            FloatVector.fromArray(S, filter, (first + i * step) * D + d, m)
                .fma(FloatVector.fromArray(S, x, (from + i) * D + d, m), total);
      }
      total.intoArray(sum, at * D + d, m);
    }
  }

  /// Adds the gradient of the filter; buffers as of [BaseConvKernels#convolveBackwardFilter].
  static void backwardFilter(
      Tasks t, Tensor u, Tensor bounds, Tensor dY, Tensor dFilter, int rows, int T, int D) {
    float[] us = t.heap(u);
    int[] limits = t.heapInts(bounds);
    float[] dYs = t.heap(dY);
    float[] dFilters = t.heap(dFilter);
    t.host(
        "filter", workers -> workers.run(T, j -> filterRow(us, limits, dYs, dFilters, j, rows, D)));
  }

  private static void filterRow(
      float[] u, int[] bounds, float[] dY, float[] dFilter, int j, int rows, int D) {
    for (int d = 0; d < D; d += S.length()) {
      VectorMask<Float> m = S.indexInRange(d, D);
      FloatVector total = FloatVector.zero(S);
      for (int r = j; r < rows; r++) {
        if (r - j >= bounds[3 * r]) {
          total =
              FloatVector.fromArray(S, dY, r * D + d, m)
                  .fma(FloatVector.fromArray(S, u, (r - j) * D + d, m), total);
        }
      }
      total.intoArray(dFilter, j * D + d, m);
    }
  }
}
