package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.ops.BFloatPairs;
import dev.sluice.tasks.ops.OperandKernels;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The chunked form on matrix units, backward: the sums behind [DeltaMatrixGradientKernels], which
/// give the gradients of values, `β`, the gates and shared keys.
public final class DeltaMatrixSumKernels {
  /// Work-items of a group.
  public static final int GROUP = 256;

  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final int WARP = OperandKernels.WARP;

  private DeltaMatrixSumKernels() {}

  /// `dV = diag(β) R`, and `dots_i = R_i·v_i` in its last row; groups `(chunks·HV)`.
  ///
  /// @param R `[chunks, HV, 64, V]`, Read
  /// @param v `[M, HV, V]`, Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dV `[M, HV, V]`, Overwritten
  /// @param dots `[chunks, HV, 4, 64]`, row 3 Overwritten
  public static void values(
      KernelContext context,
      FloatArray R,
      FloatArray v,
      FloatArray gates,
      IntArray bounds,
      FloatArray dV,
      FloatArray dots,
      int HV,
      int V) {
    float[] sums = context.allocateFloatLocalArray(CHUNK * 33);
    int item = context.localIdx;
    int lane = item % WARP;
    int group = context.groupIdx;
    int begin = bounds.get(group / HV * 2);
    int size = bounds.get(group / HV * 2 + 1) - begin;
    for (int i = item / WARP; i < size; i += GROUP / WARP) {
      float beta = gates.get((group * 4 + 3) * CHUNK + i);
      int token = ((begin + i) * HV + group % HV) * V;
      float sum = 0.0f;
      for (int d = lane; d < V; d += WARP) {
        float gradient = R.get((group * CHUNK + i) * V + d);
        float value = v.get(token + d);
        dV.set(token + d, beta * gradient);
        sum += gradient * value;
      }
      sums[i * 33 + lane] = sum;
    }
    context.localBarrier();
    if (item < size) {
      float total = 0.0f;
      for (int part = 0; part < WARP; part++) {
        total += sums[item * 33 + part];
      }
      dots.set((group * 4 + 3) * CHUNK + item, total);
    }
  }

