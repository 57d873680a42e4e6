package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
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
    int group = context.groupIdx;
    int row = group / H * CHUNK * H + group % H;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int k0 = 0; k0 < K + CHUNK; k0 += width) {
      for (int j = item; j < 32 * width; j += 8 * V) {
        int j1 = TornadoMath.min(j + 4 * V, 32 * width - 1);
        int p0 = operand(zero, x, G, scores, group, j, factor, scale, k0, ending, width, H, K);
        int p1 = operand(zero, x, G, scores, group, j1, factor, scale, k0, ending, width, H, K);
        left[j] = p0;
        left[j1] = p1;
      }
      for (int j = item; j < width * V / 2; j += 8 * V) {
        int j1 = TornadoMath.min(j + 4 * V, width * V / 2 - 1);
        int p0 = state(zero, states, y, group, row, j, k0, H, K, V);
        int p1 = state(zero, states, y, group, row, j1, k0, H, K, V);
        right[GlaMatrixKernels.rowPlace(j, V)] = p0;
        right[GlaMatrixKernels.rowPlace(j1, V)] = p1;
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
    int at = group / H * CHUNK + m * 16;
    int column = group % H * V + n * 32;
    context.mmaStore(s0, out, at, column, H * V);
    context.mmaStore(s1, out, at, column + 8, H * V);
    context.mmaStore(s2, out, at, column + 16, H * V);
    context.mmaStore(s3, out, at, column + 24, H * V);
  }

  /// Pair `j` of operand A: gated queries or keys, behind `K` scores.
  private static int operand(
      int zero,
      FloatArray x,
      FloatArray G,
      FloatArray scores,
      int group,
      int j,
      float factor,
      float scale,
      int k0,
      int ending,
      int width,
      int H,
      int K) {
    int i = j / A_TILE / (width / 16) * 16 + j / 8 % 16;
    int d = k0 + j / A_TILE % (width / 16) * 16 + j % 8 * 2;
    float first = 0.0f;
    float second = 0.0f;
    if (k0 < K) {
      int row = group / H * CHUNK * H + group % H;
      int at = (row + i * H) * K + d;
      int last = (row + 63 * H) * K + d;
      first = factor * x.get(at) * GlaChunkKernels.decay(G, at, last, ending);
      second = factor * x.get(at + 1) * GlaChunkKernels.decay(G, at + 1, last + 1, ending);
    } else {
      first = scale * score(scores, group, i, d - K, ending);
      second = scale * score(scores, group, i, d - K + 1, ending);
    }
    return GlaMatrixKernels.pair(zero, first, second);
  }

  /// The score of query `i` and key `d`, or the other way round where `ending` is 1; 0 where the
  /// key is later.
  private static float score(FloatArray scores, int group, int i, int d, int ending) {
    int query = ending == 1 ? d : i;
    int key = ending == 1 ? i : d;
    float value = 0.0f;
    if (key <= query) {
      value = scores.get((group * CHUNK + query) * CHUNK + key);
    }
    return value;
  }

  /// Pair `j` of operand B: a state, behind `K` values.
  private static int state(
      int zero,
      IntArray states,
      FloatArray y,
      int group,
      int row,
      int j,
      int k0,
      int H,
      int K,
      int V) {
    int value = 0;
    if (k0 < K) {
      value = states.get((group * K + k0) * (V / 2) + j);
    } else {
      value = GlaMatrixKernels.rowPair(zero, y, row + (k0 - K) * H, j, H, V);
    }
    return value;
  }

  /// Pair `j` of a chunk's rows, neighbours in V, in the order of operand A.
  static int linePair(int zero, FloatArray y, int row, int j, int v0, int width, int H, int V) {
    int i = j / A_TILE / (width / 16) * 16 + j / 8 % 16;
    int at = (row + i * H) * V + v0 + j / A_TILE % (width / 16) * 16 + j % 8 * 2;
    return GlaMatrixKernels.pair(zero, y.get(at), y.get(at + 1));
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
    int group = context.groupIdx;
    int row = group / H * CHUNK * H + group % H;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int v0 = 0; v0 < V; v0 += width) {
      for (int j = item; j < 32 * width; j += 4 * threads) {
        int j1 = TornadoMath.min(j + threads, 32 * width - 1);
        int j2 = TornadoMath.min(j + 2 * threads, 32 * width - 1);
        int j3 = TornadoMath.min(j + 3 * threads, 32 * width - 1);
        int p0 = linePair(zero, y, row, j, v0, width, H, V);
        int p1 = linePair(zero, y, row, j1, v0, width, H, V);
        int p2 = linePair(zero, y, row, j2, v0, width, H, V);
        int p3 = linePair(zero, y, row, j3, v0, width, H, V);
        left[j] = p0;
        left[j1] = p1;
        left[j2] = p2;
        left[j3] = p3;
      }
      for (int j = item; j < width / 4 * threads / 4; j += 2 * threads) {
        int j1 = TornadoMath.min(j + threads, width / 4 * threads / 4 - 1);
        int a0 = stateValue(states, group, j, 0, v0, width, K, V);
        int a1 = stateValue(states, group, j, 1, v0, width, K, V);
        int b0 = stateValue(states, group, j1, 0, v0, width, K, V);
        int b1 = stateValue(states, group, j1, 1, v0, width, K, V);
        int place = transposedPlace(j, width, threads);
        right[place] = (a0 & 0xFFFF) | (a1 << 16);
        right[place + 4] = ((a0 >> 16) & 0xFFFF) | (a1 & 0xFFFF0000);
        place = transposedPlace(j1, width, threads);
        right[place] = (b0 & 0xFFFF) | (b1 << 16);
        right[place + 4] = ((b0 >> 16) & 0xFFFF) | (b1 & 0xFFFF0000);
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
    int at = group / H * CHUNK + m * 16;
    int column = group % H * K + n * 32;
    context.mmaStore(s0, dX, at, column, H * K);
    context.mmaStore(s1, dX, at, column + 8, H * K);
    if (n * 32 + 16 < K) {
      context.mmaStore(s2, dX, at, column + 16, H * K);
      context.mmaStore(s3, dX, at, column + 24, H * K);
    }
  }

  /// The even (`odd` 0) or odd key of pair `j`, two neighbours in V; 0 behind `K`.
  private static int stateValue(
      IntArray states, int group, int j, int odd, int v0, int width, int K, int V) {
    int k = 2 * (j / (width / 2)) + odd;
    int value = 0;
    if (k < K) {
      value = states.get((group * K + k) * (V / 2) + v0 / 2 + j % (width / 2));
    }
    return value;
  }

  /// Where the first of the pairs from [#stateValue] goes in operand B; the second lies 4 further.
  private static int transposedPlace(int j, int width, int threads) {
    int v = j % (width / 2);
    int k = j / (width / 2);
    return (v / 8 * (threads / 32) + k / 4) * B_TILE + v % 8 * 8 + k % 4;
  }
}
