package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.ops.BFloatPairs;
import dev.sluice.tasks.ops.Fragments;
import dev.sluice.tasks.ops.OperandKernels;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Chunked gated linear attention on matrix units: scores within a chunk, and their gradients.
///
/// The gates of a sub-chunk's queries, and of the keys that they meet, are relative to the row
/// before it. Factors are at most 1 but within the sub-chunk; where gates are strong, scores within
/// it are computed one by one. Scores lack the factor `scale`, and only those with `j ≤ i` mean
/// anything; whoever reads them minds both.
public final class GlaMatrixScoreKernels {
  /// A sub-chunk is strong where the log gates of a channel sum to less than this.
  static final float STRONG = -60.0f;

  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int GROUP = GlaMatrixKernels.GROUP;
  private static final int WARP = OperandKernels.WARP;
  private static final int LINE_TILE = GlaMatrixProductKernels.LINE_TILE;
  private static final int LINE_BYTES = GlaMatrixProductKernels.LINE_BYTES;
  private static final int B_TILE = OperandKernels.B_TILE;
  private static final int B_BYTES = OperandKernels.B_BYTES;
  private static final int INDEX = GlaMatrixKernels.INDEX;

  private GlaMatrixScoreKernels() {}

  /// Pair `j` of values, neighbours in time.
  private static int valuePair(
      int zero, FloatArray v, int row, int j, int v0, int width, int H, int V) {
    int p = j & INDEX;
    int d = v0 + p / 32 % (width / 8) * 8 + p % 8;
    int n = p / 32 / (width / 8);
    int at = (row + (n * 8 + p / 8 % 4 * 2) * H) * V + d;
    return BFloatPairs.pack(zero, v.get(at), v.get(at + H * V));
  }

  /// Where pair `j` of neighbours in time goes in operand B.
  private static int columnPlace(int j, int width) {
    int p = j & INDEX;
    int d = p / 32 % (width / 8) * 8 + p % 8;
    int n = p / 32 / (width / 8);
    return (n * (width / 16) + d / 16) * B_TILE + d % 16 * 4 + p / 8 % 4;
  }

  /// Two neighbours in K of a query, gated to the edge before its sub-chunk.
  private static int queryPair(
      int zero, FloatArray q, FloatArray G, int at, float before0, float before1) {
    float q0 = GlaMatrixKernels.gated(q, G, at, before0, 1);
    float q1 = GlaMatrixKernels.gated(q, G, at + 1, before1, 1);
    return BFloatPairs.pack(zero, q0, q1);
  }

  /// Where pair `c` of query `i` goes in operand A.
  private static int queryPlace(int i, int c, int width) {
    int r = i & INDEX;
    return (r / 16 * (width / 16) + c / 8) * LINE_TILE + r % 16 * 8 + c % 8;
  }

  /// Where key `d` of rows `j` and `j + 1` goes, for queries of sub-chunk `m`, in operand B.
  private static int keyPlace(int m, int s, int j, int d, int width) {
    int r = j & INDEX;
    int tile = m * (m + 1) + 2 * s + r / 8 % 2;
    return (tile * (width / 16) + d / 16) * B_TILE + d % 16 * 4 + r / 2 % 4;
  }

