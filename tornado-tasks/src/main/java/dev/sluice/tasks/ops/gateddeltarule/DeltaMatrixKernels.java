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

/// The chunked form on matrix units: what lies within a chunk. Operands are bfloat16, sums float32,
/// and the inverse is float32 throughout.
///
/// Names are as in [DeltaChunkKernels]. Chunks are filled up to 64 rows with tokens of zeros and no
/// gate, which change nothing, so that everything here has whole chunks; `[chunks, X, 64, D]` is
/// *chunk layout*. Factors of rows go to the operand that is made of float32 anyway. `K` and `V`
/// are multiples of 32, at most [#LARGEST].
public final class DeltaMatrixKernels {
  /// Work-items of a group, where it is not said.
  public static final int GROUP = 256;

  /// Largest `K` and `V`, by local memory.
  public static final int LARGEST = 128;

  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final int WARP = OperandKernels.WARP;
  private static final int A_BYTES = OperandKernels.A_BYTES;
  private static final int B_TILE = OperandKernels.B_TILE;
  private static final int B_BYTES = OperandKernels.B_BYTES;

  private DeltaMatrixKernels() {}

  /// Factors of a chunk's rows: `γ`, `e^γ`, `e^{γ_C−γ}` and `β`; groups of 64 `(chunks·HV)`.
  ///
  /// @param g `[M, HV]`, Read where `gated` is 1
  /// @param beta `[M, HV]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param gates `[chunks, HV, 4, 64]`, Overwritten
  public static void sumGates(
      KernelContext context,
      FloatArray g,
      FloatArray beta,
      IntArray bounds,
      FloatArray gates,
      int gated,
      int HV) {
    float[] sums = context.allocateFloatLocalArray(2 * CHUNK);
    int i = context.localIdx;
    int c = context.groupIdx / HV;
    int begin = bounds.get(2 * c);
    int at = (begin + i) * HV + context.groupIdx % HV;
    float sum = 0.0f;
    float strength = 0.0f;
    if (begin + i < bounds.get(2 * c + 1)) {
      strength = beta.get(at);
      if (gated == 1) {
        sum = g.get(at);
      }
    }
    int half = 0;
    for (int distance = 1; distance < CHUNK; distance *= 2) {
      sums[half + i] = sum;
      context.localBarrier();
      if (i >= distance) {
        sum += sums[half + i - distance];
      }
      half = CHUNK - half;
    }
    sums[half + i] = sum;
    context.localBarrier();
    float whole = sums[half + CHUNK - 1];
    int to = context.groupIdx * 4 * CHUNK + i;
    gates.set(to, sum);
    gates.set(to + CHUNK, TornadoMath.exp(sum));
    gates.set(to + 2 * CHUNK, TornadoMath.exp(whole - sum));
    gates.set(to + 3 * CHUNK, strength);
  }

