package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Chunked gated linear attention on matrix units: scores within a chunk, and their gradients.
///
/// Between the halves of a chunk, and between the sub-chunks of a half, gates are relative to the
/// row between them, so factors are at most 1. Within a sub-chunk of 16 they are relative to its
/// middle row, unless gates are strong there: then the scores are computed one by one. Scores lack
/// the factor `scale`, and only those with `j ≤ i` mean anything; whoever reads them minds both.
public final class GlaMatrixScoreKernels {
  /// A sub-chunk is strong where the log gates of a channel sum to less than this.
  static final float STRONG = -60.0f;

  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int GROUP = GlaMatrixKernels.GROUP;
  private static final int WARP = GlaMatrixKernels.WARP;
  private static final int A_TILE = GlaMatrixKernels.A_TILE;
  private static final int A_BYTES = GlaMatrixKernels.A_BYTES;
  private static final int B_TILE = GlaMatrixKernels.B_TILE;
  private static final int B_BYTES = GlaMatrixKernels.B_BYTES;
  private static final int INDEX = GlaMatrixKernels.INDEX;

  private GlaMatrixScoreKernels() {}

  /// The first row of the queries that warp `w` works on, or of its keys where `keys` is 1: the
  /// second half by the first, the second sub-chunk of each half by the first, each sub-chunk.
  private static int firstRow(int w, int keys) {
    int row = 16 * (w - 4);
    if (w < 2) {
      row = keys == 1 ? 0 : 32 + 16 * w;
    } else if (w < 4) {
      row = 32 * (w - 2) + (keys == 1 ? 0 : 16);
    }
    return row;
  }

  /// The row that the gates of warp `w` are relative to.
  private static int reference(int w) {
    int row = 16 * (w - 4) + 7;
    if (w < 2) {
      row = 31;
    } else if (w < 4) {
      row = 32 * (w - 2) + 15;
    }
    return row;
  }

  /// The warp whose keys lie in tile `n` of 8; the first two share theirs.
  private static int warpOf(int n) {
    return n < 4 ? 0 : n / 2;
  }

  private static float factor(float exponent) {
    return TornadoMath.exp(TornadoMath.min(exponent, -STRONG));
  }

  /// Pair `j` of gated queries, neighbours in K, in the order of operand A.
  private static int queryPair(
      int zero, FloatArray q, FloatArray G, int row, int j, int k0, int width, int H, int K) {
    int p = j & INDEX;
    int tile = p / A_TILE / (width / 16);
    int d = k0 + p / A_TILE % (width / 16) * 16 + p % 8 * 2;
    int at = (row + (firstRow(tile, 0) + p / 8 % 16) * H) * K + d;
    int relative = (row + reference(tile) * H) * K + d;
    float q0 = q.get(at) * factor(G.get(at) - G.get(relative));
    float q1 = q.get(at + 1) * factor(G.get(at + 1) - G.get(relative + 1));
    return GlaMatrixKernels.pair(zero, q0, q1);
  }

  /// Pair `j` of gated keys, neighbours in time.
  private static int keyPair(
      int zero, FloatArray k, FloatArray G, int row, int j, int k0, int width, int H, int K) {
    int p = j & INDEX;
    int d = k0 + p / 32 % (width / 8) * 8 + p % 8;
    int n = p / 32 / (width / 8);
    int column = firstRow(warpOf(n), 1) + (n < 4 ? n : n % 2) * 8 + p / 8 % 4 * 2;
    int at = (row + column * H) * K + d;
    float relative = G.get((row + reference(warpOf(n)) * H) * K + d);
    float first = k.get(at) * factor(relative - G.get(at));
    float second = k.get(at + H * K) * factor(relative - G.get(at + H * K));
    return GlaMatrixKernels.pair(zero, first, second);
  }