  /// `through[c,j] = Σ S·D`; groups `(chunks·HV)`.
  ///
  /// @param states S `[chunks, HV, K, V/2]` pairs, Read
  /// @param D `[chunks, HV, K, V/2]` pairs, Read
  /// @param through `[chunks, HV]`, Overwritten
  /// @param pairs `K·V/2`
  public static void passThrough(
      KernelContext context, IntArray states, IntArray D, FloatArray through, int pairs) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int from = context.groupIdx * pairs;
    float sum = 0.0f;
    for (int j = item; j < pairs; j += GROUP) {
      int s = states.get(from + j);
      int d = D.get(from + j);
      sum += BFloatPairs.first(s) * BFloatPairs.first(d);
      sum += BFloatPairs.second(s) * BFloatPairs.second(d);
    }
    sums[item] = sum;
    context.localBarrier();
    for (int half = GROUP / 2; half > 0; half /= 2) {
      if (item < half) {
        sums[item] += sums[item + half];
      }
      context.localBarrier();
    }
    if (item == 0) {
      through.set(context.groupIdx, sums[0]);
    }
  }

  /// `dβ`, and `dG` as in [DeltaChunkSumKernels#gates]; groups `(chunks·HV)`.
  ///
  /// @param byKeys of [DeltaMatrixGradientKernels#passBetween], Read where `j ≤ i`
  /// @param byQueries of [DeltaMatrixGradientKernels#passBetween], Read where `j ≤ i`
  /// @param dots `[chunks, HV, 4, 64]`: what the state before the chunk gives to a token by its
  ///   query and, without β, by its key; what the token gives to the state after it; `R·v`; Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param through of [#passThrough], Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dBeta `[M, HV]`, Overwritten
  /// @param dG `[M, HV]`, Overwritten where `gated` is 1
  public static void sumGates(
      KernelContext context,
      FloatArray byKeys,
      FloatArray byQueries,
      FloatArray dots,
      FloatArray gates,
      FloatArray through,
      IntArray bounds,
      FloatArray dBeta,
      FloatArray dG,
      int gated,
      int HV) {
    float[] crossing = context.allocateFloatLocalArray(CHUNK * 65);
    float[] entering = context.allocateFloatLocalArray(CHUNK);
    float[] leaving = context.allocateFloatLocalArray(CHUNK);
    int item = context.localIdx;
    int group = context.groupIdx;
    int begin = bounds.get(group / HV * 2);
    int size = bounds.get(group / HV * 2 + 1) - begin;
    int beta = (group * 4 + 3) * CHUNK;
    for (int j = item; j < CHUNK * CHUNK; j += GROUP) {
      crossing[j / CHUNK * 65 + j % CHUNK] = lowerHalf(byKeys, group, j);
    }
    context.localBarrier();
    if (item < size) {
      float own = 0.0f;
      for (int j = 0; j < item; j++) {
        own += crossing[item * 65 + j];
      }
      int at = group * 4 * CHUNK + item;
      float held = dots.get(at + CHUNK);
      entering[item] = dots.get(at) + gates.get(beta + item) * held;
      leaving[item] = dots.get(at + 2 * CHUNK);
      dBeta.set((begin + item) * HV + group % HV, held + dots.get(at + 3 * CHUNK) + own);
    }
    context.localBarrier();
    if (gated == 1) {
      for (int j = item; j < CHUNK * CHUNK; j += GROUP) {
        int place = j / CHUNK * 65 + j % CHUNK;
        float passed = lowerHalf(byQueries, group, j);
        crossing[place] = gates.get(beta + j / CHUNK) * crossing[place] + passed;
      }
      context.localBarrier();
      if (item < CHUNK) {
        float before = 0.0f;
        for (int j = 0; j < CHUNK; j++) {
          float here = crossing[item * 65 + j];
          crossing[item * 65 + j] = before;
          before += here;
        }
      }
      context.localBarrier();
      if (item < size) {
        float sum = gates.get((group * 4 + 1) * CHUNK + CHUNK - 1) * through.get(group);
        for (int i = 0; i < item; i++) {
          sum += leaving[i];
        }
        for (int i = item; i < size; i++) {
          sum += entering[i] + crossing[i * 65 + item];
        }
        dG.set((begin + item) * HV + group % HV, sum);
      }
    }
  }

  private static float lowerHalf(FloatArray x, int group, int j) {
    float value = 0.0f;
    if (j % CHUNK <= j / CHUNK) {
      value = x.get(group * CHUNK * CHUNK + j);
    }
    return value;
  }

  /// `dQ[t,h] = Σ parts` over the value heads of key head `h`.
  ///
  /// @param parts `[chunks, HV, 64, K]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dQ `[M, H, K]`, Overwritten
  public static void sumQueries(
      FloatArray parts, IntArray bounds, FloatArray dQ, int chunks, int H, int HV, int K) {
    for (@Parallel int x = 0; x < chunks * H; x++) {
      for (@Parallel int j = 0; j < CHUNK * K; j++) {
        int c = x / H;
        int begin = bounds.get(2 * c);
        if (begin + j / K < bounds.get(2 * c + 1)) {
          float sum = 0.0f;
          for (int n = 0; n < HV / H; n++) {
            sum += parts.get((c * HV + x % H * (HV / H) + n) * CHUNK * K + j);
          }
          dQ.set(((begin + j / K) * H + x % H) * K + j % K, sum);
        }
      }
    }
  }

  /// `dK[t,h] = Σ (β held + within + after)` over the value heads of key head `h`.
  ///
  /// @param held `[chunks, HV, 64, K]`, Read
  /// @param within `[chunks, HV, 64, K]`, Read
  /// @param after `[chunks, HV, 64, K]`, Read
  /// @param gates of [DeltaMatrixKernels#sumGates], Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dK `[M, H, K]`, Overwritten
  public static void sumKeys(
      FloatArray held,
      FloatArray within,
      FloatArray after,
      FloatArray gates,
      IntArray bounds,
      FloatArray dK,
      int chunks,
      int H,
      int HV,
      int K) {
    for (@Parallel int x = 0; x < chunks * H; x++) {
      for (@Parallel int j = 0; j < CHUNK * K; j++) {
        int c = x / H;
        int begin = bounds.get(2 * c);
        if (begin + j / K < bounds.get(2 * c + 1)) {
          float sum = 0.0f;
          for (int n = 0; n < HV / H; n++) {
            int group = c * HV + x % H * (HV / H) + n;
            int at = group * CHUNK * K + j;
            float beta = gates.get((group * 4 + 3) * CHUNK + j / K);
            sum += beta * held.get(at) + (within.get(at) + after.get(at));
          }
          dK.set(((begin + j / K) * H + x % H) * K + j % K, sum);
        }
      }
    }
  }
}
