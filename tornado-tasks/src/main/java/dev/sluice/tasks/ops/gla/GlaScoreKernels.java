package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Chunked gated linear attention in float32: what lies within a chunk, between a row `i` and an
/// earlier one `j`.
///
/// `e^{G_i − G_j}` never becomes a quotient of products. Where `i` is in the second half of the
/// chunk and `j` in the first it is `e^{G_i − G_31}·e^{G_31 − G_j}`, likewise within each half with
/// the last row of the half's first sub-chunk of 16, and within a sub-chunk it is taken as it
/// stands. No factor is more than 1.
public final class GlaScoreKernels {
  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int GROUP = GlaChunkKernels.GROUP;
  private static final int DEPTH = GlaChunkKernels.DEPTH;
  private static final int ROW_PITCH = GlaChunkKernels.ROW_PITCH;
  private static final int HALF = CHUNK / 2;
  private static final int SUB = 16;

  private GlaScoreKernels() {}

  /// `scores[c,h,i,j] = scale·Σ_k q[i,k]·k[j,k]·e^{G_i − G_j}` where `j ≤ i`, else 0; groups
  /// `(chunks·H)`.
  ///
  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param scores `[chunks, H, 64, 64]`, Overwritten
  public static void scores(
      KernelContext context,
      FloatArray q,
      FloatArray k,
      FloatArray G,
      IntArray bounds,
      FloatArray scores,
      float scale,
      int H,
      int K) {
    float[] gate = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    float[] query = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    float[] key = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    float[] half = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    float[] sub = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    int item = context.localIdx;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int begin = bounds.get(2 * c);
    int end = bounds.get(2 * c + 1);
    int y = item / 16;
    int x = item % 16;
    float s00 = 0.0f;
    float s10 = 0.0f;
    float s11 = 0.0f;
    float s20 = 0.0f;
    float s21 = 0.0f;
    float s22 = 0.0f;
    float s30 = 0.0f;
    float s31 = 0.0f;
    float s32 = 0.0f;
    float s33 = 0.0f;
    for (int k0 = 0; k0 < K; k0 += DEPTH) {
      for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
        int r = begin + j / DEPTH;
        int at = j % DEPTH * ROW_PITCH + j / DEPTH;
        gate[at] = GlaChunkKernels.gateValue(G, r, begin, end, h, k0 + j % DEPTH, H, K);
        query[at] = GlaChunkKernels.rowValue(q, r, end, h, k0 + j % DEPTH, H, K);
        key[at] = GlaChunkKernels.rowValue(k, r, end, h, k0 + j % DEPTH, H, K);
      }
      context.localBarrier();
      for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
        int d = j % DEPTH * ROW_PITCH;
        int r = j / DEPTH;
        int at = d + r;
        float middle = gate[d + HALF - 1];
        float edge = gate[d + (r < HALF ? SUB - 1 : HALF + SUB - 1)];
        half[at] =
            r < HALF ? key[at] * forget(middle, gate[at]) : query[at] * forget(gate[at], middle);
        sub[at] =
            r % HALF < SUB ? key[at] * forget(edge, gate[at]) : query[at] * forget(gate[at], edge);
      }
      context.localBarrier();
      for (int d = 0; d < DEPTH; d++) {
        int i = d * ROW_PITCH + y;
        int j = d * ROW_PITCH + x;
        s10 += sub[i + 16] * sub[j];
        s32 += sub[i + 48] * sub[j + 32];
        s20 += half[i + 32] * half[j];
        s21 += half[i + 32] * half[j + 16];
        s30 += half[i + 48] * half[j];
        s31 += half[i + 48] * half[j + 16];
        s00 += query[i] * key[j] * forget(gate[i], gate[j]);
        s11 += query[i + 16] * key[j + 16] * forget(gate[i + 16], gate[j + 16]);
        s22 += query[i + 32] * key[j + 32] * forget(gate[i + 32], gate[j + 32]);
        s33 += query[i + 48] * key[j + 48] * forget(gate[i + 48], gate[j + 48]);
      }
      context.localBarrier();
    }
    float own = x <= y ? scale : 0.0f;
    int at = (context.groupIdx * CHUNK + y) * CHUNK + x;
    storeScores(scores, at, own * s00, 0.0f, 0.0f, 0.0f);
    storeScores(scores, at + 16 * CHUNK, scale * s10, own * s11, 0.0f, 0.0f);
    storeScores(scores, at + 32 * CHUNK, scale * s20, scale * s21, own * s22, 0.0f);
    storeScores(scores, at + 48 * CHUNK, scale * s30, scale * s31, scale * s32, own * s33);
  }

  private static void storeScores(
      FloatArray scores, int at, float s0, float s1, float s2, float s3) {
    scores.set(at, s0);
    scores.set(at + 16, s1);
    scores.set(at + 32, s2);
    scores.set(at + 48, s3);
  }

  /// `e^{later − earlier}`, 1 where it is not later.
  private static float forget(float later, float earlier) {
    return TornadoMath.exp(TornadoMath.min(later - earlier, 0.0f));
  }

  /// `dP[c,h,i,j] = scale·Σ_v dO[i,v]·v[j,v]` where `j ≤ i`, else 0: the gradient of what [#scores]
  /// weighs values with, its factor put in; groups `(chunks·H)`.
  ///
  /// @param dO `[rows, H, V]`, Read
  /// @param v `[rows, H, V]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param dP `[chunks, H, 64, 64]`, Overwritten
  public static void scoreGradients(
      KernelContext context,
      FloatArray dO,
      FloatArray v,
      IntArray bounds,
      FloatArray dP,
      float scale,
      int H,
      int V) {
    float[] left = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    float[] right = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    int item = context.localIdx;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int begin = bounds.get(2 * c);
    int end = bounds.get(2 * c + 1);
    int y = item / 16;
    int x = item % 16;
    float s00 = 0.0f;
    float s10 = 0.0f;
    float s11 = 0.0f;
    float s20 = 0.0f;
    float s21 = 0.0f;
    float s22 = 0.0f;
    float s30 = 0.0f;
    float s31 = 0.0f;
    float s32 = 0.0f;
    float s33 = 0.0f;
    for (int v0 = 0; v0 < V; v0 += DEPTH) {
      for (int j = item; j < CHUNK * DEPTH; j += GROUP) {
        int r = begin + j / DEPTH;
        int at = j % DEPTH * ROW_PITCH + j / DEPTH;
        left[at] = GlaChunkKernels.rowValue(dO, r, end, h, v0 + j % DEPTH, H, V);
        right[at] = GlaChunkKernels.rowValue(v, r, end, h, v0 + j % DEPTH, H, V);
      }
      context.localBarrier();
      for (int d = 0; d < DEPTH; d++) {
        int i = d * ROW_PITCH + y;
        int j = d * ROW_PITCH + x;
        s00 += left[i] * right[j];
        s10 += left[i + 16] * right[j];
        s11 += left[i + 16] * right[j + 16];
        s20 += left[i + 32] * right[j];
        s21 += left[i + 32] * right[j + 16];
        s22 += left[i + 32] * right[j + 32];
        s30 += left[i + 48] * right[j];
        s31 += left[i + 48] * right[j + 16];
        s32 += left[i + 48] * right[j + 32];
        s33 += left[i + 48] * right[j + 48];
      }
      context.localBarrier();
    }
    float own = x <= y ? scale : 0.0f;
    int at = (context.groupIdx * CHUNK + y) * CHUNK + x;
    storeScores(dP, at, own * s00, 0.0f, 0.0f, 0.0f);
    storeScores(dP, at + 16 * CHUNK, scale * s10, own * s11, 0.0f, 0.0f);
    storeScores(dP, at + 32 * CHUNK, scale * s20, scale * s21, own * s22, 0.0f);
    storeScores(dP, at + 48 * CHUNK, scale * s30, scale * s31, scale * s32, own * s33);
  }
}
