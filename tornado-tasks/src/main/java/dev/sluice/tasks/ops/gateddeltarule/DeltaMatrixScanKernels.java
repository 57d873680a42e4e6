package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.ops.OperandKernels;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
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
  private static final int GROUP = DeltaMatrixKernels.GROUP;
  private static final int WARP = OperandKernels.WARP;
  private static final int A_BYTES = OperandKernels.A_BYTES;
  private static final int B_BYTES = OperandKernels.B_BYTES;

  private DeltaMatrixScanKernels() {}

  /// Where pair `j` of rows of [#TILE] columns goes in operand B.
  private static int place(int j) {
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
    float[] state = context.allocateFloatLocalArray(32 * K);
    int[] left = context.allocateIntLocalArray(32 * K);
    int[] right = context.allocateIntLocalArray(17 * K);
    int[] update = context.allocateIntLocalArray(17 * CHUNK);
    int item = context.localIdx;
    int zero = item >> 31;
    int w = item / WARP;
    int head = context.groupIdx % HV;
    int v0 = context.groupIdy * TILE;
    int own = (context.groupIdx * (V / TILE) + context.groupIdy) * (CHUNK + K);
    for (int j = item; j < 16 * K; j += GROUP) {
      float s0 = 0.0f;
      float s1 = 0.0f;
      if (hasInitial == 1) {
        int at = (context.groupIdx * K + j / 16) * V + v0 + j % 16 * 2;
        s0 = initial.get(at);
        s1 = initial.get(at + 1);
      }
      state[2 * j] = s0;
      state[2 * j + 1] = s1;
    }
    int end = first.get(context.groupIdx / HV + 1);
    for (int c = first.get(context.groupIdx / HV); c < end; c++) {
      int group = c * HV + head;
      int from = group * 32 * K;
      for (int j = item; j < 32 * K; j += 4 * GROUP) {
        int w0 = W.get(from + j);
        int w1 = W.get(from + j + GROUP);
        int w2 = W.get(from + j + 2 * GROUP);
        int w3 = W.get(from + j + 3 * GROUP);
        left[j] = w0;
        left[j + GROUP] = w1;
        left[j + 2 * GROUP] = w2;
        left[j + 3 * GROUP] = w3;
      }
      for (int j = item; j < 16 * K; j += GROUP) {
        int value = OperandKernels.pair(zero, state[2 * j], state[2 * j + 1]);
        right[place(j)] = value;
        states.set((group * K + j / 16) * (V / 2) + v0 / 2 + j % 16, value);
      }
      context.localBarrier();
      float[] r0 = context.mmaFragment(0.0f);
      float[] r1 = context.mmaFragment(0.0f);
      for (int step = 0; step < K / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (step * 4 + w % 4) * A_BYTES);
        HalfFloat[] b0 = context.mmaLoadB(right, 16, (step * 4 + w / 4 * 2) * B_BYTES);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, (step * 4 + w / 4 * 2 + 1) * B_BYTES);
        r0 = context.mmaBF16(a, b0, r0, MMAShape.M16N8K16);
        r1 = context.mmaBF16(a, b1, r1, MMAShape.M16N8K16);
      }
      context.mmaStore(r0, exchange, own + w % 4 * 16, w / 4 * 16, TILE);
      context.mmaStore(r1, exchange, own + w % 4 * 16, w / 4 * 16 + 8, TILE);
      context.localBarrier();
      from = (c * H + head / (HV / H)) * 32 * K;
      for (int j = item; j < 32 * K; j += 4 * GROUP) {
        int k0 = k.get(from + j);
        int k1 = k.get(from + j + GROUP);
        int k2 = k.get(from + j + 2 * GROUP);
        int k3 = k.get(from + j + 3 * GROUP);
        left[j] = k0;
        left[j + GROUP] = k1;
        left[j + 2 * GROUP] = k2;
        left[j + 3 * GROUP] = k3;
      }
      for (int j = item; j < 16 * CHUNK; j += GROUP) {
        int at = (group * CHUNK + j / 16) * V + v0 + j % 16 * 2;
        float rest = gates.get((group * 4 + 2) * CHUNK + j / 16);
        float u0 = U.get(at) - exchange.get(own * TILE + 2 * j);
        float u1 = U.get(at + 1) - exchange.get(own * TILE + 2 * j + 1);
        U.set(at, u0);
        U.set(at + 1, u1);
        update[place(j)] = OperandKernels.pair(zero, rest * u0, rest * u1);
      }
      context.localBarrier();
      for (int m = w; m < K / 16; m += GROUP / WARP) {
        float[] s0 = context.mmaFragment(0.0f);
        float[] s1 = context.mmaFragment(0.0f);
        float[] s2 = context.mmaFragment(0.0f);
        float[] s3 = context.mmaFragment(0.0f);
        for (int step = 0; step < 4; step++) {
          HalfFloat[] a = context.mmaLoadA(left, 16, (step * (K / 16) + m) * A_BYTES);
          HalfFloat[] b0 = context.mmaLoadB(update, 16, step * 4 * B_BYTES);
          HalfFloat[] b1 = context.mmaLoadB(update, 16, (step * 4 + 1) * B_BYTES);
          HalfFloat[] b2 = context.mmaLoadB(update, 16, (step * 4 + 2) * B_BYTES);
          HalfFloat[] b3 = context.mmaLoadB(update, 16, (step * 4 + 3) * B_BYTES);
          s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
          s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
          s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
          s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
        }
        int row = own + CHUNK + m * 16;
        context.mmaStore(s0, exchange, row, 0, TILE);
        context.mmaStore(s1, exchange, row, 8, TILE);
        context.mmaStore(s2, exchange, row, 16, TILE);
        context.mmaStore(s3, exchange, row, 24, TILE);
      }
      context.localBarrier();
      float whole = gates.get((group * 4 + 1) * CHUNK + CHUNK - 1);
      for (int j = item; j < 16 * K; j += GROUP) {
        int at = (own + CHUNK) * TILE + 2 * j;
        float s0 = exchange.get(at);
        float s1 = exchange.get(at + 1);
        state[2 * j] = whole * state[2 * j] + s0;
        state[2 * j + 1] = whole * state[2 * j + 1] + s1;
      }
    }
    for (int j = item; j < 16 * K; j += GROUP) {
      int at = (context.groupIdx * K + j / 16) * V + v0 + j % 16 * 2;
      last.set(at, state[2 * j]);
      last.set(at + 1, state[2 * j + 1]);
    }
  }

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
  /// @param exchange as in [#scanStates]
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
    float[] state = context.allocateFloatLocalArray(32 * K);
    int[] left = context.allocateIntLocalArray(32 * K);
    int[] right = context.allocateIntLocalArray(17 * (room + CHUNK));
    int item = context.localIdx;
    int zero = item >> 31;
    int w = item / WARP;
    int head = context.groupIdx % HV;
    int v0 = context.groupIdy * TILE;
    int own = (context.groupIdx * (V / TILE) + context.groupIdy) * (CHUNK + K);
    for (int j = item; j < 16 * K; j += GROUP) {
      float s0 = 0.0f;
      float s1 = 0.0f;
      if (hasLast == 1) {
        int at = (context.groupIdx * K + j / 16) * V + v0 + j % 16 * 2;
        s0 = dLast.get(at);
        s1 = dLast.get(at + 1);
      }
      state[2 * j] = s0;
      state[2 * j + 1] = s1;
    }
    int end = first.get(context.groupIdx / HV + 1);
    int count = end - first.get(context.groupIdx / HV);
    for (int done = 0; done < count; done++) {
      int c = end - 1 - done;
      int group = c * HV + head;
      int keys = (c * H + head / (HV / H)) * 32 * K;
      for (int j = item; j < 32 * K; j += 4 * GROUP) {
        int k0 = k.get(keys + j);
        int k1 = k.get(keys + j + GROUP);
        int k2 = k.get(keys + j + 2 * GROUP);
        int k3 = k.get(keys + j + 3 * GROUP);
        left[j] = k0;
        left[j + GROUP] = k1;
        left[j + 2 * GROUP] = k2;
        left[j + 3 * GROUP] = k3;
      }
      for (int j = item; j < 16 * K; j += GROUP) {
        int value = OperandKernels.pair(zero, state[2 * j], state[2 * j + 1]);
        right[place(j)] = value;
        D.set((group * K + j / 16) * (V / 2) + v0 / 2 + j % 16, value);
      }
      context.localBarrier();
      float[] r0 = context.mmaFragment(0.0f);
      float[] r1 = context.mmaFragment(0.0f);
      for (int step = 0; step < K / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (step * 4 + w % 4) * A_BYTES);
        HalfFloat[] b0 = context.mmaLoadB(right, 16, (step * 4 + w / 4 * 2) * B_BYTES);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, (step * 4 + w / 4 * 2 + 1) * B_BYTES);
        r0 = context.mmaBF16(a, b0, r0, MMAShape.M16N8K16);
        r1 = context.mmaBF16(a, b1, r1, MMAShape.M16N8K16);
      }
      context.mmaStore(r0, exchange, own + w % 4 * 16, w / 4 * 16, TILE);
      context.mmaStore(r1, exchange, own + w % 4 * 16, w / 4 * 16 + 8, TILE);
      context.localBarrier();
      for (int j = item; j < 32 * K; j += 4 * GROUP) {
        int q0 = q.get(keys + j);
        int q1 = q.get(keys + j + GROUP);
        int q2 = q.get(keys + j + 2 * GROUP);
        int q3 = q.get(keys + j + 3 * GROUP);
        left[j] = q0;
        left[j + GROUP] = q1;
        left[j + 2 * GROUP] = q2;
        left[j + 3 * GROUP] = q3;
      }
      int begin = bounds.get(2 * c);
      int size = bounds.get(2 * c + 1) - begin;
      for (int j = item; j < 16 * CHUNK; j += GROUP) {
        int at = (group * CHUNK + j / 16) * V + v0 + j % 16 * 2;
        float rest = gates.get((group * 4 + 2) * CHUNK + j / 16);
        float u0 = dU.get(at) + rest * exchange.get(own * TILE + 2 * j);
        float u1 = dU.get(at + 1) + rest * exchange.get(own * TILE + 2 * j + 1);
        float o0 = 0.0f;
        float o1 = 0.0f;
        if (j / 16 < size) {
          int out = ((begin + j / 16) * HV + head) * V + v0 + j % 16 * 2;
          float factor = scale * gates.get((group * 4 + 1) * CHUNK + j / 16);
          o0 = factor * dO.get(out);
          o1 = factor * dO.get(out + 1);
        }
        dU.set(at, u0);
        dU.set(at + 1, u1);
        right[place(j)] = OperandKernels.pair(zero, o0, o1);
        right[17 * room + place(j)] = OperandKernels.pair(zero, -u0, -u1);
      }
      context.localBarrier();
      float[] s0 = context.mmaFragment(0.0f);
      float[] s1 = context.mmaFragment(0.0f);
      float[] s2 = context.mmaFragment(0.0f);
      float[] s3 = context.mmaFragment(0.0f);
      for (int part = 0; part < 2; part++) {
        if (part == 1) {
          context.localBarrier();
          for (int j = item; j < 32 * K; j += 4 * GROUP) {
            int w0 = W.get(group * 32 * K + j);
            int w1 = W.get(group * 32 * K + j + GROUP);
            int w2 = W.get(group * 32 * K + j + 2 * GROUP);
            int w3 = W.get(group * 32 * K + j + 3 * GROUP);
            left[j] = w0;
            left[j + GROUP] = w1;
            left[j + 2 * GROUP] = w2;
            left[j + 3 * GROUP] = w3;
          }
          context.localBarrier();
        }
        for (int step = 0; step < 4; step++) {
          int b = (part * (room / 4) + step * 4) * B_BYTES;
          HalfFloat[] a = context.mmaLoadA(left, 16, (step * (K / 16) + w % (K / 16)) * A_BYTES);
          HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
          HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
          HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
          HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
          s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
          s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
          s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
          s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
        }
      }
      if (w < K / 16) {
        int row = own + CHUNK + w * 16;
        context.mmaStore(s0, exchange, row, 0, TILE);
        context.mmaStore(s1, exchange, row, 8, TILE);
        context.mmaStore(s2, exchange, row, 16, TILE);
        context.mmaStore(s3, exchange, row, 24, TILE);
      }
      context.localBarrier();
      float whole = gates.get((group * 4 + 1) * CHUNK + CHUNK - 1);
      for (int j = item; j < 16 * K; j += GROUP) {
        int at = (own + CHUNK) * TILE + 2 * j;
        float t0 = exchange.get(at);
        float t1 = exchange.get(at + 1);
        state[2 * j] = whole * state[2 * j] + t0;
        state[2 * j + 1] = whole * state[2 * j + 1] + t1;
      }
    }
    for (int j = item; j < 16 * K; j += GROUP) {
      int at = (context.groupIdx * K + j / 16) * V + v0 + j % 16 * 2;
      dInitial.set(at, state[2 * j]);
      dInitial.set(at + 1, state[2 * j + 1]);
    }
  }
}
