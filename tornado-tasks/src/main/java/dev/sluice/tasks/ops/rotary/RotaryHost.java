package dev.sluice.tasks.ops.rotary;

import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import java.util.Arrays;

/// Rotary position embedding on the host, as a library task of the embedded runtime. Sines cost far
/// more than the rotation, so they are kept in a table.
final class RotaryHost {
  private static final int ROWS = 32;

  private final double base;
  private final int half;
  private float[] cosines = {};
  private float[] sines = {};
  private int positions;

  private RotaryHost(double base, int half) {
    this.base = base;
    this.half = half;
  }

  /// Adds the rotation; buffers as of [RotaryKernels#rotatePairs].
  static void rotate(
      Tasks t,
      Tensor x,
      Tensor positions,
      Tensor y,
      float base,
      float direction,
      int rows,
      int H,
      int D) {
    float[] xs = t.heap(x);
    int[] at = t.heapInts(positions);
    float[] ys = t.heap(y);
    var table = new RotaryHost(base, D / 2);
    t.host(
        "rotate",
        workers -> {
          int largest = 0;
          for (int r = 0; r < rows; r++) {
            largest = Math.max(largest, at[r]);
          }
          table.grow(largest + 1);
          workers.run(
              (rows + ROWS - 1) / ROWS,
              part -> {
                int end = Math.min(rows, (part + 1) * ROWS);
                for (int r = part * ROWS; r < end; r++) {
                  table.rotateRow(xs, ys, r * H * D, at[r], direction, H);
                }
              });
        });
  }

  private void grow(int needed) {
    if (needed <= positions) {
      return;
    }
    int size = Math.max(needed, 2 * positions);
    cosines = Arrays.copyOf(cosines, size * half);
    sines = Arrays.copyOf(sines, size * half);
    for (int i = 0; i < half; i++) {
      double frequency = Math.pow(base, -(double) i / half);
      for (int p = positions; p < size; p++) {
        cosines[p * half + i] = (float) Math.cos(p * frequency);
        sines[p * half + i] = (float) Math.sin(p * frequency);
      }
    }
    positions = size;
  }

  private void rotateRow(float[] x, float[] y, int row, int position, float direction, int H) {
    int table = position * half;
    for (int h = 0; h < H; h++) {
      int at = row + 2 * h * half;
      for (int i = 0; i < half; i++) {
        float cosine = cosines[table + i];
        float sine = sines[table + i] * direction;
        float first = x[at + i];
        float second = x[at + half + i];
        y[at + i] = first * cosine - second * sine;
        y[at + half + i] = first * sine + second * cosine;
      }
    }
  }
}