  /// Rows as operands, both ways; a work-item two tokens by two elements.
  ///
  /// @param x `[M, X, D]` where `tokens` is 1, else `[chunks, X, 64, D]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param rows `[chunks, X, 32·D]` int, Overwritten: pairs along `D`, in operand order
  /// @param columns `[chunks, X, 32·D]` int, Overwritten: rows are elements, pairs along time;
  ///   tiles of A, those of one 16 tokens together
  public static void pack(
      KernelContext context,
      FloatArray x,
      IntArray bounds,
      IntArray rows,
      IntArray columns,
      int tokens,
      int X,
      int D) {
    int zero = context.globalIdx >> 31;
    int group = context.globalIdx / (16 * D);
    int j = context.globalIdx % (16 * D);
    int d = j / 256 * 8 + j % 8;
    int t = j / 8 % 32;
    int row = group * CHUNK;
    int stride = 1;
    int size = CHUNK;
    if (tokens == 1) {
      int begin = bounds.get(group / X * 2);
      row = begin * X + group % X;
      stride = X;
      size = bounds.get(group / X * 2 + 1) - begin;
    }
    float x00 = 0.0f;
    float x01 = 0.0f;
    float x10 = 0.0f;
    float x11 = 0.0f;
    if (2 * t < size) {
      x00 = x.get((row + 2 * t * stride) * D + 2 * d);
      x01 = x.get((row + 2 * t * stride) * D + 2 * d + 1);
    }
    if (2 * t + 1 < size) {
      x10 = x.get((row + (2 * t + 1) * stride) * D + 2 * d);
      x11 = x.get((row + (2 * t + 1) * stride) * D + 2 * d + 1);
    }
    int to = group * 32 * D;
    int place = to + OperandKernels.place(2 * t, d);
    rows.set(place, BFloatPairs.pack(zero, x00, x01));
    rows.set(place + 8, BFloatPairs.pack(zero, x10, x11));
    int turned = to + (t / 8 * (D / 16) + d / 8) * OperandKernels.A_TILE + d % 8 * 16 + t % 8;
    columns.set(turned, BFloatPairs.pack(zero, x00, x10));
    columns.set(turned + 8, BFloatPairs.pack(zero, x01, x11));
  }

