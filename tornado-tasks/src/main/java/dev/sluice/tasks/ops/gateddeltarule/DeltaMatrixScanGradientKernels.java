package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.ops.BFloatPairs;
import dev.sluice.tasks.ops.Fragments;
import dev.sluice.tasks.ops.OperandKernels;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The chunked form on matrix units, backward: from chunk to chunk, as [DeltaMatrixScanKernels]
/// goes.
public final class DeltaMatrixScanGradientKernels {
  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final int TILE = DeltaMatrixScanKernels.TILE;
  private static final int GROUP = DeltaMatrixScanKernels.GROUP;
  private static final int WARP = OperandKernels.WARP;
  private static final int A_BYTES = OperandKernels.A_BYTES;
  private static final int B_TILE = OperandKernels.B_TILE;
  private static final int B_BYTES = OperandKernels.B_BYTES;

  private DeltaMatrixScanGradientKernels() {}

  /// From the last chunk to the first: `dU = scale·Pᵀ dO + diag(e^{γ_C−γ}) K D; D ← e^{γ_C} D + Qᵀ
  /// (diag(scale·e^γ) dO) − Wᵀ dU`; groups `(N·HV, tiles of V)`.
  ///
  /// @param k rows of [DeltaMatrixKernels#pack], Read
  /// @param q columns of [DeltaMatrixKernels#pack], Read
  /// @param W columns of [DeltaMatrixKernels#pack], Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param dO `[M, HV, V]`, Read
  /// @param dLast `[N, HV, K, V]`, Read where `hasLast` is 1
  /// @param bounds `[chunks, 2]` int, Read
  /// @param first `[N+1]` int, Read
  /// @param dU `[chunks, HV, 64, V]`, `scale·Pᵀ dO` at first, Read and Overwritten
  /// @param D `[chunks, HV, K, V/2]` pairs, Overwritten with the gradient of the state after each
  ///   chunk
  /// @param dInitial `[N, HV, K, V]`, Overwritten
  /// @param exchange as in [DeltaMatrixScanKernels#scanStates]
  /// @param room the greater of K and 64
  public static void scanGradients(
      KernelContext context,
      IntArray k,
      IntArray q,
      IntArray W,
      FloatArray gates,
      FloatArray dO,
      FloatArray dLast,
      IntArray bounds,
      IntArray first,
      FloatArray dU,
      IntArray D,
      FloatArray dInitial,
      FloatArray exchange,
      float scale,
      int hasLast,
      int room,
      int H,
      int HV,
      int K,
      int V) {
    int[] left = context.allocateIntLocalArray(32 * K);
    int[] leftQ = context.allocateIntLocalArray(32 * K);
    int[] right = context.allocateIntLocalArray(17 * (room + CHUNK));
    int item = context.localIdx;
    int zero = item >> 31;
    int w = item / WARP;
    int m = w % (K / 8) / 2;
    int n = w % 2;
    int head = context.groupIdx % HV;
    int v0 = context.groupIdy * TILE;
    int own = (context.groupIdx * (V / TILE) + context.groupIdy) * (CHUNK + K);
    float a0 = 0.0f;
    float a1 = 0.0f;
    float a2 = 0.0f;
    float a3 = 0.0f;
    float a4 = 0.0f;
    float a5 = 0.0f;
    float a6 = 0.0f;
    float a7 = 0.0f;
    int base = context.groupIdx * K * V + v0 + DeltaMatrixScanKernels.stateAt(item, V);
    if (hasLast == 1) {
      a0 = dLast.get(base);
      a1 = dLast.get(base + 1);
      if (K > 32) {
        a2 = dLast.get(base + 32 * V);
        a3 = dLast.get(base + 32 * V + 1);
      }
      if (K > 64) {
        a4 = dLast.get(base + 64 * V);
        a5 = dLast.get(base + 64 * V + 1);
      }
      if (K > 96) {
        a6 = dLast.get(base + 96 * V);
        a7 = dLast.get(base + 96 * V + 1);
      }
    }
    int end = first.get(context.groupIdx / HV + 1);
    int count = end - first.get(context.groupIdx / HV);
    for (int done = 0; done < count; done++) {
      int c = end - 1 - done;
      int fresh = c >> 31;
      int group = c * HV + head;
      int half = group * K * (V / 2) + v0 / 2 + DeltaMatrixScanKernels.stateAt(item, V) / 2;
      int keys = (c * H + head / (HV / H)) * 32 * K;
      int y0 = k.get(keys + item);
      int y1 = k.get(keys + item + GROUP);
      int y2 = 0;
      int y3 = 0;
      int y4 = 0;
      int y5 = 0;
      int y6 = 0;
      int y7 = 0;
      if (K > 32) {
        y2 = k.get(keys + item + 2 * GROUP);
        y3 = k.get(keys + item + 3 * GROUP);
      }
      if (K > 64) {
        y4 = k.get(keys + item + 4 * GROUP);
        y5 = k.get(keys + item + 5 * GROUP);
      }
      if (K > 96) {
        y6 = k.get(keys + item + 6 * GROUP);
        y7 = k.get(keys + item + 7 * GROUP);
      }
      int z0 = q.get(keys + item);
      int z1 = q.get(keys + item + GROUP);
      int z2 = 0;
      int z3 = 0;
      int z4 = 0;
      int z5 = 0;
      int z6 = 0;
      int z7 = 0;
      if (K > 32) {
        z2 = q.get(keys + item + 2 * GROUP);
        z3 = q.get(keys + item + 3 * GROUP);
      }
      if (K > 64) {
        z4 = q.get(keys + item + 4 * GROUP);
        z5 = q.get(keys + item + 5 * GROUP);
      }
      if (K > 96) {
        z6 = q.get(keys + item + 6 * GROUP);
        z7 = q.get(keys + item + 7 * GROUP);
      }
      int p0 = BFloatPairs.pack(zero, a0, a1);
      right[DeltaMatrixScanKernels.place(item)] = p0;
      D.set(half, p0);
      if (K > 32) {
        int p1 = BFloatPairs.pack(zero, a2, a3);
        right[DeltaMatrixScanKernels.place(item) + 8 * B_TILE] = p1;
        D.set(half + 16 * V, p1);
      }
      if (K > 64) {
        int p2 = BFloatPairs.pack(zero, a4, a5);
        right[DeltaMatrixScanKernels.place(item) + 16 * B_TILE] = p2;
        D.set(half + 32 * V, p2);
      }
      if (K > 96) {
        int p3 = BFloatPairs.pack(zero, a6, a7);
        right[DeltaMatrixScanKernels.place(item) + 24 * B_TILE] = p3;
        D.set(half + 48 * V, p3);
      }
      left[item] = y0;
      left[item + GROUP] = y1;
      if (K > 32) {
        left[item + 2 * GROUP] = y2;
        left[item + 3 * GROUP] = y3;
      }
      if (K > 64) {
        left[item + 4 * GROUP] = y4;
        left[item + 5 * GROUP] = y5;
      }
      if (K > 96) {
        left[item + 6 * GROUP] = y6;
        left[item + 7 * GROUP] = y7;
      }
      leftQ[item] = z0;
      leftQ[item + GROUP] = z1;
      if (K > 32) {
        leftQ[item + 2 * GROUP] = z2;
        leftQ[item + 3 * GROUP] = z3;
      }
      if (K > 64) {
        leftQ[item + 4 * GROUP] = z4;
        leftQ[item + 5 * GROUP] = z5;
      }
      if (K > 96) {
        leftQ[item + 6 * GROUP] = z6;
        leftQ[item + 7 * GROUP] = z7;
      }
      context.localBarrier();
      float[] r = context.mmaFragment(0.0f);
      for (int step = 0; step < K / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (step * 4 + w % 4) * A_BYTES + fresh);
        HalfFloat[] b = context.mmaLoadB(right, 16, (step * 4 + w / 4) * B_BYTES + fresh);
        r = context.mmaBF16(a, b, r, MMAShape.M16N8K16);
      }
      Fragments.store(context, r, exchange, own + w % 4 * 16, w / 4 * 8, TILE);
      context.localBarrier();
      int row = group * CHUNK * V + v0 + DeltaMatrixScanKernels.stateAt(item, V);
      int mine = own * TILE + 2 * item;
      int begin = bounds.get(2 * c);
      int size = bounds.get(2 * c + 1) - begin;
      int gate = group * 4 * CHUNK;
      float d0 = gates.get(gate + 2 * CHUNK + item / 16);
      float d1 = gates.get(gate + 2 * CHUNK + 32 + item / 16);
      float u0 = dU.get(row) + d0 * exchange.get(mine);
      float u1 = dU.get(row + 1) + d0 * exchange.get(mine + 1);
      float u2 = dU.get(row + 32 * V) + d1 * exchange.get(mine + 2 * GROUP);
      float u3 = dU.get(row + 32 * V + 1) + d1 * exchange.get(mine + 2 * GROUP + 1);
      float e0 = scale * gates.get(gate + CHUNK + item / 16);
      float e1 = scale * gates.get(gate + CHUNK + 32 + item / 16);
      float o0 = 0.0f;
      float o1 = 0.0f;
      float o2 = 0.0f;
      float o3 = 0.0f;
      if (item / 16 < size) {
        int token = ((begin + item / 16) * HV + head) * V + v0 + item % 16 * 2;
        o0 = e0 * dO.get(token);
        o1 = e0 * dO.get(token + 1);
      }
      if (item / 16 + 32 < size) {
        int token = ((begin + 32 + item / 16) * HV + head) * V + v0 + item % 16 * 2;
        o2 = e1 * dO.get(token);
        o3 = e1 * dO.get(token + 1);
      }
      int x0 = W.get(group * 32 * K + item);
      int x1 = W.get(group * 32 * K + item + GROUP);
      int x2 = 0;
      int x3 = 0;
      int x4 = 0;
      int x5 = 0;
      int x6 = 0;
      int x7 = 0;
      if (K > 32) {
        x2 = W.get(group * 32 * K + item + 2 * GROUP);
        x3 = W.get(group * 32 * K + item + 3 * GROUP);
      }
      if (K > 64) {
        x4 = W.get(group * 32 * K + item + 4 * GROUP);
        x5 = W.get(group * 32 * K + item + 5 * GROUP);
      }
      if (K > 96) {
        x6 = W.get(group * 32 * K + item + 6 * GROUP);
        x7 = W.get(group * 32 * K + item + 7 * GROUP);
      }
      dU.set(row, u0);
      dU.set(row + 1, u1);
      dU.set(row + 32 * V, u2);
      dU.set(row + 32 * V + 1, u3);
      right[DeltaMatrixScanKernels.place(item)] = BFloatPairs.pack(zero, o0, o1);
      right[DeltaMatrixScanKernels.place(item) + 8 * B_TILE] = BFloatPairs.pack(zero, o2, o3);
      right[17 * room + DeltaMatrixScanKernels.place(item)] = BFloatPairs.pack(zero, -u0, -u1);
      right[17 * room + DeltaMatrixScanKernels.place(item) + 8 * B_TILE] =
          BFloatPairs.pack(zero, -u2, -u3);
      left[item] = x0;
      left[item + GROUP] = x1;
      if (K > 32) {
        left[item + 2 * GROUP] = x2;
        left[item + 3 * GROUP] = x3;
      }
      if (K > 64) {
        left[item + 4 * GROUP] = x4;
        left[item + 5 * GROUP] = x5;
      }
      if (K > 96) {
        left[item + 6 * GROUP] = x6;
        left[item + 7 * GROUP] = x7;
      }
      context.localBarrier();
      float[] s0 = context.mmaFragment(0.0f);
      float[] s1 = context.mmaFragment(0.0f);
      for (int step = 0; step < 4; step++) {
        HalfFloat[] a = context.mmaLoadA(leftQ, 16, (step * (K / 16) + m) * A_BYTES + fresh);
        HalfFloat[] b0 = context.mmaLoadB(right, 16, (step * 4 + 2 * n) * B_BYTES + fresh);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, (step * 4 + 2 * n + 1) * B_BYTES + fresh);
        s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
        HalfFloat[] d = context.mmaLoadA(left, 16, (step * (K / 16) + m) * A_BYTES + fresh);
        HalfFloat[] b2 =
            context.mmaLoadB(right, 16, (room / 4 + step * 4 + 2 * n) * B_BYTES + fresh);
        HalfFloat[] b3 =
            context.mmaLoadB(right, 16, (room / 4 + step * 4 + 2 * n + 1) * B_BYTES + fresh);
        s0 = context.mmaBF16(d, b2, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(d, b3, s1, MMAShape.M16N8K16);
      }
      if (w < K / 8) {
        Fragments.store(context, s0, exchange, own + CHUNK + m * 16, n * 16, TILE);
        Fragments.store(context, s1, exchange, own + CHUNK + m * 16, n * 16 + 8, TILE);
      }
      context.localBarrier();
      float whole = gates.get((group * 4 + 1) * CHUNK + CHUNK - 1);
      int sums = (own + CHUNK) * TILE + 2 * item;
      a0 = whole * a0 + exchange.get(sums);
      a1 = whole * a1 + exchange.get(sums + 1);
      if (K > 32) {
        a2 = whole * a2 + exchange.get(sums + 2 * GROUP);
        a3 = whole * a3 + exchange.get(sums + 2 * GROUP + 1);
      }
      if (K > 64) {
        a4 = whole * a4 + exchange.get(sums + 4 * GROUP);
        a5 = whole * a5 + exchange.get(sums + 4 * GROUP + 1);
      }
      if (K > 96) {
        a6 = whole * a6 + exchange.get(sums + 6 * GROUP);
        a7 = whole * a7 + exchange.get(sums + 6 * GROUP + 1);
      }
    }
    dInitial.set(base, a0);
    dInitial.set(base + 1, a1);
    if (K > 32) {
      dInitial.set(base + 32 * V, a2);
      dInitial.set(base + 32 * V + 1, a3);
    }
    if (K > 64) {
      dInitial.set(base + 64 * V, a4);
      dInitial.set(base + 64 * V + 1, a5);
    }
    if (K > 96) {
      dInitial.set(base + 96 * V, a6);
      dInitial.set(base + 96 * V + 1, a7);
    }
  }
}
