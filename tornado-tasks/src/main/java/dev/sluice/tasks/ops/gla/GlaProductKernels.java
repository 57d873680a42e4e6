package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Chunked gated linear attention in float32: the products of a chunk's rows with states and
/// scores. A group computes 64 rows by 32 columns.
public final class GlaProductKernels {
  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int GROUP = GlaChunkKernels.GROUP;
  private static final int DEPTH = GlaChunkKernels.DEPTH;
  private static final int ROW_PITCH = GlaChunkKernels.ROW_PITCH;
  private static final int COLUMN_PITCH = GlaChunkKernels.COLUMN_PITCH;
  private static final int TILE_COLUMNS = GlaChunkKernels.TILE_COLUMNS;

  private GlaProductKernels() {}

  /// Values of a chunk from a state and the chunk's own rows, forward `o = (scale·q⊙e^G) S + P v`,
  /// backward (`ending` 1) `dV = (k⊙e^{Γ−G}) D + Pᵀ dO`; groups `(chunks·H, tiles of V)`.
  ///
  /// @param x queries or keys `[rows, H, K]`, Read
  /// @param y values or the output's gradient `[rows, H, V]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param states S or D `[chunks, H, K, V]`, Read
  /// @param scores P `[chunks, H, 64, 64]`, Read
  /// @param out `[rows, H, V]`, Overwritten
  public static void combine(
      KernelContext context,
      FloatArray x,
      FloatArray y,
      FloatArray G,
      IntArray bounds,
      FloatArray states,
      FloatArray scores,
      FloatArray out,
      float factor,
      int ending,
      int H,
      int K,
      int V) {
    float[] rows = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    float[] columns = context.allocateFloatLocalArray(COLUMN_PITCH * DEPTH);
    int item = context.localIdx;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int v0 = context.groupIdy * TILE_COLUMNS;
    int begin = bounds.get(2 * c);
    int end = bounds.get(2 * c + 1);
    int m = item / 16;
    int n = item % 16;
    float s00 = 0.0f;
    float s01 = 0.0f;
    float s10 = 0.0f;
    float s11 = 0.0f;
    float s20 = 0.0f;
    float s21 = 0.0f;
    float s30 = 0.0f;
    float s31 = 0.0f;
    int deep = (K + DEPTH - 1) / DEPTH * DEPTH;
    for (int k0 = 0; k0 < deep + CHUNK; k0 += DEPTH) {
      for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
        int r = begin + j / DEPTH;
        int k = k0 + j % DEPTH;
        rows[j % DEPTH * ROW_PITCH + j / DEPTH] =
            k0 < deep
                ? factor * GlaChunkKernels.decayedValue(x, G, r, end, ending, h, k, H, K)
                : scoreValue(scores, context.groupIdx, j / DEPTH, k - deep, ending);
      }
      for (int j = item; j < TILE_COLUMNS * DEPTH; j += GROUP) {
        int k = k0 + j / TILE_COLUMNS;
        int v = v0 + j % TILE_COLUMNS;
        columns[j / TILE_COLUMNS * COLUMN_PITCH + j % TILE_COLUMNS] =
            k0 < deep
                ? stateValue(states, context.groupIdx, k, v, K, V)
                : GlaChunkKernels.rowValue(y, begin + k - deep, end, h, v, H, V);
      }
      context.localBarrier();
      for (int d = 0; d < DEPTH; d++) {
        float b0 = columns[d * COLUMN_PITCH + n];
        float b1 = columns[d * COLUMN_PITCH + n + 16];
        int at = d * ROW_PITCH + m;
        s00 += rows[at] * b0;
        s01 += rows[at] * b1;
        s10 += rows[at + 16] * b0;
        s11 += rows[at + 16] * b1;
        s20 += rows[at + 32] * b0;
        s21 += rows[at + 32] * b1;
        s30 += rows[at + 48] * b0;
        s31 += rows[at + 48] * b1;
      }
      context.localBarrier();
    }
    storeRows(out, s00, s10, s20, s30, begin + m, end, h, v0 + n, H, V);
    storeRows(out, s01, s11, s21, s31, begin + m, end, h, v0 + n + 16, H, V);
  }

  private static float stateValue(FloatArray states, int chunk, int k, int v, int K, int V) {
    float value = 0.0f;
    if (k < K && v < V) {
      value = states.get((chunk * K + k) * V + v);
    }
    return value;
  }

  /// Element `[i,j]` of a chunk's scores, or `[j,i]` where `transposed` is 1.
  private static float scoreValue(FloatArray scores, int chunk, int i, int j, int transposed) {
    int at = transposed == 1 ? j * CHUNK + i : i * CHUNK + j;
    return scores.get(chunk * CHUNK * CHUNK + at);
  }

  private static void storeRows(
      FloatArray out,
      float s0,
      float s1,
      float s2,
      float s3,
      int r,
      int end,
      int h,
      int d,
      int H,
      int D) {
    if (d < D) {
      storeRow(out, s0, r, end, h, d, H, D);
      storeRow(out, s1, r + 16, end, h, d, H, D);
      storeRow(out, s2, r + 32, end, h, d, H, D);
      storeRow(out, s3, r + 48, end, h, d, H, D);
    }
  }

  private static void storeRow(
      FloatArray out, float value, int r, int end, int h, int d, int H, int D) {
    if (r < end) {
      out.set((r * H + h) * D + d, value);
    }
  }

  /// What a state gives to the gradient of keys or queries: `dX[r,h,k] = factor·d·Σ_v
  /// y[r,v]·S[k,v]`, `d` being `e^{Γ−G}` where `ending` is 1, else `e^G`; groups `(chunks·H, tiles
  /// of K)`.
  ///
  /// @param y values or the output's gradient `[rows, H, V]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param states `[chunks, H, K, V]`, Read
  /// @param dX `[rows, H, K]`, Overwritten
  public static void differentiate(
      KernelContext context,
      FloatArray y,
      FloatArray G,
      IntArray bounds,
      FloatArray states,
      FloatArray dX,
      float factor,
      int ending,
      int H,
      int K,
      int V) {
    float[] rows = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    float[] columns = context.allocateFloatLocalArray(COLUMN_PITCH * DEPTH);
    int item = context.localIdx;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int k0 = context.groupIdy * TILE_COLUMNS;
    int begin = bounds.get(2 * c);
    int end = bounds.get(2 * c + 1);
    int m = item / 16;
    int n = item % 16;
    float s00 = 0.0f;
    float s01 = 0.0f;
    float s10 = 0.0f;
    float s11 = 0.0f;
    float s20 = 0.0f;
    float s21 = 0.0f;
    float s30 = 0.0f;
    float s31 = 0.0f;
    for (int v0 = 0; v0 < V; v0 += DEPTH) {
      for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
        int r = begin + j / DEPTH;
        rows[j % DEPTH * ROW_PITCH + j / DEPTH] =
            GlaChunkKernels.rowValue(y, r, end, h, v0 + j % DEPTH, H, V);
      }
      for (int j = item; j < TILE_COLUMNS * DEPTH; j += GROUP) {
        int k = k0 + j / DEPTH;
        columns[j % DEPTH * COLUMN_PITCH + j / DEPTH] =
            stateValue(states, context.groupIdx, k, v0 + j % DEPTH, K, V);
      }
      context.localBarrier();
      for (int d = 0; d < DEPTH; d++) {
        float b0 = columns[d * COLUMN_PITCH + n];
        float b1 = columns[d * COLUMN_PITCH + n + 16];
        int at = d * ROW_PITCH + m;
        s00 += rows[at] * b0;
        s01 += rows[at] * b1;
        s10 += rows[at + 16] * b0;
        s11 += rows[at + 16] * b1;
        s20 += rows[at + 32] * b0;
        s21 += rows[at + 32] * b1;
        s30 += rows[at + 48] * b0;
        s31 += rows[at + 48] * b1;
      }
      context.localBarrier();
    }
    storeDecayed(dX, G, factor, s00, s10, s20, s30, begin + m, end, ending, h, k0 + n, H, K);
    storeDecayed(dX, G, factor, s01, s11, s21, s31, begin + m, end, ending, h, k0 + n + 16, H, K);
  }

  private static void storeDecayed(
      FloatArray dX,
      FloatArray G,
      float factor,
      float s0,
      float s1,
      float s2,
      float s3,
      int r,
      int end,
      int ending,
      int h,
      int k,
      int H,
      int K) {
    if (k < K) {
      storeScaled(dX, G, factor * s0, r, end, ending, h, k, H, K);
      storeScaled(dX, G, factor * s1, r + 16, end, ending, h, k, H, K);
      storeScaled(dX, G, factor * s2, r + 32, end, ending, h, k, H, K);
      storeScaled(dX, G, factor * s3, r + 48, end, ending, h, k, H, K);
    }
  }

  private static void storeScaled(
      FloatArray dX,
      FloatArray G,
      float value,
      int r,
      int end,
      int ending,
      int h,
      int k,
      int H,
      int K) {
    if (r < end) {
      int at = (r * H + h) * K + k;
      int last = ((end - 1) * H + h) * K + k;
      dX.set(at, value * GlaChunkKernels.decay(G, at, last, ending));
    }
  }
}