  /// Pair `j` of values, neighbours in time.
  private static int valuePair(
      int zero, FloatArray v, int row, int j, int v0, int width, int H, int V) {
    int p = j & INDEX;
    int d = v0 + p / 32 % (width / 8) * 8 + p % 8;
    int n = p / 32 / (width / 8);
    int at = (row + (n * 8 + p / 8 % 4 * 2) * H) * V + d;
    return GlaMatrixKernels.pair(zero, v.get(at), v.get(at + H * V));
  }

  /// Where pair `j` of neighbours in time goes in operand B.
  private static int columnPlace(int j, int width) {
    int p = j & INDEX;
    int d = p / 32 % (width / 8) * 8 + p % 8;
    int n = p / 32 / (width / 8);
    return (n * (width / 16) + d / 16) * B_TILE + d % 16 * 4 + p / 8 % 4;
  }

  /// `scores[c,h,i,j] = Σ_k q[i,k]·k[j,k]·e^{G_i − G_j}` where `j ≤ i`; groups `(chunks·H)`.
  ///
  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param strong `[chunks, H, 4]`, Read
  /// @param scores `[chunks, H, 64, 64]`, Overwritten
  /// @param width terms of a sum in local memory at a time: 16, 32 or 64, of which K is a multiple
  public static void scores(
      KernelContext context,
      FloatArray q,
      FloatArray k,
      FloatArray G,
      IntArray strong,
      FloatArray scores,
      int width,
      int H,
      int K) {
    int[] left = context.allocateIntLocalArray(4096);
    int[] right = context.allocateIntLocalArray(4352);
    int item = context.localIdx & INDEX;
    int zero = context.localIdx >> 31;
    int w = item / WARP;
    int row = context.groupIdx / H * CHUNK * H + context.groupIdx % H;
    int first = w < 2 ? 0 : 2 * w;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int k0 = 0; k0 < K; k0 += width) {
      for (int j = item; j < 64 * width; j += 4 * GROUP) {
        int p0 = queryPair(zero, q, G, row, j, k0, width, H, K);
        int p1 = queryPair(zero, q, G, row, j + GROUP, k0, width, H, K);
        int p2 = queryPair(zero, q, G, row, j + 2 * GROUP, k0, width, H, K);
        int p3 = queryPair(zero, q, G, row, j + 3 * GROUP, k0, width, H, K);
        left[j] = p0;
        left[j + GROUP] = p1;
        left[j + 2 * GROUP] = p2;
        left[j + 3 * GROUP] = p3;
      }
      for (int j = item; j < 64 * width; j += 4 * GROUP) {
        int p0 = keyPair(zero, k, G, row, j, k0, width, H, K);
        int p1 = keyPair(zero, k, G, row, j + GROUP, k0, width, H, K);
        int p2 = keyPair(zero, k, G, row, j + 2 * GROUP, k0, width, H, K);
        int p3 = keyPair(zero, k, G, row, j + 3 * GROUP, k0, width, H, K);
        right[columnPlace(j, width)] = p0;
        right[columnPlace(j + GROUP, width)] = p1;
        right[columnPlace(j + 2 * GROUP, width)] = p2;
        right[columnPlace(j + 3 * GROUP, width)] = p3;
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (w * (width / 16) + step) * A_BYTES);
        int b = (first * (width / 16) + step) * B_BYTES;
        int next = width / 16 * B_BYTES;
        int far = w < 2 ? 2 * next : 0;
        HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, b + next);
        HalfFloat[] b2 = context.mmaLoadB(right, 16, b + far);
        HalfFloat[] b3 = context.mmaLoadB(right, 16, b + far + next);
        s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
        s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
        s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
      }
      context.localBarrier();
    }
    int at = context.groupIdx * CHUNK + firstRow(w, 0);
    int column = firstRow(w, 1);
    context.mmaStore(s0, scores, at, column, CHUNK);
    context.mmaStore(s1, scores, at, column + 8, CHUNK);
    if (w < 2) {
      context.mmaStore(s2, scores, at, column + 16, CHUNK);
      context.mmaStore(s3, scores, at, column + 24, CHUNK);
    }
    context.localBarrier();
    for (int s = 0; s < CHUNK; s += 16) {
      if (strong.get(context.groupIdx * 4 + s / 16) == 1) {
        int i = s + item / 16;
        int j = s + item % 16;
        float score = strongScore(q, k, G, row, i, j, H, K);
        scores.set((context.groupIdx * CHUNK + i) * CHUNK + j, score);
      }
    }
  }

  /// The score of query `i` and key `j` of a strong sub-chunk.
  private static float strongScore(
      FloatArray q, FloatArray k, FloatArray G, int row, int i, int j, int H, int K) {
    float sum = 0.0f;
    for (int d = 0; d < K; d++) {
      int query = (row + i * H) * K + d;
      int key = (row + j * H) * K + d;
      float exponent = TornadoMath.min(G.get(query) - G.get(key), 0.0f);
      sum += q.get(query) * k.get(key) * TornadoMath.exp(exponent);
    }
    return sum;
  }

  /// `dP[c,h,i,j] = Σ_v dO[i,v]·v[j,v]`; groups `(chunks·H)`.
  ///
  /// @param dO `[rows, H, V]`, Read
  /// @param v `[rows, H, V]`, Read
  /// @param dP `[chunks, H, 64, 64]`, Overwritten
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which V is a multiple
  public static void scoreGradients(
      KernelContext context, FloatArray dO, FloatArray v, FloatArray dP, int width, int H, int V) {
    int[] left = context.allocateIntLocalArray(2048);
    int[] right = context.allocateIntLocalArray(2176);
    int item = context.localIdx & INDEX;
    int zero = context.localIdx >> 31;
    int w = item / WARP;
    int row = context.groupIdx / H * CHUNK * H + context.groupIdx % H;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int v0 = 0; v0 < V; v0 += width) {
      for (int j = item; j < 32 * width; j += 4 * GROUP) {
        int p0 = GlaMatrixProductKernels.linePair(zero, dO, row, j, v0, width, H, V);
        int p1 = GlaMatrixProductKernels.linePair(zero, dO, row, j + GROUP, v0, width, H, V);
        int p2 = GlaMatrixProductKernels.linePair(zero, dO, row, j + 2 * GROUP, v0, width, H, V);
        int p3 = GlaMatrixProductKernels.linePair(zero, dO, row, j + 3 * GROUP, v0, width, H, V);
        left[j] = p0;
        left[j + GROUP] = p1;
        left[j + 2 * GROUP] = p2;
        left[j + 3 * GROUP] = p3;
      }
      for (int j = item; j < 32 * width; j += 4 * GROUP) {
        int p0 = valuePair(zero, v, row, j, v0, width, H, V);
        int p1 = valuePair(zero, v, row, j + GROUP, v0, width, H, V);
        int p2 = valuePair(zero, v, row, j + 2 * GROUP, v0, width, H, V);
        int p3 = valuePair(zero, v, row, j + 3 * GROUP, v0, width, H, V);
        right[columnPlace(j, width)] = p0;
        right[columnPlace(j + GROUP, width)] = p1;
        right[columnPlace(j + 2 * GROUP, width)] = p2;
        right[columnPlace(j + 3 * GROUP, width)] = p3;
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (w % 4 * (width / 16) + step) * A_BYTES);
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
      }
      context.localBarrier();
    }
    int at = context.groupIdx * CHUNK + w % 4 * 16;
    int column = w / 4 * 32;
    context.mmaStore(s0, dP, at, column, CHUNK);
    context.mmaStore(s1, dP, at, column + 8, CHUNK);
    context.mmaStore(s2, dP, at, column + 16, CHUNK);
    context.mmaStore(s3, dP, at, column + 24, CHUNK);
  }
}
