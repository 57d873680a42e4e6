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

/// The chunked form on matrix units, backward: gradients of queries and keys, and of what passes
/// between the tokens of a chunk; names as in [DeltaChunkGradientKernels].
public final class DeltaMatrixGradientKernels {
  /// Factors of [#differentiate].
  static final int QUERIES = 0;

  static final int HELD = 1;
  static final int LATER = 2;

  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final int WARP = OperandKernels.WARP;
  private static final int A_BYTES = OperandKernels.A_BYTES;
  private static final int B_BYTES = OperandKernels.B_BYTES;
  private static final int B_TILE = OperandKernels.B_TILE;

  private DeltaMatrixGradientKernels() {}

  /// `passed = diag(f) x Sᵀ`, `out = weights · other`, plus `passed` unless `which` is [#HELD], and
  /// `dots_i = own_i · passed_i`; groups of 4·K work-items `(chunks·HV)`. `which` says what `f` is:
  /// `scale·e^γ`, `−e^γ` or `e^{γ_C−γ}`.
  ///
  /// @param x `[M, HV, V]` where `which` is [#QUERIES], else `[chunks, HV, 64, V]`, Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param states S or D `[chunks, HV, K, V/2]` pairs, Read
  /// @param weights `[chunks, HV, 2048]` int, in operand order, Read
  /// @param other rows of [DeltaMatrixKernels#pack], Read
  /// @param own rows of [DeltaMatrixKernels#pack], Read
  /// @param passed `[chunks, HV, 64, K]`, Overwritten
  /// @param out `[chunks, HV, 64, K]`, Overwritten
  /// @param dots `[chunks, HV, 4, 64]`, row `which` Overwritten
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which V is a multiple
  public static void differentiate(
      KernelContext context,
      FloatArray x,
      FloatArray gates,
      IntArray bounds,
      IntArray states,
      IntArray weights,
      IntArray other,
      IntArray own,
      FloatArray passed,
      FloatArray out,
      FloatArray dots,
      float scale,
      int which,
      int width,
      int H,
      int HV,
      int K,
      int V) {
    int[] left = context.allocateIntLocalArray(2048);
    int[] right = context.allocateIntLocalArray(34 * K);
    float[] sums = context.allocateFloatLocalArray(4 * K);
    int item = context.localIdx;
    int zero = item >> 31;
    int m = item / WARP / (K / 32);
    int n = item / WARP % (K / 32);
    int group = context.groupIdx;
    int keys = (group / HV * H + group % HV / (HV / H)) * 32 * K;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int v0 = 0; v0 < V; v0 += width) {
      int from = stateAt(group, item, v0, K, V);
      int a0 = states.get(from);
      int b0 = states.get(from + V / 2);
      int a1 = states.get(from + 8);
      int b1 = states.get(from + V / 2 + 8);
      int a2 = 0;
      int b2 = 0;
      int a3 = 0;
      int b3 = 0;
      if (width > 32) {
        a2 = states.get(from + 16);
        b2 = states.get(from + V / 2 + 16);
        a3 = states.get(from + 24);
        b3 = states.get(from + V / 2 + 24);
      }
      for (int j = item; j < 32 * width; j += 16 * K) {
        int j1 = TornadoMath.min(j + 4 * K, 32 * width - 1);
        int j2 = TornadoMath.min(j + 8 * K, 32 * width - 1);
        int j3 = TornadoMath.min(j + 12 * K, 32 * width - 1);
        int p0 = scaledPair(zero, x, gates, bounds, group, j, v0, scale, which, HV, V);
        int p1 = scaledPair(zero, x, gates, bounds, group, j1, v0, scale, which, HV, V);
        int p2 = scaledPair(zero, x, gates, bounds, group, j2, v0, scale, which, HV, V);
        int p3 = scaledPair(zero, x, gates, bounds, group, j3, v0, scale, which, HV, V);
        left[j] = p0;
        left[j1] = p1;
        left[j2] = p2;
        left[j3] = p3;
      }
      int place = item / 32 * B_TILE + item % 8 * 8 + item / 8 % 4;
      right[place] = (a0 & 0xFFFF) | (b0 << 16);
      right[place + 4] = ((a0 >> 16) & 0xFFFF) | (b0 & 0xFFFF0000);
      place += K / 8 * B_TILE;
      right[place] = (a1 & 0xFFFF) | (b1 << 16);
      right[place + 4] = ((a1 >> 16) & 0xFFFF) | (b1 & 0xFFFF0000);
      if (width > 32) {
        place += K / 8 * B_TILE;
        right[place] = (a2 & 0xFFFF) | (b2 << 16);
        right[place + 4] = ((a2 >> 16) & 0xFFFF) | (b2 & 0xFFFF0000);
        place += K / 8 * B_TILE;
        right[place] = (a3 & 0xFFFF) | (b3 << 16);
        right[place + 4] = ((a3 >> 16) & 0xFFFF) | (b3 & 0xFFFF0000);
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (step * 4 + m) * A_BYTES);
        int b = (step * (K / 8) + n * 4) * B_BYTES;
        HalfFloat[] f0 = context.mmaLoadB(right, 16, b);
        HalfFloat[] f1 = context.mmaLoadB(right, 16, b + B_BYTES);
        HalfFloat[] f2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
        HalfFloat[] f3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
        s0 = context.mmaBF16(a, f0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, f1, s1, MMAShape.M16N8K16);
        s2 = context.mmaBF16(a, f2, s2, MMAShape.M16N8K16);
        s3 = context.mmaBF16(a, f3, s3, MMAShape.M16N8K16);
      }
      context.localBarrier();
    }
    int at = group * CHUNK + m * 16;
    Fragments.store(context, s0, passed, at, n * 32, K);
    Fragments.store(context, s1, passed, at, n * 32 + 8, K);
    Fragments.store(context, s2, passed, at, n * 32 + 16, K);
    Fragments.store(context, s3, passed, at, n * 32 + 24, K);
    if (which == HELD) {
      s0 = context.mmaFragment(0.0f);
      s1 = context.mmaFragment(0.0f);
      s2 = context.mmaFragment(0.0f);
      s3 = context.mmaFragment(0.0f);
    }
    for (int j = item; j < 2048; j += 16 * K) {
      int j1 = TornadoMath.min(j + 4 * K, 2047);
      int j2 = TornadoMath.min(j + 8 * K, 2047);
      int j3 = TornadoMath.min(j + 12 * K, 2047);
      int w0 = weights.get(group * 2048 + j);
      int w1 = weights.get(group * 2048 + j1);
      int w2 = weights.get(group * 2048 + j2);
      int w3 = weights.get(group * 2048 + j3);
      left[j] = w0;
      left[j1] = w1;
      left[j2] = w2;
      left[j3] = w3;
    }
    for (int j = item; j < 32 * K; j += 16 * K) {
      int p0 = other.get(keys + j);
      int p1 = other.get(keys + j + 4 * K);
      int p2 = other.get(keys + j + 8 * K);
      int p3 = other.get(keys + j + 12 * K);
      right[rightPlace(j, K)] = p0;
      right[rightPlace(j + 4 * K, K)] = p1;
      right[rightPlace(j + 8 * K, K)] = p2;
      right[rightPlace(j + 12 * K, K)] = p3;
    }
    context.localBarrier();
    for (int step = 0; step < 4; step++) {
      HalfFloat[] a = context.mmaLoadA(left, 16, (step * 4 + m) * A_BYTES);
      int b = (step * (K / 8) + n * 4) * B_BYTES;
      HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
      HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
      HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
      HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
      s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
      s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
      s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
    }
    Fragments.store(context, s0, out, at, n * 32, K);
    Fragments.store(context, s1, out, at, n * 32 + 8, K);
    Fragments.store(context, s2, out, at, n * 32 + 16, K);
    Fragments.store(context, s3, out, at, n * 32 + 24, K);
    int i = item / (K / 16);
    float sum = 0.0f;
    for (int p = item % (K / 16); p < K / 2; p += K / 16) {
      int both = own.get(keys + OperandKernels.place(i, p));
      int here = (group * CHUNK + i) * K + 2 * p;
      sum += BFloatPairs.first(both) * passed.get(here);
      sum += BFloatPairs.second(both) * passed.get(here + 1);
    }
    sums[item] = sum;
    context.localBarrier();
    if (item < CHUNK) {
      float total = 0.0f;
      for (int part = 0; part < K / 16; part++) {
        total += sums[item * (K / 16) + part];
      }
      dots.set((group * 4 + which) * CHUNK + item, total);
    }
  }

  private static int scaledPair(
      int zero,
      FloatArray x,
      FloatArray gates,
      IntArray bounds,
      int group,
      int j,
      int v0,
      float scale,
      int which,
      int HV,
      int V) {
    int row = group * CHUNK;
    int stride = 1;
    int size = CHUNK;
    if (which == QUERIES) {
      int begin = bounds.get(group / HV * 2);
      row = begin * HV + group % HV;
      stride = HV;
      size = bounds.get(group / HV * 2 + 1) - begin;
    }
    int gate = which == LATER ? 2 : 1;
    float factor = gates.get((group * 4 + gate) * CHUNK + OperandKernels.rowAt(j));
    if (which == QUERIES) {
      factor *= scale;
    }
    if (which == HELD) {
      factor = -factor;
    }
    return DeltaMatrixProductKernels.linePair(zero, x, row, stride, size, j, v0, V, factor);
  }

  /// Where of two keys, neighbours, the pair of the first is that a work-item takes of 16 values:
  /// eight pairs of values lie together.
  private static int stateAt(int group, int item, int v0, int K, int V) {
    return ((group * K + item / 8 * 2) * V + v0) / 2 + item % 8;
  }

  private static int rightPlace(int j, int K) {
    return OperandKernels.rightPlace(OperandKernels.rowAt(j), OperandKernels.pairAt(j), K);
  }

  /// From the products of [DeltaMatrixProductKernels#scoreGradients], two rows by two columns a
  /// work-item: `dE` and `dP` times the decay as operands, `−(R_i·U_j) E_ij` and `dP_ij P_ij`.
  ///
  /// @param keys `K Kᵀ` `[chunks, H, 64, 64]`, Read
  /// @param queries `Q Kᵀ` `[chunks, H, 64, 64]`, Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param byKeys `R Uᵀ` `[chunks, HV, 64, 64]`, Read and, where `j ≤ i`, Overwritten
  /// @param byQueries `dO Uᵀ` `[chunks, HV, 64, 64]`, Read and, where `j ≤ i`, Overwritten
  /// @param both `dE + dEᵀ` `[chunks, HV, 2048]` int, in operand order, Overwritten
  /// @param dP likewise, Overwritten
  /// @param turned `dPᵀ` likewise, Overwritten
  public static void passBetween(
      KernelContext context,
      FloatArray keys,
      FloatArray queries,
      FloatArray gates,
      FloatArray byKeys,
      FloatArray byQueries,
      IntArray both,
      IntArray dP,
      IntArray turned,
      float scale,
      int H,
      int HV) {
    int zero = context.globalIdx >> 31;
    int group = context.globalIdx / 1024;
    int i = context.globalIdx / 8 % 32;
    int j = context.globalIdx / 256 % 4 * 8 + context.globalIdx % 8;
    if (j <= i) {
      int at = (group * CHUNK + 2 * i) * CHUNK + 2 * j;
      int from = (group / HV * H + group % HV / (HV / H)) * CHUNK * CHUNK + 2 * i * CHUNK + 2 * j;
      float beside = j < i ? 1.0f : 0.0f;
      float d00 = DeltaMatrixKernels.decay(gates, group, 2 * i, 2 * j);
      float d10 = DeltaMatrixKernels.decay(gates, group, 2 * i + 1, 2 * j);
      float d11 = DeltaMatrixKernels.decay(gates, group, 2 * i + 1, 2 * j + 1);
      float d01 = 0.0f;
      if (j < i) {
        d01 = DeltaMatrixKernels.decay(gates, group, 2 * i, 2 * j + 1);
      }
      float e00 = -beside * d00 * byKeys.get(at);
      float e01 = -d01 * byKeys.get(at + 1);
      float e10 = -d10 * byKeys.get(at + CHUNK);
      float e11 = -beside * d11 * byKeys.get(at + CHUNK + 1);
      float p00 = scale * d00 * byQueries.get(at);
      float p01 = scale * d01 * byQueries.get(at + 1);
      float p10 = scale * d10 * byQueries.get(at + CHUNK);
      float p11 = scale * d11 * byQueries.get(at + CHUNK + 1);
      float b0 = gates.get((group * 4 + 3) * CHUNK + 2 * i);
      float b1 = gates.get((group * 4 + 3) * CHUNK + 2 * i + 1);
      byKeys.set(at, e00 * keys.get(from));
      byKeys.set(at + 1, e01 * keys.get(from + 1));
      byKeys.set(at + CHUNK, e10 * keys.get(from + CHUNK));
      byKeys.set(at + CHUNK + 1, e11 * keys.get(from + CHUNK + 1));
      byQueries.set(at, p00 * queries.get(from));
      byQueries.set(at + 1, p01 * queries.get(from + 1));
      byQueries.set(at + CHUNK, p10 * queries.get(from + CHUNK));
      byQueries.set(at + CHUNK + 1, p11 * queries.get(from + CHUNK + 1));
      e00 *= b0;
      e01 *= b0;
      e10 *= b1;
      e11 *= b1;
      if (i == j) {
        e01 = e10;
      }
      int line = group * 2048 + OperandKernels.place(2 * i, j);
      int column = group * 2048 + OperandKernels.place(2 * j, i);
      both.set(line, BFloatPairs.pack(zero, e00, e01));
      both.set(line + 8, BFloatPairs.pack(zero, e10, e11));
      both.set(column, BFloatPairs.pack(zero, e00, e10));
      both.set(column + 8, BFloatPairs.pack(zero, e01, e11));
      if (j < i) {
        dP.set(column, 0);
        dP.set(column + 8, 0);
        turned.set(line, 0);
        turned.set(line + 8, 0);
      }
      dP.set(line, BFloatPairs.pack(zero, p00, p01));
      dP.set(line + 8, BFloatPairs.pack(zero, p10, p11));
      turned.set(column, BFloatPairs.pack(zero, p00, p10));
      turned.set(column + 8, BFloatPairs.pack(zero, p01, p11));
    }
  }
}
