package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Chunked gated linear attention on matrix units: the products of a chunk's rows with states and
/// scores. A warp computes 16 rows by 32 columns.
public final class GlaMatrixProductKernels {
  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int WARP = GlaMatrixKernels.WARP;
  private static final int A_TILE = GlaMatrixKernels.A_TILE;
  private static final int A_BYTES = GlaMatrixKernels.A_BYTES;
  private static final int B_TILE = GlaMatrixKernels.B_TILE;
  private static final int B_BYTES = GlaMatrixKernels.B_BYTES;

  private GlaMatrixProductKernels() {}

  /// Values of a chunk from a state and the chunk's own rows, forward `o = (scale·q⊙e^G) S +
  /// scale·P v`, backward (`ending` 1) `dV = (k⊙e^{Γ−G}) D + scale·Pᵀ dO`; groups of 4·V work-items
  /// `(chunks·H)`.
  ///
  /// @param x queries or keys `[rows, H, K]`, Read
  /// @param y values or the output's gradient `[rows, H, V]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param states S or D `[chunks, H, K, V/2]` pairs of bfloat16, Read
  /// @param scores P `[chunks, H, 64, 64]`, Read where `j ≤ i`
  /// @param out `[rows, H, V]`, Overwritten
  /// @param factor of `x`
  /// @param width terms of a sum in local memory at a time: 16, 32 or 64, of which K is a multiple
  public static void combine(
      KernelContext context,
      FloatArray x,
      FloatArray y,
      FloatArray G,
      IntArray states,
      FloatArray scores,
      FloatArray out,
      float factor,
      float scale,
      int ending,
      int width,
      int H,
      int K,
      int V) {
    int[] left = context.allocateIntLocalArray(2048);
    int[] right = context.allocateIntLocalArray(V * 34);
    int item = context.localIdx;
    int zero = item >> 31;
    int m = item / WARP / (V / 32);
    int n = item / WARP % (V / 32);
    int row = context.groupIdx / H * CHUNK * H + context.groupIdx % H;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int k0 = 0; k0 < K + CHUNK; k0 += width) {
      for (int j = item; j < 32 * width; j += 4 * V) {
        int i = j / A_TILE / (width / 16) * 16 + j / 8 % 16;
        int d = j / A_TILE % (width / 16) * 16 + j % 8 * 2;
        float x0 = operand(x, G, scores, context.groupIdx, factor, scale, i, k0 + d, ending, H, K);
        float x1 =
            operand(x, G, scores, context.groupIdx, factor, scale, i, k0 + d + 1, ending, H, K);
        left[j] = GlaMatrixKernels.pair(zero, x0, x1);
      }
      for (int j = item; j < width * V / 2; j += 4 * V) {
        int t = j / (V / 2);
        int v = j % (V / 2);
        int value = 0;
        if (k0 < K) {
          value = states.get((context.groupIdx * K + k0) * (V / 2) + j);
        } else {
          int at = (row + (k0 - K + t) * H) * V + 2 * v;
          float y0 = y.get(at);
          float y1 = y.get(at + 1);
          value = GlaMatrixKernels.pair(zero, y0, y1);
        }
        right[(t / 16 * (V / 8) + v / 4) * B_TILE + t % 16 * 4 + v % 4] = value;
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (m * (width / 16) + step) * A_BYTES);
        int b = (step * (V / 8) + n * 4) * B_BYTES;
        HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
        HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
        HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
        s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
        s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
        s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
      }
      context.localBarrier();
    }
    int at = context.groupIdx / H * CHUNK + m * 16;
    int column = context.groupIdx % H * V + n * 32;
    context.mmaStore(s0, out, at, column, H * V);
    context.mmaStore(s1, out, at, column + 8, H * V);
    context.mmaStore(s2, out, at, column + 16, H * V);
    context.mmaStore(s3, out, at, column + 24, H * V);
  }

  /// Row `i`, term `d`: a gated query or key, behind `K` a score.
  private static float operand(
      FloatArray x,
      FloatArray G,
      FloatArray scores,
      int group,
      float factor,
      float scale,
      int i,
      int d,
      int ending,
      int H,
      int K) {
    float value = 0.0f;
    if (d < K) {
      int row = group / H * CHUNK * H + group % H;
      int at = (row + i * H) * K + d;
      value = factor * x.get(at) * GlaChunkKernels.decay(G, at, (row + 63 * H) * K + d, ending);
    } else {
      int query = ending == 1 ? d - K : i;
      int key = ending == 1 ? i : d - K;
      if (key <= query) {
        value = scale * scores.get((group * CHUNK + query) * CHUNK + key);
      }
    }
    return value;
  }

  /// What a state gives to the gradient of keys or queries, without its gates: `dX[r,h,k] = Σ_v
  /// y[r,v]·S[k,v]`; groups of 128 work-items for each 32 of K, or part of them, `(chunks·H)`.
  ///
  /// @param y values or the output's gradient `[rows, H, V]`, Read
  /// @param states `[chunks, H, K, V/2]` pairs of bfloat16, Read
  /// @param dX `[rows, H, K]`, Overwritten
  /// @param threads work-items of a group
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which V is a multiple
  public static void differentiate(
      KernelContext context,
      FloatArray y,
      IntArray states,
      FloatArray dX,
      int threads,
      int width,
      int H,
      int K,
      int V) {
    int[] left = context.allocateIntLocalArray(2048);
    int[] right = context.allocateIntLocalArray(threads * 17 / 2);
    int item = context.localIdx;
    int zero = item >> 31;
    int m = item / WARP % 4;
    int n = item / WARP / 4;
    int row = context.groupIdx / H * CHUNK * H + context.groupIdx % H;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int v0 = 0; v0 < V; v0 += width) {
      for (int j = item; j < 32 * width; j += threads) {
        int i = j / A_TILE / (width / 16) * 16 + j / 8 % 16;
        int at = (row + i * H) * V + v0 + j / A_TILE % (width / 16) * 16 + j % 8 * 2;
        float y0 = y.get(at);
        float y1 = y.get(at + 1);
        left[j] = GlaMatrixKernels.pair(zero, y0, y1);
      }
      for (int j = item; j < width / 4 * threads / 4; j += threads) {
        int v = j % (width / 2);
        int k = j / (width / 2);
        int first = stateValue(states, context.groupIdx, 2 * k, v0 / 2 + v, K, V);
        int second = stateValue(states, context.groupIdx, 2 * k + 1, v0 / 2 + v, K, V);
        int at = (v / 8 * (threads / 32) + k / 4) * B_TILE + v % 8 * 8 + k % 4;
        right[at] = (first & 0xFFFF) | (second << 16);
        right[at + 4] = ((first >> 16) & 0xFFFF) | (second & 0xFFFF0000);
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (m * (width / 16) + step) * A_BYTES);
        int b = (step * (threads / 32) + n * 4) * B_BYTES;
        HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
        HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
        HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
        s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
        s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
        s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
      }
      context.localBarrier();
    }
    int at = context.groupIdx / H * CHUNK + m * 16;
    int column = context.groupIdx % H * K + n * 32;
    context.mmaStore(s0, dX, at, column, H * K);
    context.mmaStore(s1, dX, at, column + 8, H * K);
    if (n * 32 + 16 < K) {
      context.mmaStore(s2, dX, at, column + 16, H * K);
      context.mmaStore(s3, dX, at, column + 24, H * K);
    }
  }

  private static int stateValue(IntArray states, int group, int k, int v, int K, int V) {
    int value = 0;
    if (k < K) {
      value = states.get((group * K + k) * (V / 2) + v);
    }
    return value;
  }
}
