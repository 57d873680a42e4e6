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

/// The chunked form on matrix units: from chunk to chunk. A group has [#TILE] columns of a state,
/// in float32 in local memory; products leave the matrix units through global memory of the group's
/// own, which stays in the cache.
public final class DeltaMatrixScanKernels {
  /// Columns of a state that a group has.
  public static final int TILE = 32;

  private static final int CHUNK = DeltaChunkKernels.CHUNK;

  /// Work-items of a group.
  public static final int GROUP = 512;

  private static final int WARP = OperandKernels.WARP;
  private static final int A_BYTES = OperandKernels.A_BYTES;
  private static final int B_TILE = OperandKernels.B_TILE;
  private static final int B_BYTES = OperandKernels.B_BYTES;

  private DeltaMatrixScanKernels() {}

  /// Where pair `j` of rows of [#TILE] columns is in rows of `V`.
  static int stateAt(int j, int V) {
    return j / 16 * V + j % 16 * 2;
  }

  /// Where pair `j` of rows of [#TILE] columns goes in operand B.
  static int place(int j) {
    return OperandKernels.rightPlace(j / 16, j % 16, TILE);
  }

  /// `U = U' − W S; S ← e^{γ_C} S + Kᵀ (diag(e^{γ_C−γ}) U)`; groups `(N·HV, tiles of V)`.
  ///
  /// @param W rows of [DeltaMatrixKernels#pack], Read
  /// @param k columns of [DeltaMatrixKernels#pack], Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param initial `[N, HV, K, V]`, Read where `hasInitial` is 1
  /// @param first `[N+1]` int, Read
  /// @param U `[chunks, HV, 64, V]`, `A diag(β) V` at first, Read and Overwritten
  /// @param states `[chunks, HV, K, V/2]` pairs, Overwritten with the state before each chunk
  /// @param last `[N, HV, K, V]`, Overwritten with the final state
  /// @param exchange `[N, HV, tiles of V, 64+K, 32]`, Overwritten; of no meaning afterwards
  public static void scanStates(
      KernelContext context,
      IntArray W,
      IntArray k,
      FloatArray gates,
      FloatArray initial,
      IntArray first,
      FloatArray U,
      IntArray states,
      FloatArray last,
      FloatArray exchange,
      int hasInitial,
      int H,
      int HV,
      int K,
      int V) {
    int[] leftW = context.allocateIntLocalArray(32 * K);
    int[] leftK = context.allocateIntLocalArray(32 * K);
    int[] right = context.allocateIntLocalArray(17 * K);
    int[] update = context.allocateIntLocalArray(17 * CHUNK);
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
    int base = context.groupIdx * K * V + v0 + stateAt(item, V);
    if (hasInitial == 1) {
      a0 = initial.get(base);
      a1 = initial.get(base + 1);
      if (K > 32) {
        a2 = initial.get(base + 32 * V);
        a3 = initial.get(base + 32 * V + 1);
      }
      if (K > 64) {
        a4 = initial.get(base + 64 * V);
        a5 = initial.get(base + 64 * V + 1);
      }
      if (K > 96) {
        a6 = initial.get(base + 96 * V);
        a7 = initial.get(base + 96 * V + 1);
      }
    }
    int begin = first.get(context.groupIdx / HV);
    int end = first.get(context.groupIdx / HV + 1);
    if (begin < end) {
      for (int j = item; j < 32 * K; j += GROUP) {
        leftW[j] = W.get((begin * HV + head) * 32 * K + j);
      }
    }
    for (int c = begin; c < end; c++) {
      int fresh = c >> 31;
      int group = c * HV + head;
      int half = group * K * (V / 2) + v0 / 2 + stateAt(item, V) / 2;
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
      int p0 = BFloatPairs.pack(zero, a0, a1);
      right[place(item)] = p0;
      states.set(half, p0);
      if (K > 32) {
        int p1 = BFloatPairs.pack(zero, a2, a3);
        right[place(item) + 8 * B_TILE] = p1;
        states.set(half + 16 * V, p1);
      }
      if (K > 64) {
        int p2 = BFloatPairs.pack(zero, a4, a5);
        right[place(item) + 16 * B_TILE] = p2;
        states.set(half + 32 * V, p2);
      }
      if (K > 96) {
        int p3 = BFloatPairs.pack(zero, a6, a7);
        right[place(item) + 24 * B_TILE] = p3;
        states.set(half + 48 * V, p3);
      }
      leftK[item] = y0;
      leftK[item + GROUP] = y1;
      if (K > 32) {
        leftK[item + 2 * GROUP] = y2;
        leftK[item + 3 * GROUP] = y3;
      }
      if (K > 64) {
        leftK[item + 4 * GROUP] = y4;
        leftK[item + 5 * GROUP] = y5;
      }
      if (K > 96) {
        leftK[item + 6 * GROUP] = y6;
        leftK[item + 7 * GROUP] = y7;
      }
      context.localBarrier();
      float[] r = context.mmaFragment(0.0f);
      for (int step = 0; step < K / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(leftW, 16, (step * 4 + w % 4) * A_BYTES + fresh);
        HalfFloat[] b = context.mmaLoadB(right, 16, (step * 4 + w / 4) * B_BYTES + fresh);
        r = context.mmaBF16(a, b, r, MMAShape.M16N8K16);
      }
      Fragments.store(context, r, exchange, own + w % 4 * 16, w / 4 * 8, TILE);
      context.localBarrier();
      int row = group * CHUNK * V + v0 + stateAt(item, V);
      int mine = own * TILE + 2 * item;
      int gate = (group * 4 + 2) * CHUNK;
      float u0 = U.get(row) - exchange.get(mine);
      float u1 = U.get(row + 1) - exchange.get(mine + 1);
      float u2 = U.get(row + 32 * V) - exchange.get(mine + 2 * GROUP);
      float u3 = U.get(row + 32 * V + 1) - exchange.get(mine + 2 * GROUP + 1);
      float d0 = gates.get(gate + item / 16);
      float d1 = gates.get(gate + 32 + item / 16);
      int next = (TornadoMath.min(c + 1, end - 1) * HV + head) * 32 * K;
      int x0 = W.get(next + item);
      int x1 = W.get(next + item + GROUP);
      int x2 = 0;
      int x3 = 0;
      int x4 = 0;
      int x5 = 0;
      int x6 = 0;
      int x7 = 0;
      if (K > 32) {
        x2 = W.get(next + item + 2 * GROUP);
        x3 = W.get(next + item + 3 * GROUP);
      }
      if (K > 64) {
        x4 = W.get(next + item + 4 * GROUP);
        x5 = W.get(next + item + 5 * GROUP);
      }
      if (K > 96) {
        x6 = W.get(next + item + 6 * GROUP);
        x7 = W.get(next + item + 7 * GROUP);
      }
      U.set(row, u0);
      U.set(row + 1, u1);
      U.set(row + 32 * V, u2);
      U.set(row + 32 * V + 1, u3);
      update[place(item)] = BFloatPairs.pack(zero, d0 * u0, d0 * u1);
      update[place(item) + 8 * B_TILE] = BFloatPairs.pack(zero, d1 * u2, d1 * u3);
      leftW[item] = x0;
      leftW[item + GROUP] = x1;
      if (K > 32) {
        leftW[item + 2 * GROUP] = x2;
        leftW[item + 3 * GROUP] = x3;
      }
      if (K > 64) {
        leftW[item + 4 * GROUP] = x4;
        leftW[item + 5 * GROUP] = x5;
      }
      if (K > 96) {
        leftW[item + 6 * GROUP] = x6;
        leftW[item + 7 * GROUP] = x7;
      }
      context.localBarrier();
      float[] s0 = context.mmaFragment(0.0f);
      float[] s1 = context.mmaFragment(0.0f);
      for (int step = 0; step < 4; step++) {
        HalfFloat[] a = context.mmaLoadA(leftK, 16, (step * (K / 16) + m) * A_BYTES + fresh);
        HalfFloat[] b0 = context.mmaLoadB(update, 16, (step * 4 + 2 * n) * B_BYTES + fresh);
        HalfFloat[] b1 = context.mmaLoadB(update, 16, (step * 4 + 2 * n + 1) * B_BYTES + fresh);
        s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
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
    last.set(base, a0);
    last.set(base + 1, a1);
    if (K > 32) {
      last.set(base + 32 * V, a2);
      last.set(base + 32 * V + 1, a3);
    }
    if (K > 64) {
      last.set(base + 64 * V, a4);
      last.set(base + 64 * V + 1, a5);
    }
    if (K > 96) {
      last.set(base + 96 * V, a6);
      last.set(base + 96 * V + 1, a7);
    }
  }
}