  /// `scores[c,h,i,j] = Σ_k q[i,k]·k[j,k]·e^{G_i − G_j}` where `j ≤ i`. A work-item gates two
  /// neighbours in K of eight queries, and one key of sixteen rows, two at a time; groups
  /// `(chunks·H)`.
  ///
  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param strong `[chunks, H, 4]`, Read
  /// @param scores `[chunks, H, 64, 64]`, Overwritten
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which K is a multiple
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
    int[] left = context.allocateIntLocalArray(width / 4 * LINE_TILE);
    int[] right = context.allocateIntLocalArray(20 * (width / 16) * B_TILE);
    int item = context.localIdx & INDEX;
    int zero = context.localIdx >> 31;
    int row = context.groupIdx / H * CHUNK * H + context.groupIdx % H;
    int w = item / WARP;
    int m = w % 4;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    int c = item % (width / 2);
    int i0 = item / (width / 2) * (width / 8);
    int d = item % width;
    int s = item / 64;
    int j0 = 16 * s + item % 64 / width * 2;
    for (int k0 = 0; k0 < K; k0 += width) {
      float before0 = GlaMatrixKernels.edge(G, row, i0 / 16, k0 + 2 * c, H, K);
      float before1 = GlaMatrixKernels.edge(G, row, i0 / 16, k0 + 2 * c + 1, H, K);
      for (int i = i0; i < i0 + width / 8; i += 4) {
        int at = (row + i * H) * K + k0 + 2 * c;
        int p0 = queryPair(zero, q, G, at, before0, before1);
        int p1 = queryPair(zero, q, G, at + H * K, before0, before1);
        int p2 = queryPair(zero, q, G, at + 2 * H * K, before0, before1);
        int p3 = queryPair(zero, q, G, at + 3 * H * K, before0, before1);
        int to = queryPlace(i, c, width);
        left[to] = p0;
        left[to + 8] = p1;
        left[to + 16] = p2;
        left[to + 24] = p3;
      }
      float own = GlaMatrixKernels.edge(G, row, s, k0 + d, H, K);
      float next = GlaMatrixKernels.edge(G, row, s + 1, k0 + d, H, K);
      float second = GlaMatrixKernels.between(G, row, s, 1, k0 + d, 0, H, K);
      float third = GlaMatrixKernels.between(G, row, s, 2, k0 + d, 0, H, K);
      int isStrong = strong.get(context.groupIdx * 4 + s);
      float across = TornadoMath.exp(next - own);
      for (int j = j0; j < 16 * s + 16; j += 128 / width) {
        int at = (row + j * H) * K + k0 + d;
        float a0 = GlaMatrixKernels.gated(k, G, at, own, 0);
        float a1 = GlaMatrixKernels.gated(k, G, at + H * K, own, 0);
        float b0 = across * a0;
        float b1 = across * a1;
        if (isStrong == 1) {
          b0 = GlaMatrixKernels.gated(k, G, at, next, 0);
          b1 = GlaMatrixKernels.gated(k, G, at + H * K, next, 0);
        }
        right[keyPlace(s, s, j, d, width)] = BFloatPairs.pack(zero, a0, a1);
        if (s < 3) {
          right[keyPlace(s + 1, s, j, d, width)] = BFloatPairs.pack(zero, b0, b1);
        }
        if (s < 2) {
          int p = BFloatPairs.pack(zero, b0 * second, b1 * second);
          right[keyPlace(s + 2, s, j, d, width)] = p;
        }
        if (s < 1) {
          int p = BFloatPairs.pack(zero, b0 * third, b1 * third);
          right[keyPlace(s + 3, s, j, d, width)] = p;
        }
      }
      context.localBarrier();
      int first = m * (m + 1) + w / 4;
      for (int step = 0; step < width / 16; step++) {
        int b = (first * (width / 16) + step) * B_BYTES;
        int pitch = width / 8 * B_BYTES;
        HalfFloat[] a = context.mmaLoadA(left, 16, (m * (width / 16) + step) * LINE_BYTES);
        HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, b + TornadoMath.min(m, 1) * pitch);
        HalfFloat[] b2 = context.mmaLoadB(right, 16, b + TornadoMath.min(m, 2) * pitch);
        HalfFloat[] b3 = context.mmaLoadB(right, 16, b + m * pitch);
        s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
        s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
        s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
      }
      context.localBarrier();
    }
    int at = context.groupIdx * CHUNK + m * 16;
    int column = w / 4 * 8;
    Fragments.store(context, s0, scores, at, column, CHUNK);
    if (m > 0) {
      Fragments.store(context, s1, scores, at, column + 16, CHUNK);
    }
    if (m > 1) {
      Fragments.store(context, s2, scores, at, column + 32, CHUNK);
    }
    if (m > 2) {
      Fragments.store(context, s3, scores, at, column + 48, CHUNK);
    }
    context.localBarrier();
    // Bounds that the compiler does not know: it would unroll the loops, which are run seldom.
    int none = strong.get(context.groupIdx * 4) >> 1;
    for (int r = 0; r < CHUNK + none; r += 16) {
      if (strong.get(context.groupIdx * 4 + r / 16) == 1) {
        int i = r + item / 16;
        int j = r + item % 16;
        float score = strongScore(q, k, G, row, i, j, none, H, K);
        scores.set((context.groupIdx * CHUNK + i) * CHUNK + j, score);
      }
    }
  }

  /// The score of query `i` and key `j` of a strong sub-chunk.
  private static float strongScore(
      FloatArray q, FloatArray k, FloatArray G, int row, int i, int j, int none, int H, int K) {
    float sum = 0.0f;
    for (int d = 0; d < K + none; d++) {
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
    int[] left = context.allocateIntLocalArray(16 * LINE_TILE);
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
        left[GlaMatrixProductKernels.linePlace(j, width)] = p0;
        left[GlaMatrixProductKernels.linePlace(j + GROUP, width)] = p1;
        left[GlaMatrixProductKernels.linePlace(j + 2 * GROUP, width)] = p2;
        left[GlaMatrixProductKernels.linePlace(j + 3 * GROUP, width)] = p3;
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
        HalfFloat[] a = context.mmaLoadA(left, 16, (w % 4 * (width / 16) + step) * LINE_BYTES);
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
    Fragments.store(context, s0, dP, at, column, CHUNK);
    Fragments.store(context, s1, dP, at, column + 8, CHUNK);
    Fragments.store(context, s2, dP, at, column + 16, CHUNK);
    Fragments.store(context, s3, dP, at, column + 24, CHUNK);
  }
}
