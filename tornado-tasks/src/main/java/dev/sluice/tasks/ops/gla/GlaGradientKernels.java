package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Chunked gated linear attention in float32: the gradients of queries, keys and gates from within
/// a chunk.
///
/// A gate at row `t` scales everything that passes from a row or state before it to `t` or later:
/// within a chunk, `dG_t = Σ_{i≥t} (what reaches i − what leaves i within the chunk) + Σ_{j<t}
/// (what leaves j for later chunks) + (what passes through the chunk)`. A row's effect on itself
/// passes no gate and is left out, so strong decay costs no accuracy.
public final class GlaGradientKernels {
  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int GROUP = GlaChunkKernels.GROUP;
  private static final int DEPTH = GlaChunkKernels.DEPTH;
  private static final int PITCH = GlaChunkKernels.ROW_PITCH;
  private static final int HALF = CHUNK / 2;
  private static final int SUB = 16;

  private GlaGradientKernels() {}

  /// `dQ[i] += Σ_{j≤i} dP[i,j]·k[j]·e^{G_i − G_j}`, and what reaches row `i` from before it,
  /// `reaching[i] = q[i]·(dQ[i] + Σ_{j<i} …)`; groups `(chunks·H, tiles of 16 keys)`.
  ///
  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param dP `[chunks, H, 64, 64]`, Read
  /// @param dQ `[rows, H, K]`, Accumulated
  /// @param reaching `[rows, H, K]`, Overwritten
  public static void addToQueries(
      KernelContext context,
      FloatArray q,
      FloatArray k,
      FloatArray G,
      IntArray bounds,
      FloatArray dP,
      FloatArray dQ,
      FloatArray reaching,
      int H,
      int K) {
    float[] weight = context.allocateFloatLocalArray(CHUNK * PITCH);
    float[] gate = context.allocateFloatLocalArray(PITCH * DEPTH);
    float[] key = context.allocateFloatLocalArray(PITCH * DEPTH);
    float[] half = context.allocateFloatLocalArray(PITCH * DEPTH);
    float[] sub = context.allocateFloatLocalArray(PITCH * DEPTH);
    int item = context.localIdx;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int k0 = context.groupIdy * DEPTH;
    int begin = bounds.get(2 * c);
    int end = bounds.get(2 * c + 1);
    for (int j = item; j < CHUNK * CHUNK; j += GROUP) {
      weight[j / CHUNK * PITCH + j % CHUNK] = dP.get(context.groupIdx * CHUNK * CHUNK + j);
    }
    for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
      int r = begin + j / DEPTH;
      int at = j % DEPTH * PITCH + j / DEPTH;
      gate[at] = GlaChunkKernels.gateValue(G, r, begin, end, h, k0 + j % DEPTH, H, K);
      key[at] = GlaChunkKernels.rowValue(k, r, end, h, k0 + j % DEPTH, H, K);
    }
    context.localBarrier();
    for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
      int at = j % DEPTH * PITCH + j / DEPTH;
      int edge = j % DEPTH * PITCH + j / DEPTH / SUB * SUB + SUB - 1;
      half[at] = key[at] * forget(gate[j % DEPTH * PITCH + HALF - 1], gate[at]);
      sub[at] = key[at] * forget(gate[edge], gate[at]);
    }
    context.localBarrier();
    int d = item % DEPTH * PITCH;
    for (int i = item / DEPTH; i < end - begin; i += SUB) {
      int own = i / SUB * SUB;
      float far = 0.0f;
      for (int j = 0; i >= HALF && j < HALF; j++) {
        far += weight[i * PITCH + j] * half[d + j];
      }
      far *= forget(gate[d + i], gate[d + HALF - 1]);
      float near = 0.0f;
      for (int j = own - SUB; i % HALF >= SUB && j < own; j++) {
        near += weight[i * PITCH + j] * sub[d + j];
      }
      far += near * forget(gate[d + i], gate[d + TornadoMath.max(own - 1, 0)]);
      for (int j = own; j < i; j++) {
        far += weight[i * PITCH + j] * key[d + j] * forget(gate[d + i], gate[d + j]);
      }
      if (k0 + item % DEPTH < K) {
        int at = ((begin + i) * H + h) * K + k0 + item % DEPTH;
        float before = dQ.get(at) + far;
        reaching.set(at, q.get(at) * before);
        dQ.set(at, before + weight[i * PITCH + i] * key[d + i]);
      }
    }
  }

  /// `dK[j] += Σ_{i≥j} dP[i,j]·q[i]·e^{G_i − G_j}`, what leaves row `j` for later chunks,
  /// `leaving[j] = k[j]·dK[j]` as it was, and `reaching[j] −= k[j]·Σ_{i>j} …`; groups `(chunks·H,
  /// tiles of 16 keys)`.
  ///
  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param dP `[chunks, H, 64, 64]`, Read
  /// @param dK `[rows, H, K]`, Accumulated
  /// @param reaching `[rows, H, K]`, Accumulated
  /// @param leaving `[rows, H, K]`, Overwritten
  public static void addToKeys(
      KernelContext context,
      FloatArray q,
      FloatArray k,
      FloatArray G,
      IntArray bounds,
      FloatArray dP,
      FloatArray dK,
      FloatArray reaching,
      FloatArray leaving,
      int H,
      int K) {
    float[] weight = context.allocateFloatLocalArray(CHUNK * PITCH);
    float[] gate = context.allocateFloatLocalArray(PITCH * DEPTH);
    float[] query = context.allocateFloatLocalArray(PITCH * DEPTH);
    float[] half = context.allocateFloatLocalArray(PITCH * DEPTH);
    float[] sub = context.allocateFloatLocalArray(PITCH * DEPTH);
    int item = context.localIdx;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int k0 = context.groupIdy * DEPTH;
    int begin = bounds.get(2 * c);
    int end = bounds.get(2 * c + 1);
    for (int j = item; j < CHUNK * CHUNK; j += GROUP) {
      weight[j / CHUNK * PITCH + j % CHUNK] = dP.get(context.groupIdx * CHUNK * CHUNK + j);
    }
    for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
      int r = begin + j / DEPTH;
      int at = j % DEPTH * PITCH + j / DEPTH;
      gate[at] = GlaChunkKernels.gateValue(G, r, begin, end, h, k0 + j % DEPTH, H, K);
      query[at] = GlaChunkKernels.rowValue(q, r, end, h, k0 + j % DEPTH, H, K);
    }
    context.localBarrier();
    for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
      int at = j % DEPTH * PITCH + j / DEPTH;
      int edge = j % DEPTH * PITCH + TornadoMath.max(j / DEPTH / SUB * SUB - 1, 0);
      half[at] = query[at] * forget(gate[at], gate[j % DEPTH * PITCH + HALF - 1]);
      sub[at] = query[at] * forget(gate[at], gate[edge]);
    }
    context.localBarrier();
    int d = item % DEPTH * PITCH;
    for (int j = item / DEPTH; j < end - begin; j += SUB) {
      int next = j / SUB * SUB + SUB;
      float far = 0.0f;
      for (int i = HALF; j < HALF && i < CHUNK; i++) {
        far += weight[i * PITCH + j] * half[d + i];
      }
      far *= forget(gate[d + HALF - 1], gate[d + j]);
      float near = 0.0f;
      for (int i = next; j % HALF < SUB && i < next + SUB; i++) {
        near += weight[i * PITCH + j] * sub[d + i];
      }
      far += near * forget(gate[d + next - 1], gate[d + j]);
      for (int i = j + 1; i < next; i++) {
        far += weight[i * PITCH + j] * query[d + i] * forget(gate[d + i], gate[d + j]);
      }
      if (k0 + item % DEPTH < K) {
        int at = ((begin + j) * H + h) * K + k0 + item % DEPTH;
        float later = dK.get(at);
        float own = k.get(at);
        leaving.set(at, own * later);
        reaching.set(at, reaching.get(at) - own * far);
        dK.set(at, later + far + weight[j * PITCH + j] * query[d + j]);
      }
    }
  }

  /// `e^{later − earlier}`, 1 where it is not later.
  private static float forget(float later, float earlier) {
    return TornadoMath.exp(TornadoMath.min(later - earlier, 0.0f));
  }

  /// What passes through a whole chunk: `passing[c,h,k] = e^Γ Σ_v S[k,v]·D[k,v]`; groups
  /// `(chunks·H, tiles of 16 keys)`.
  ///
  /// @param G `[rows, H, K]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param states S, before the chunk, `[chunks, H, K, V]`, Read
  /// @param gradients D, after the chunk, `[chunks, H, K, V]`, Read
  /// @param passing `[chunks, H, K]`, Overwritten
  public static void passThrough(
      KernelContext context,
      FloatArray G,
      IntArray bounds,
      FloatArray states,
      FloatArray gradients,
      FloatArray passing,
      int H,
      int K,
      int V) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int k = context.groupIdy * DEPTH + item / DEPTH;
    float sum = 0.0f;
    if (k < K) {
      int at = (context.groupIdx * K + k) * V;
      for (int v = item % DEPTH; v < V; v += DEPTH) {
        sum += states.get(at + v) * gradients.get(at + v);
      }
    }
    sums[item] = sum;
    context.localBarrier();
    int end = bounds.get(2 * c + 1);
    if (k < K && item % DEPTH == 0 && end > bounds.get(2 * c)) {
      float total = 0.0f;
      for (int i = 0; i < DEPTH; i++) {
        total += sums[item + i];
      }
      float gate = G.get(((end - 1) * H + h) * K + k);
      passing.set(context.groupIdx * K + k, total * TornadoMath.exp(gate));
    }
  }

  /// `dG[t] = Σ_{i≥t} reaching[i] + Σ_{j<t} leaving[j] + passing` within each chunk.
  ///
  /// @param leaving `[rows, H, K]`, Read
  /// @param passing `[chunks, H, K]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param gates `reaching` when it begins, `[rows, H, K]`, Read and Overwritten
  public static void sumGates(
      FloatArray leaving,
      FloatArray passing,
      IntArray bounds,
      FloatArray gates,
      int chunks,
      int H,
      int K) {
    for (@Parallel int c = 0; c < chunks; c++) {
      for (@Parallel int x = 0; x < H * K; x++) {
        int begin = bounds.get(2 * c);
        int end = bounds.get(2 * c + 1);
        // Loads do not move above stores: four rows at a time are under way.
        int step = H * K;
        float later = 0.0f;
        int last = end - 1;
        for (; last - 3 >= begin; last -= 4) {
          int at = last * step + x;
          float a = gates.get(at);
          float b = gates.get(at - step);
          float d = gates.get(at - 2 * step);
          float e = gates.get(at - 3 * step);
          a += later;
          b += a;
          d += b;
          later = e + d;
          gates.set(at, a);
          gates.set(at - step, b);
          gates.set(at - 2 * step, d);
          gates.set(at - 3 * step, later);
        }
        for (; last >= begin; last--) {
          later += gates.get(last * step + x);
          gates.set(last * step + x, later);
        }
        float before = 0.0f;
        if (end > begin) {
          before = passing.get(c * H * K + x);
        }
        int r = begin;
        for (; r + 4 <= end; r += 4) {
          int at = r * step + x;
          float a = gates.get(at);
          float b = gates.get(at + step);
          float d = gates.get(at + 2 * step);
          float e = gates.get(at + 3 * step);
          float leavingA = leaving.get(at);
          float leavingB = leaving.get(at + step);
          float leavingD = leaving.get(at + 2 * step);
          float leavingE = leaving.get(at + 3 * step);
          gates.set(at, a + before);
          before += leavingA;
          gates.set(at + step, b + before);
          before += leavingB;
          gates.set(at + 2 * step, d + before);
          before += leavingD;
          gates.set(at + 3 * step, e + before);
          before += leavingE;
        }
        for (; r < end; r++) {
          gates.set(r * step + x, gates.get(r * step + x) + before);
          before += leaving.get(r * step + x);
        }
      }
    }
  }
}