  /// `K Kᵀ` and `Q Kᵀ` of a chunk; groups `(chunks·H)`.
  ///
  /// @param q rows of [#pack], Read
  /// @param k rows of [#pack], Read
  /// @param turned columns of [#pack] of `k`, Read
  /// @param keys `[chunks, H, 64, 64]`, Overwritten
  /// @param queries `[chunks, H, 64, 64]`, Overwritten
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which K is a multiple
  public static void scores(
      KernelContext context,
      IntArray q,
      IntArray k,
      IntArray turned,
      FloatArray keys,
      FloatArray queries,
      int width,
      int K) {
    int[] leftK = context.allocateIntLocalArray(32 * width);
    int[] leftQ = context.allocateIntLocalArray(32 * width);
    int[] right = context.allocateIntLocalArray(34 * width);
    int item = context.localIdx;
    int w = item / WARP;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    float[] r0 = context.mmaFragment(0.0f);
    float[] r1 = context.mmaFragment(0.0f);
    float[] r2 = context.mmaFragment(0.0f);
    float[] r3 = context.mmaFragment(0.0f);
    for (int k0 = 0; k0 < K; k0 += width) {
      int from = (context.groupIdx * K + k0) * 32;
      for (int j = item; j < 32 * width; j += 4 * GROUP) {
        int k1 = k.get(from + j);
        int k2 = k.get(from + j + GROUP);
        int k3 = k.get(from + j + 2 * GROUP);
        int k4 = k.get(from + j + 3 * GROUP);
        int q1 = q.get(from + j);
        int q2 = q.get(from + j + GROUP);
        int q3 = q.get(from + j + 2 * GROUP);
        int q4 = q.get(from + j + 3 * GROUP);
        int t1 = turned.get(turnedAt(context.groupIdx, j, k0, width, K));
        int t2 = turned.get(turnedAt(context.groupIdx, j + GROUP, k0, width, K));
        int t3 = turned.get(turnedAt(context.groupIdx, j + 2 * GROUP, k0, width, K));
        int t4 = turned.get(turnedAt(context.groupIdx, j + 3 * GROUP, k0, width, K));
        leftK[j] = k1;
        leftK[j + GROUP] = k2;
        leftK[j + 2 * GROUP] = k3;
        leftK[j + 3 * GROUP] = k4;
        leftQ[j] = q1;
        leftQ[j + GROUP] = q2;
        leftQ[j + 2 * GROUP] = q3;
        leftQ[j + 3 * GROUP] = q4;
        right[turnedPlace(j, width)] = t1;
        right[turnedPlace(j + GROUP, width)] = t2;
        right[turnedPlace(j + 2 * GROUP, width)] = t3;
        right[turnedPlace(j + 3 * GROUP, width)] = t4;
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(leftK, 16, (step * 4 + w % 4) * A_BYTES);
        HalfFloat[] c = context.mmaLoadA(leftQ, 16, (step * 4 + w % 4) * A_BYTES);
        int b = (w / 4 * 4 * (width / 16) + step) * B_BYTES;
        int next = width / 16 * B_BYTES;
        HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, b + next);
        HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * next);
        HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * next);
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
    int at = context.groupIdx * CHUNK + w % 4 * 16;
    int column = w / 4 * 32;
    Fragments.store(context, s0, keys, at, column, CHUNK);
    Fragments.store(context, s1, keys, at, column + 8, CHUNK);
    Fragments.store(context, s2, keys, at, column + 16, CHUNK);
    Fragments.store(context, s3, keys, at, column + 24, CHUNK);
    Fragments.store(context, r0, queries, at, column, CHUNK);
    Fragments.store(context, r1, queries, at, column + 8, CHUNK);
    Fragments.store(context, r2, queries, at, column + 16, CHUNK);
    Fragments.store(context, r3, queries, at, column + 24, CHUNK);
  }

  /// Where pair `j` of a slab of `turned` is: those of 16 tokens together, as they lie there.
  private static int turnedAt(int group, int j, int k0, int width, int K) {
    return group * 32 * K + (j / (8 * width) * K + k0) * 8 + j % (8 * width);
  }

  /// Where it goes in operand B.
  private static int turnedPlace(int j, int width) {
    int tile = (j / (8 * width) * 2 + j % 8 / 4) * (width / 16) + j % (8 * width) / 128;
    return tile * B_TILE + j / 8 % 16 * 4 + j % 4;
  }

  /// `A = (I + diag(β) E)⁻¹`: blocks of 16 by substitution, then blocks of 32 and 64 from `−A₂₂ E₂₁
  /// A₁₁`; groups `(chunks·HV)`.
  ///
  /// @param keys `K Kᵀ` `[chunks, H, 64, 64]`, Read where `j < i`
  /// @param gates of [#sumGates], Read
  /// @param solving `[chunks, HV, 2048]` int, Overwritten with `A diag(β)` in operand order
  /// @param turned `[chunks, HV, 2048]` int, Overwritten with `Aᵀ` in operand order
  public static void invert(
      KernelContext context,
      FloatArray keys,
      FloatArray gates,
      IntArray solving,
      IntArray turned,
      int H,
      int HV) {
    float[] lower = context.allocateFloatLocalArray(CHUNK * 65);
    float[] inverse = context.allocateFloatLocalArray(CHUNK * 65);
    int item = context.localIdx;
    int zero = item >> 31;
    int group = context.groupIdx;
    int from = (group / HV * H + group % HV / (HV / H)) * CHUNK * CHUNK;
    for (int j = item; j < CHUNK * CHUNK; j += GROUP) {
      float value = 0.0f;
      if (j % CHUNK < j / CHUNK) {
        value = keys.get(from + j) * weight(gates, group, j / CHUNK, j % CHUNK);
      }
      lower[j / CHUNK * 65 + j % CHUNK] = value;
      inverse[j / CHUNK * 65 + j % CHUNK] = j / CHUNK == j % CHUNK ? 1.0f : 0.0f;
    }
    context.localBarrier();
    if (item < CHUNK) {
      for (int i = item + 1; i < item / 16 * 16 + 16; i++) {
        float sum = lower[i * 65 + item];
        for (int j = item + 1; j < i; j++) {
          sum += lower[i * 65 + j] * inverse[j * 65 + item];
        }
        inverse[i * 65 + item] = -sum;
      }
    }
    context.localBarrier();
    for (int half = 16; half < CHUNK; half *= 2) {
      for (int x = item; x < 32 * half; x += GROUP) {
        int begin = x / (half * half) * 2 * half;
        int i = x / half % half;
        int j = x % half;
        float sum = 0.0f;
        for (int d = j; d < half; d++) {
          sum += lower[(begin + half + i) * 65 + begin + d] * inverse[(begin + d) * 65 + begin + j];
        }
        lower[(begin + i) * 65 + begin + half + j] = sum;
      }
      context.localBarrier();
      for (int x = item; x < 32 * half; x += GROUP) {
        int begin = x / (half * half) * 2 * half;
        int i = begin + half + x / half % half;
        int j = x % half;
        float sum = 0.0f;
        for (int d = 0; d <= x / half % half; d++) {
          sum += inverse[i * 65 + begin + half + d] * lower[(begin + d) * 65 + begin + half + j];
        }
        inverse[i * 65 + begin + j] = -sum;
      }
      context.localBarrier();
    }
    int strength = (group * 4 + 3) * CHUNK;
    for (int x = item; x < 2048; x += GROUP) {
      int i = OperandKernels.rowAt(x);
      int j = 2 * OperandKernels.pairAt(x);
      float first = inverse[i * 65 + j] * gates.get(strength + j);
      float second = inverse[i * 65 + j + 1] * gates.get(strength + j + 1);
      solving.set(group * 2048 + x, BFloatPairs.pack(zero, first, second));
      turned.set(
          group * 2048 + x, BFloatPairs.pack(zero, inverse[j * 65 + i], inverse[(j + 1) * 65 + i]));
    }
  }

  /// `β_i e^{γ_i−γ_j}`
  private static float weight(FloatArray gates, int group, int i, int j) {
    int at = group * 4 * CHUNK;
    return gates.get(at + 3 * CHUNK + i) * TornadoMath.exp(gates.get(at + i) - gates.get(at + j));
  }

  /// `scale · P`, both ways, as operands; a work-item two rows by two columns.
  ///
  /// @param queries `Q Kᵀ` `[chunks, H, 64, 64]`, Read where `j ≤ i`
  /// @param gates of [#sumGates], Read
  /// @param weights `[chunks, HV, 2048]` int, Overwritten with `scale · P` in operand order
  /// @param turned `[chunks, HV, 2048]` int, Overwritten with `scale · Pᵀ` in operand order
  public static void weigh(
      KernelContext context,
      FloatArray queries,
      FloatArray gates,
      IntArray weights,
      IntArray turned,
      float scale,
      int H,
      int HV) {
    int zero = context.globalIdx >> 31;
    int group = context.globalIdx / 1024;
    int i = context.globalIdx / 8 % 32;
    int j = context.globalIdx / 256 % 4 * 8 + context.globalIdx % 8;
    float p00 = 0.0f;
    float p10 = 0.0f;
    float p11 = 0.0f;
    float p01 = 0.0f;
    if (j <= i) {
      int from = (group / HV * H + group % HV / (HV / H)) * CHUNK * CHUNK + 2 * i * CHUNK + 2 * j;
      p00 = scale * decay(gates, group, 2 * i, 2 * j) * queries.get(from);
      p10 = scale * decay(gates, group, 2 * i + 1, 2 * j) * queries.get(from + CHUNK);
      p11 = scale * decay(gates, group, 2 * i + 1, 2 * j + 1) * queries.get(from + CHUNK + 1);
      if (j < i) {
        p01 = scale * decay(gates, group, 2 * i, 2 * j + 1) * queries.get(from + 1);
      }
    }
    int place = group * 2048 + OperandKernels.place(2 * i, j);
    weights.set(place, BFloatPairs.pack(zero, p00, p01));
    weights.set(place + 8, BFloatPairs.pack(zero, p10, p11));
    place = group * 2048 + OperandKernels.place(2 * j, i);
    turned.set(place, BFloatPairs.pack(zero, p00, p10));
    turned.set(place + 8, BFloatPairs.pack(zero, p01, p11));
  }

  /// `e^{γ_i−γ_j}`
  static float decay(FloatArray gates, int group, int i, int j) {
    int at = group * 4 * CHUNK;
    return TornadoMath.exp(gates.get(at + i) - gates.get(at + j));
  }
}
