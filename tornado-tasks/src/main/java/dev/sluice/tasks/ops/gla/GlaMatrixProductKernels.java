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

/// Chunked gated linear attention on matrix units: the products of a chunk's rows with states and
/// scores. A warp computes 16 rows by 32 columns.
public final class GlaMatrixProductKernels {
  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int WARP = OperandKernels.WARP;
  private static final int A_TILE = OperandKernels.A_TILE;

  /// Integers from one tile of A to the next where lines are written to them: a warp writes a line
  /// of four tiles, 8 integers of each, to different banks.
  static final int LINE_TILE = A_TILE + 8;

  /// The same in bytes.
  static final int LINE_BYTES = 4 * LINE_TILE;

  private static final int B_TILE = OperandKernels.B_TILE;
  private static final int B_BYTES = OperandKernels.B_BYTES;
  private static final int INDEX = GlaMatrixKernels.INDEX;

  private GlaMatrixProductKernels() {}

  /// Values of a chunk from a state and the chunk's own rows, forward `o = (scale·q⊙e^G) S +
  /// scale·P v`, backward (`ending` 1) `dV = (k⊙e^{Γ−G}) D + scale·Pᵀ dO`; groups of 4·V work-items
  /// `(chunks·H)`.
  ///
  /// @param x queries or keys `[rows, H, K]`, Read
  /// @param y values or the output's gradient `[rows, H, V]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param states S or D `[chunks, H, K, V/2]` pairs of bfloat16 in tiles, Read
  /// @param scores P `[chunks, H, 64, 64]`, Read where `j ≤ i`
  /// @param out `[rows, H, V]`, Overwritten
  /// @param factor of `x`
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which K is a multiple
  public static void combine(
      KernelContext context,
      FloatArray x,
      FloatArray y,
      FloatArray G,
      IntArray states,
      FloatArray scores,
      FloatArray out,
      float factor,
      float scale,
      int ending,
      int width,
      int H,
      int K,
      int V) {
    int[] left = context.allocateIntLocalArray(16 * LINE_TILE);
    int[] right = context.allocateIntLocalArray(V * 34);
    int item = context.localIdx & INDEX;
    int zero = context.localIdx >> 31;
    int m = item / WARP / (V / 32);
    int n = item / WARP % (V / 32);
    int group = context.groupIdx;
    int row = group / H * CHUNK * H + group % H;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int k0 = 0; k0 < K; k0 += width) {
      for (int j = item; j < 32 * width; j += 8 * V) {
        int j1 = TornadoMath.min(j + 4 * V, 32 * width - 1);
        int p0 = gatedPair(zero, x, G, row, j, factor, k0, ending, width, H, K);
        int p1 = gatedPair(zero, x, G, row, j1, factor, k0, ending, width, H, K);
        left[linePlace(j, width)] = p0;
        left[linePlace(j1, width)] = p1;
      }
      int from = (group * K + k0) * (V / 2) + item;
      for (int t = 0; t < width; t += 32) {
        int p0 = states.get(from);
        int p1 = states.get(from + 4 * V);
        int p2 = states.get(from + 8 * V);
        int p3 = states.get(from + 12 * V);
        int to = item / 64 * B_TILE + item % 64 + t / 8 * (V / 16) * B_TILE;
        right[to] = p0;
        right[to + V / 16 * B_TILE] = p1;
        right[to + V / 8 * B_TILE] = p2;
        right[to + 3 * (V / 16) * B_TILE] = p3;
        from += 16 * V;
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (m * (width / 16) + step) * LINE_BYTES);
        int b = (step * (V / 8) + n * 4) * B_BYTES;
        HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
        HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
        HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
        HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
        s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
        s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
        s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
        s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
      }
      context.localBarrier();
    }
    for (int j = item; j < 32 * CHUNK; j += 8 * V) {
      int j1 = TornadoMath.min(j + 4 * V, 32 * CHUNK - 1);
      int p0 = scorePair(zero, scores, group, j, scale, ending);
      int p1 = scorePair(zero, scores, group, j1, scale, ending);
      left[scorePlace(j, ending)] = p0;
      left[scorePlace(j1, ending)] = p1;
    }
    int place = GlaMatrixKernels.rowPlace(item, V);
    int from = (row + item / (V / 2) * H) * V + item % (V / 2) * 2;
    for (int t = 0; t < CHUNK; t += 32) {
      int p0 = GlaMatrixKernels.pairAt(zero, y, from);
      int p1 = GlaMatrixKernels.pairAt(zero, y, from + 8 * H * V);
      int p2 = GlaMatrixKernels.pairAt(zero, y, from + 16 * H * V);
      int p3 = GlaMatrixKernels.pairAt(zero, y, from + 24 * H * V);
      int to = place + t / 16 * (V / 8) * B_TILE;
      right[to] = p0;
      right[to + 8 * 4] = p1;
      right[to + V / 8 * B_TILE] = p2;
      right[to + V / 8 * B_TILE + 8 * 4] = p3;
      from += 32 * H * V;
    }
    context.localBarrier();
    for (int step = 0; step < CHUNK / 16; step++) {
      HalfFloat[] a = context.mmaLoadA(left, 16, (m * (CHUNK / 16) + step) * LINE_BYTES);
      int b = (step * (V / 8) + n * 4) * B_BYTES;
      HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
      HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
      HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
      HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
      s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
      s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
      s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
    }
    int at = group / H * CHUNK + m * 16;
    int column = group % H * V + n * 32;
    Fragments.store(context, s0, out, at, column, H * V);
    Fragments.store(context, s1, out, at, column + 8, H * V);
    Fragments.store(context, s2, out, at, column + 16, H * V);
    Fragments.store(context, s3, out, at, column + 24, H * V);
  }

  /// Pair `j` of gated queries or keys from key `k0` on, neighbours in K, line by line.
  private static int gatedPair(
      int zero,
      FloatArray x,
      FloatArray G,
      int row,
      int j,
      float factor,
      int k0,
      int ending,
      int width,
      int H,
      int K) {
    int k = k0 + lineColumn(j, width);
    int at = (row + lineRow(j, width) * H) * K + k;
    int last = (row + 63 * H) * K + k;
    float first = factor * x.get(at) * GlaChunkKernels.decay(G, at, last, ending);
    float second = factor * x.get(at + 1) * GlaChunkKernels.decay(G, at + 1, last + 1, ending);
    return BFloatPairs.pack(zero, first, second);
  }

  /// Pair `j` of scores, likewise; turned, tile by tile, as lines would touch a row each.
  private static int scorePair(
      int zero, FloatArray scores, int group, int j, float scale, int ending) {
    int i = ending == 1 ? tileRow(j) : lineRow(j, CHUNK);
    int d = ending == 1 ? tileColumn(j) : lineColumn(j, CHUNK);
    float first = scale * score(scores, group, i, d, ending);
    float second = scale * score(scores, group, i, d + 1, ending);
    return BFloatPairs.pack(zero, first, second);
  }

  /// Where [#scorePair] goes in operand A.
  private static int scorePlace(int j, int ending) {
    int p = j & INDEX;
    return ending == 1 ? p / A_TILE * LINE_TILE + p % A_TILE : linePlace(j, CHUNK);
  }

  /// The row of pair `j` of 64 in the order of tiles of operand A.
  private static int tileRow(int j) {
    int p = j & INDEX;
    return p / A_TILE / 4 * 16 + p / 8 % 16;
  }

  /// The first column of pair `j`, likewise.
  private static int tileColumn(int j) {
    int p = j & INDEX;
    return p / A_TILE % 4 * 16 + p % 8 * 2;
  }

  /// The row of pair `j` where a warp takes whole lines of a slab, `width` columns wide.
  private static int lineRow(int j, int width) {
    return (j & INDEX) / (width / 2);
  }

  /// The first column of pair `j`, likewise.
  private static int lineColumn(int j, int width) {
    return (j & INDEX) % (width / 2) * 2;
  }

  /// Where pair `j`, likewise, goes in operand A.
  static int linePlace(int j, int width) {
    int row = (j & INDEX) / (width / 2);
    int pair = (j & INDEX) % (width / 2);
    return (row / 16 * (width / 16) + pair / 8) * LINE_TILE + row % 16 * 8 + pair % 8;
  }

  /// The score of query `i` and key `d`, or the other way round where `ending` is 1; 0 where the
  /// key is later.
  private static float score(FloatArray scores, int group, int i, int d, int ending) {
    int query = ending == 1 ? d : i;
    int key = ending == 1 ? i : d;
    float value = 0.0f;
    if (key <= query) {
      value = scores.get((group * CHUNK + query) * CHUNK + key);
    }
    return value;
  }

  /// Pair `j` of a chunk's rows, neighbours in V, line by line.
  static int linePair(int zero, FloatArray y, int row, int j, int v0, int width, int H, int V) {
    int at = (row + lineRow(j, width) * H) * V + v0 + lineColumn(j, width);
    return GlaMatrixKernels.pairAt(zero, y, at);
  }

  /// What a state gives to the gradient of keys or queries, without its gates: `dX[r,h,k] = Σ_v
  /// y[r,v]·S[k,v]`; groups of 4·K work-items `(chunks·H)`.
  ///
  /// @param y values or the output's gradient `[rows, H, V]`, Read
  /// @param states `[chunks, H, K, V/2]` pairs of bfloat16 in tiles, Read
  /// @param dX `[rows, H, K]`, Overwritten
  /// @param width terms of a sum in local memory at a time: 32 or 64, of which V is a multiple
  public static void differentiate(
      KernelContext context,
      FloatArray y,
      IntArray states,
      FloatArray dX,
      int width,
      int H,
      int K,
      int V) {
    int[] left = context.allocateIntLocalArray(width / 4 * LINE_TILE);
    int[] right = context.allocateIntLocalArray(width / 16 * (K / 8) * B_TILE);
    int item = context.localIdx & INDEX;
    int zero = context.localIdx >> 31;
    int m = item / WARP % 4;
    int n = item / WARP / 4;
    int group = context.groupIdx;
    int row = group / H * CHUNK * H + group % H;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int v0 = 0; v0 < V; v0 += width) {
      for (int j = item; j < 32 * width; j += 16 * K) {
        int j1 = TornadoMath.min(j + 4 * K, 32 * width - 1);
        int j2 = TornadoMath.min(j + 8 * K, 32 * width - 1);
        int j3 = TornadoMath.min(j + 12 * K, 32 * width - 1);
        int p0 = linePair(zero, y, row, j, v0, width, H, V);
        int p1 = linePair(zero, y, row, j1, v0, width, H, V);
        int p2 = linePair(zero, y, row, j2, v0, width, H, V);
        int p3 = linePair(zero, y, row, j3, v0, width, H, V);
        left[linePlace(j, width)] = p0;
        left[linePlace(j1, width)] = p1;
        left[linePlace(j2, width)] = p2;
        left[linePlace(j3, width)] = p3;
      }
      for (int j = item; j < width * K / 4; j += 8 * K) {
        int from = group * K * (V / 2) + v0 * 8 + turnedFrom(j, width, V);
        int then = group * K * (V / 2) + v0 * 8 + turnedFrom(j + 4 * K, width, V);
        int a0 = states.get(from);
        int a1 = states.get(from + 4);
        int b0 = states.get(then);
        int b1 = states.get(then + 4);
        int to = turnedPlace(j, width, K);
        right[to] = (a0 & 0xFFFF) | (a1 << 16);
        right[to + 4] = ((a0 >> 16) & 0xFFFF) | (a1 & 0xFFFF0000);
        to = turnedPlace(j + 4 * K, width, K);
        right[to] = (b0 & 0xFFFF) | (b1 << 16);
        right[to + 4] = ((b0 >> 16) & 0xFFFF) | (b1 & 0xFFFF0000);
      }
      context.localBarrier();
      for (int step = 0; step < width / 16; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (m * (width / 16) + step) * LINE_BYTES);
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
      context.localBarrier();
    }
    int at = group / H * CHUNK + m * 16;
    int column = group % H * K + n * 32;
    Fragments.store(context, s0, dX, at, column, H * K);
    Fragments.store(context, s1, dX, at, column + 8, H * K);
    Fragments.store(context, s2, dX, at, column + 16, H * K);
    Fragments.store(context, s3, dX, at, column + 24, H * K);
  }

  /// Where the first key of pair `j` of keys lies, for two neighbours in V; the second lies 4
  /// further. A warp takes a tile of 16 keys by 4 pairs of values.
  private static int turnedFrom(int j, int width, int V) {
    int p = j & INDEX;
    int tile = p / 32 / (width / 8) * (V / 8) + p / 32 % (width / 8);
    return tile * 64 + p / 4 % 8 * 8 + p % 4;
  }

  /// Where the first of the pairs from [#turnedFrom] goes in operand B; the second lies 4 further.
  private static int turnedPlace(int j, int width, int K) {
    int p = j & INDEX;
    int v = p / 32 % (width / 8) * 4 + p % 4;
    int k = p / 32 / (width / 8) * 8 + p / 4 % 8;
    return (v / 8 * (K / 8) + k / 4) * B_TILE + v % 8 * 8 + k % 4;
  }
}
