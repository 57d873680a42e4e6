package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.ops.BFloatPairs;
import dev.sluice.tasks.ops.Fragments;
import dev.sluice.tasks.ops.OperandKernels;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The chunked form on matrix units: products of a chunk's rows, all chunks at the same time. A
/// warp computes 16 rows by 32 columns.
public final class DeltaMatrixProductKernels {
  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final int GROUP = DeltaMatrixKernels.GROUP;
  private static final int WARP = OperandKernels.WARP;
  private static final int A_BYTES = OperandKernels.A_BYTES;
  private static final int B_TILE = OperandKernels.B_TILE;
  private static final int B_BYTES = OperandKernels.B_BYTES;

  private DeltaMatrixProductKernels() {}

  /// `out = weights · diag(d) x`, `d` being `e^γ` where `decayed` is 1, else 1; groups of 4·D
  /// work-items `(chunks·HV)`.
  ///
  /// @param weights `[chunks, HV, 2048]` int, in operand order, Read
  /// @param x `[M, X, D]` where `tokens` is 1, else `[chunks, HV, 64, D]`, Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param out `[chunks, HV, 64, D]`, Overwritten
  public static void multiply(
      KernelContext context,
      IntArray weights,
      FloatArray x,
      FloatArray gates,
      IntArray bounds,
      FloatArray out,
      int tokens,
      int decayed,
      int X,
      int HV,
      int D) {
    int[] left = context.allocateIntLocalArray(2048);
    int[] right = context.allocateIntLocalArray(34 * D);
    int item = context.localIdx;
    int zero = item >> 31;
    int m = item / WARP / (D / 32);
    int n = item / WARP % (D / 32);
    int group = context.groupIdx;
    int begin = 0;
    int size = CHUNK;
    if (tokens == 1) {
      begin = bounds.get(group / HV * 2);
      size = bounds.get(group / HV * 2 + 1) - begin;
    }
    for (int j = item; j < 2048; j += 16 * D) {
      int j1 = TornadoMath.min(j + 4 * D, 2047);
      int j2 = TornadoMath.min(j + 8 * D, 2047);
      int j3 = TornadoMath.min(j + 12 * D, 2047);
      int w0 = weights.get(group * 2048 + j);
      int w1 = weights.get(group * 2048 + j1);
      int w2 = weights.get(group * 2048 + j2);
      int w3 = weights.get(group * 2048 + j3);
      left[j] = w0;
      left[j1] = w1;
      left[j2] = w2;
      left[j3] = w3;
    }
    for (int j = item; j < 32 * D; j += 16 * D) {
      int p0 = rowPair(zero, x, gates, group, begin, size, j, tokens, decayed, X, HV, D);
      int p1 = rowPair(zero, x, gates, group, begin, size, j + 4 * D, tokens, decayed, X, HV, D);
      int p2 = rowPair(zero, x, gates, group, begin, size, j + 8 * D, tokens, decayed, X, HV, D);
      int p3 = rowPair(zero, x, gates, group, begin, size, j + 12 * D, tokens, decayed, X, HV, D);
      right[rightPlace(j, D)] = p0;
      right[rightPlace(j + 4 * D, D)] = p1;
      right[rightPlace(j + 8 * D, D)] = p2;
      right[rightPlace(j + 12 * D, D)] = p3;
    }
    context.localBarrier();
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int step = 0; step < 4; step++) {
      HalfFloat[] a = context.mmaLoadA(left, 16, (step * 4 + m) * A_BYTES);
      int b = (step * (D / 8) + n * 4) * B_BYTES;
      HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
      HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
      HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
      HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
      s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
      s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
      s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
    }
    int at = group * CHUNK + m * 16;
    Fragments.store(context, s0, out, at, n * 32, D);
    Fragments.store(context, s1, out, at, n * 32 + 8, D);
    Fragments.store(context, s2, out, at, n * 32 + 16, D);
    Fragments.store(context, s3, out, at, n * 32 + 24, D);
  }

  /// Pair `j` of a chunk's rows, neighbours in `D`; 0 behind its end.
  private static int rowPair(
      int zero,
      FloatArray x,
      FloatArray gates,
      int group,
      int begin,
      int size,
      int j,
      int tokens,
      int decayed,
      int X,
      int HV,
      int D) {
    int i = j / (D / 2);
    float first = 0.0f;
    float second = 0.0f;
    if (i < size) {
      int row = group * CHUNK + i;
      if (tokens == 1) {
        row = (begin + i) * X + group % HV / (HV / X);
      }
      float factor = 1.0f;
      if (decayed == 1) {
        factor = gates.get((group * 4 + 1) * CHUNK + i);
      }
      int at = row * D + j % (D / 2) * 2;
      first = factor * x.get(at);
      second = factor * x.get(at + 1);
    }
    return BFloatPairs.pack(zero, first, second);
  }

  private static int rightPlace(int j, int D) {
    return OperandKernels.rightPlace(j / (D / 2), j % (D / 2), D);
  }

  /// `o = scale · diag(e^γ) Q S + scale · P U`; groups of 4·V work-items `(chunks·HV)`.
  ///
  /// @param q rows of [DeltaMatrixKernels#pack], Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param states `[chunks, HV, K, V/2]` pairs, Read
  /// @param weights `scale · P` of [DeltaMatrixKernels#weigh], Read
  /// @param U `[chunks, HV, 64, V]`, Read
  /// @param o `[M, HV, V]`, Overwritten
  /// @param rest `[chunks, HV, 64, V]`, Overwritten for chunks that are cut short, of no meaning
  ///   afterwards
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which K is a multiple
  public static void combine(
      KernelContext context,
      IntArray q,
      FloatArray gates,
      IntArray bounds,
      IntArray states,
      IntArray weights,
      FloatArray U,
      FloatArray o,
      FloatArray rest,
      float scale,
      int width,
      int H,
      int HV,
      int K,
      int V) {
    int[] left = context.allocateIntLocalArray(32 * width);
    int[] right = context.allocateIntLocalArray(width * V / 64 * 34);
    int item = context.localIdx;
    int zero = item >> 31;
    int m = item / WARP / (V / 32);
    int n = item / WARP % (V / 32);
    int group = context.groupIdx;
    int keys = (group / HV * H + group % HV / (HV / H)) * 32 * K;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int k0 = 0; k0 < K + CHUNK; k0 += width) {
      for (int j = item; j < 32 * width; j += 16 * V) {
        int j1 = TornadoMath.min(j + 4 * V, 32 * width - 1);
        int j2 = TornadoMath.min(j + 8 * V, 32 * width - 1);
        int j3 = TornadoMath.min(j + 12 * V, 32 * width - 1);
        int p0 = query(zero, q, weights, gates, group, keys, j, scale, k0, K);
        int p1 = query(zero, q, weights, gates, group, keys, j1, scale, k0, K);
        int p2 = query(zero, q, weights, gates, group, keys, j2, scale, k0, K);
        int p3 = query(zero, q, weights, gates, group, keys, j3, scale, k0, K);
        left[j] = p0;
        left[j1] = p1;
        left[j2] = p2;
        left[j3] = p3;
      }
      for (int j = item; j < width * V / 2; j += 16 * V) {
        int p0 = state(zero, states, U, group, j, k0, K, V);
        int p1 = state(zero, states, U, group, j + 4 * V, k0, K, V);
        int p2 = state(zero, states, U, group, j + 8 * V, k0, K, V);
        int p3 = state(zero, states, U, group, j + 12 * V, k0, K, V);
        right[rightPlace(j, V)] = p0;
        right[rightPlace(j + 4 * V, V)] = p1;
        right[rightPlace(j + 8 * V, V)] = p2;
        right[rightPlace(j + 12 * V, V)] = p3;
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (step * 4 + m) * A_BYTES);
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
    int begin = bounds.get(group / HV * 2);
    int size = bounds.get(group / HV * 2 + 1) - begin;
    if (size == CHUNK) {
      int column = group % HV * V + n * 32;
      Fragments.store(context, s0, o, begin + m * 16, column, HV * V);
      Fragments.store(context, s1, o, begin + m * 16, column + 8, HV * V);
      Fragments.store(context, s2, o, begin + m * 16, column + 16, HV * V);
      Fragments.store(context, s3, o, begin + m * 16, column + 24, HV * V);
    } else {
      int at = group * CHUNK + m * 16;
      Fragments.store(context, s0, rest, at, n * 32, V);
      Fragments.store(context, s1, rest, at, n * 32 + 8, V);
      Fragments.store(context, s2, rest, at, n * 32 + 16, V);
      Fragments.store(context, s3, rest, at, n * 32 + 24, V);
    }
    context.localBarrier();
    if (size < CHUNK) {
      for (int j = item; j < size * V; j += 4 * V) {
        float value = rest.get(group * CHUNK * V + j);
        o.set(((begin + j / V) * HV + group % HV) * V + j % V, value);
      }
    }
  }

  /// Pair `j` of operand A: queries, decayed, behind `K` scores.
  private static int query(
      int zero,
      IntArray q,
      IntArray weights,
      FloatArray gates,
      int group,
      int keys,
      int j,
      float scale,
      int k0,
      int K) {
    int value = 0;
    if (k0 < K) {
      int both = q.get(keys + k0 * 32 + j);
      float factor = scale * gates.get((group * 4 + 1) * CHUNK + OperandKernels.rowAt(j));
      value =
          BFloatPairs.pack(
              zero, factor * BFloatPairs.first(both), factor * BFloatPairs.second(both));
    } else {
      value = weights.get(group * 2048 + (k0 - K) * 32 + j);
    }
    return value;
  }

  /// Pair `j` of operand B: a state, behind `K` rows of U.
  private static int state(
      int zero, IntArray states, FloatArray U, int group, int j, int k0, int K, int V) {
    int value = 0;
    if (k0 < K) {
      value = states.get((group * K + k0) * (V / 2) + j);
    } else {
      int at = (group * CHUNK + k0 - K) * V + 2 * j;
      value = BFloatPairs.pack(zero, U.get(at), U.get(at + 1));
    }
    return value;
  }

  /// `byKeys = R Uᵀ`, `byQueries = dO Uᵀ`; groups `(chunks·HV)`.
  ///
  /// @param R `[chunks, HV, 64, V]`, Read
  /// @param dO `[M, HV, V]`, Read
  /// @param U `[chunks, HV, 64, V]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param byKeys `[chunks, HV, 64, 64]`, Overwritten
  /// @param byQueries `[chunks, HV, 64, 64]`, Overwritten
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which V is a multiple
  public static void scoreGradients(
      KernelContext context,
      FloatArray R,
      FloatArray dO,
      FloatArray U,
      IntArray bounds,
      FloatArray byKeys,
      FloatArray byQueries,
      int width,
      int HV,
      int V) {
    int[] leftR = context.allocateIntLocalArray(32 * width);
    int[] leftO = context.allocateIntLocalArray(32 * width);
    int[] right = context.allocateIntLocalArray(34 * width);
    int item = context.localIdx;
    int zero = item >> 31;
    int w = item / WARP;
    int group = context.groupIdx;
    int begin = bounds.get(group / HV * 2);
    int size = bounds.get(group / HV * 2 + 1) - begin;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    float[] r0 = context.mmaFragment(0.0f);
    float[] r1 = context.mmaFragment(0.0f);
    float[] r2 = context.mmaFragment(0.0f);
    float[] r3 = context.mmaFragment(0.0f);
    for (int v0 = 0; v0 < V; v0 += width) {
      for (int j = item; j < 32 * width; j += 2 * GROUP) {
        int a0 = linePair(zero, R, group * CHUNK, 1, CHUNK, j, v0, V, 1.0f);
        int a1 = linePair(zero, R, group * CHUNK, 1, CHUNK, j + GROUP, v0, V, 1.0f);
        int c0 = linePair(zero, dO, begin * HV + group % HV, HV, size, j, v0, V, 1.0f);
        int c1 = linePair(zero, dO, begin * HV + group % HV, HV, size, j + GROUP, v0, V, 1.0f);
        int b0 = columnPair(zero, U, group, j, v0, V);
        int b1 = columnPair(zero, U, group, j + GROUP, v0, V);
        leftR[j] = a0;
        leftR[j + GROUP] = a1;
        leftO[j] = c0;
        leftO[j + GROUP] = c1;
        right[columnPlace(j)] = b0;
        right[columnPlace(j + GROUP)] = b1;
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(leftR, 16, (step * 4 + w % 4) * A_BYTES);
        HalfFloat[] c = context.mmaLoadA(leftO, 16, (step * 4 + w % 4) * A_BYTES);
        int b = (step * 8 + w / 4 * 4) * B_BYTES;
        HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
        HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
        HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
        s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
        s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
        s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
        r0 = context.mmaBF16(c, b0, r0, MMAShape.M16N8K16);
        r1 = context.mmaBF16(c, b1, r1, MMAShape.M16N8K16);
        r2 = context.mmaBF16(c, b2, r2, MMAShape.M16N8K16);
        r3 = context.mmaBF16(c, b3, r3, MMAShape.M16N8K16);
      }
      context.localBarrier();
    }
    int at = group * CHUNK + w % 4 * 16;
    int column = w / 4 * 32;
    Fragments.store(context, s0, byKeys, at, column, CHUNK);
    Fragments.store(context, s1, byKeys, at, column + 8, CHUNK);
    Fragments.store(context, s2, byKeys, at, column + 16, CHUNK);
    Fragments.store(context, s3, byKeys, at, column + 24, CHUNK);
    Fragments.store(context, r0, byQueries, at, column, CHUNK);
    Fragments.store(context, r1, byQueries, at, column + 8, CHUNK);
    Fragments.store(context, r2, byQueries, at, column + 16, CHUNK);
    Fragments.store(context, r3, byQueries, at, column + 24, CHUNK);
  }

  /// Pair `j` of a slab of rows in operand order, times `factor`; 0 behind `size` rows.
  static int linePair(
      int zero, FloatArray x, int row, int stride, int size, int j, int v0, int V, float factor) {
    int i = OperandKernels.rowAt(j);
    float first = 0.0f;
    float second = 0.0f;
    if (i < size) {
      int at = (row + i * stride) * V + v0 + 2 * OperandKernels.pairAt(j);
      first = factor * x.get(at);
      second = factor * x.get(at + 1);
    }
    return BFloatPairs.pack(zero, first, second);
  }

  /// Pair `j` of a slab of rows, neighbours in time; eight elements by four pairs lie together, so
  /// that neither reads nor writes of a warp collide.
  private static int columnPair(int zero, FloatArray x, int group, int j, int v0, int V) {
    int t = j / 8 % 32;
    int at = (group * CHUNK + 2 * t) * V + v0 + j / 256 * 8 + j % 8;
    return BFloatPairs.pack(zero, x.get(at), x.get(at + V));
  }

  private static int columnPlace(int j) {
    int t = j / 8 % 32;
    int v = j / 256 * 8 + j % 8;
    return (v / 16 * 8 + t / 4) * B_TILE + v % 16 * 4 + t % 4;
  }
}
