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

/// Chunked gated linear attention on matrix units: what lies between chunks. Operands are bfloat16,
/// sums float32.
///
/// Chunk `c` is the rows `64·c … 64·c+63`. Operands lie in local memory as the matrix units read
/// them: A in tiles of 16 × 16, rows of 8 pairs; B in tiles of 16 × 8, rows of 4 pairs, 4 integers
/// apart from each other so that they begin at different banks. Four elements are read before one
/// is stored: the compiler moves no load above a store, and one load at a time would wait for
/// memory each time. States of chunks lie in tiles of 16 × 8, `[K/16, V/8, 16, 8]`: matrix units
/// store eight rows of a tile at a time, and the second-level cache takes requests by lines of 128
/// bytes. `G` and `Γ` are as in [GlaChunkKernels]. K and V are multiples of 32, both at most 128.
public final class GlaMatrixKernels {
  /// Work-items of a group.
  public static final int GROUP = 256;

  /// Largest `K` and `V`, by local memory.
  public static final int LARGEST = 128;

  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int WARP = OperandKernels.WARP;
  private static final int A_TILE = OperandKernels.A_TILE;
  private static final int A_BYTES = OperandKernels.A_BYTES;
  private static final int B_TILE = OperandKernels.B_TILE;
  private static final int B_BYTES = OperandKernels.B_BYTES;

  /// Indices are masked by this where they are divided: the compiler shifts only what it knows not
  /// to be negative.
  static final int INDEX = 0xFFFF;

  private GlaMatrixKernels() {}

  /// `G` of the row before sub-chunk `s`, at most 4; 0 before the first.
  static float edge(FloatArray G, int row, int s, int k, int H, int K) {
    float value = 0.0f;
    if (s > 0) {
      value = G.get((row + (16 * s - 1) * H) * K + k);
    }
    return value;
  }

  /// Element `at` of keys gated to an edge after them, or of queries to one before (`ending` 1).
  static float gated(FloatArray other, FloatArray G, int at, float to, int ending) {
    float exponent = to - G.get(at);
    if (ending == 1) {
      exponent = -exponent;
    }
    return other.get(at)
        * TornadoMath.exp(TornadoMath.min(exponent, -GlaMatrixScoreKernels.STRONG));
  }

  /// Gates between the edge next to sub-chunk `s` and the one that is `steps` further.
  static float between(FloatArray G, int row, int s, int steps, int k, int ending, int H, int K) {
    int near = ending == 1 ? s : TornadoMath.min(s + 1, 4);
    int far = ending == 1 ? TornadoMath.max(s - steps, 0) : TornadoMath.min(s + 1 + steps, 4);
    float exponent = edge(G, row, far, k, H, K) - edge(G, row, near, k, H, K);
    return TornadoMath.exp(ending == 1 ? -exponent : exponent);
  }

  /// `G` of a key of a sub-chunk, `sum` before it.
  private static void accumulate(
      FloatArray g, FloatArray G, int from, int timeStride, int to, int step, float before) {
    float sum = before;
    for (int i = 0; i < 2; i++) {
      int at = from + 8 * i * timeStride;
      int own = to + 8 * i * step;
      float a = sum + g.get(at);
      float b = a + g.get(at + timeStride);
      float c = b + g.get(at + 2 * timeStride);
      float d = c + g.get(at + 3 * timeStride);
      float e = d + g.get(at + 4 * timeStride);
      float f = e + g.get(at + 5 * timeStride);
      float j = f + g.get(at + 6 * timeStride);
      sum = j + g.get(at + 7 * timeStride);
      G.set(own, a);
      G.set(own + step, b);
      G.set(own + 2 * step, c);
      G.set(own + 3 * step, d);
      G.set(own + 4 * step, e);
      G.set(own + 5 * step, f);
      G.set(own + 6 * step, j);
      G.set(own + 7 * step, sum);
    }
  }

  private static float sumOfEight(FloatArray g, int from, int step, float before) {
    float sum = before + g.get(from);
    sum += g.get(from + step);
    sum += g.get(from + 2 * step);
    sum += g.get(from + 3 * step);
    sum += g.get(from + 4 * step);
    sum += g.get(from + 5 * step);
    sum += g.get(from + 6 * step);
    return sum + g.get(from + 7 * step);
  }

  /// Pair `j` of gated keys, neighbours in time; eight keys by four pairs lie together, so that
  /// neither reads nor writes of a warp collide.
  private static int keyPair(
      int zero,
      FloatArray x,
      FloatArray G,
      int row,
      int j,
      float factor,
      int ending,
      int H,
      int K) {
    int p = j & INDEX;
    int k = p / 32 % (K / 8) * 8 + p % 8;
    int t = p / 32 / (K / 8) * 4 + p / 8 % 4;
    int at = (row + 2 * t * H) * K + k;
    int last = (row + 63 * H) * K + k;
    float x0 = factor * x.get(at) * GlaChunkKernels.decay(G, at, last, ending);
    float x1 = factor * x.get(at + H * K) * GlaChunkKernels.decay(G, at + H * K, last, ending);
    return BFloatPairs.pack(zero, x0, x1);
  }

  /// Where [#keyPair] goes in operand A.
  private static int keyPlace(int j, int K) {
    int p = j & INDEX;
    int k = p / 32 % (K / 8) * 8 + p % 8;
    int t = p / 32 / (K / 8) * 4 + p / 8 % 4;
    return (t / 8 * (K / 16) + k / 16) * A_TILE + k % 16 * 8 + t % 8;
  }

  /// Pair `j` of a chunk's rows, neighbours in V.
  static int rowPair(int zero, FloatArray y, int row, int j, int H, int V) {
    int p = j & INDEX;
    int at = (row + p / (V / 2) * H) * V + p % (V / 2) * 2;
    return pairAt(zero, y, at);
  }

  /// Elements `at` and `at + 1`.
  static int pairAt(int zero, FloatArray y, int at) {
    return BFloatPairs.pack(zero, y.get(at), y.get(at + 1));
  }

  /// Where [#rowPair] goes in operand B.
  static int rowPlace(int j, int V) {
    int p = j & INDEX;
    int t = p / (V / 2);
    int v = p % (V / 2);
    return (t / 16 * (V / 8) + v / 4) * B_TILE + t % 16 * 4 + v % 4;
  }

  /// What a chunk adds to the state, or to the gradient of the state before it: `states[c,h,k,v] =
  /// factor·Σ_r x[r,h,k]·d[r,h,k]·y[r,h,v]`, `d` being `e^{Γ−G}` where `ending` is 1, else `e^G`;
  /// groups `(chunks·H)`.
  ///
  /// Where `summing` is 1, `G[r,h,k] = Σ g` over the rows of `r`'s chunk up to `r` first, and
  /// `strong[c,h,s] = 1` where in sub-chunk `s` the gates of some key sum to less than
  /// [GlaMatrixScoreKernels#STRONG], else 0: a group has what it needs of them in the cache then.
  ///
  /// @param g log gate, element `r·timeStride + h·headStride + k·keyStride`, Read where `summing`
  ///   is 1
  /// @param G `[rows, H, K]`, Overwritten where `summing` is 1, else Read
  /// @param strong `[chunks, H, 4]`, Overwritten where `summing` is 1
  /// @param x `[rows, H, K]`, Read
  /// @param y `[rows, H, V]`, Read
  /// @param states `[chunks, H, K, V]`, Overwritten, in tiles
  public static void chunkStates(
      KernelContext context,
      FloatArray g,
      FloatArray G,
      IntArray strong,
      FloatArray x,
      FloatArray y,
      FloatArray states,
      int summing,
      int timeStride,
      int headStride,
      int keyStride,
      float factor,
      int ending,
      int H,
      int K,
      int V) {
    int[] left = context.allocateIntLocalArray(K * 32);
    int[] right = context.allocateIntLocalArray(V * 34);
    float[] sums = context.allocateFloatLocalArray(4 * K);
    int[] found = context.allocateIntLocalArray(4);
    int item = context.localIdx & INDEX;
    int zero = context.localIdx >> 31;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int row = c * CHUNK * H + h;
    if (summing == 1) {
      if (item < 4) {
        found[item] = 0;
      }
      context.localBarrier();
      for (int j = item; j < 4 * K; j += GROUP) {
        int s = (j & INDEX) / K;
        int k = (j & INDEX) % K;
        int from = (c * CHUNK + 16 * s) * timeStride + h * headStride + k * keyStride;
        float own = sumOfEight(g, from, timeStride, 0.0f);
        own = sumOfEight(g, from + 8 * timeStride, timeStride, own);
        sums[j] = own;
        if (own < GlaMatrixScoreKernels.STRONG) {
          found[s] = 1;
        }
      }
      context.localBarrier();
      for (int j = item; j < 4 * K; j += GROUP) {
        int s = (j & INDEX) / K;
        int k = (j & INDEX) % K;
        float before = 0.0f;
        for (int n = k; n < s * K; n += K) {
          before += sums[n];
        }
        int from = (c * CHUNK + 16 * s) * timeStride + h * headStride + k * keyStride;
        accumulate(g, G, from, timeStride, (row + 16 * s * H) * K + k, H * K, before);
      }
      if (item < 4) {
        strong.set(context.groupIdx * 4 + item, found[item]);
      }
      context.localBarrier();
    }
    for (int j = item; j < K * 32; j += 4 * GROUP) {
      int j1 = TornadoMath.min(j + GROUP, K * 32 - 1);
      int j2 = TornadoMath.min(j + 2 * GROUP, K * 32 - 1);
      int j3 = TornadoMath.min(j + 3 * GROUP, K * 32 - 1);
      int p0 = keyPair(zero, x, G, row, j, factor, ending, H, K);
      int p1 = keyPair(zero, x, G, row, j1, factor, ending, H, K);
      int p2 = keyPair(zero, x, G, row, j2, factor, ending, H, K);
      int p3 = keyPair(zero, x, G, row, j3, factor, ending, H, K);
      left[keyPlace(j, K)] = p0;
      left[keyPlace(j1, K)] = p1;
      left[keyPlace(j2, K)] = p2;
      left[keyPlace(j3, K)] = p3;
    }
    for (int j = item; j < V * 32; j += 4 * GROUP) {
      int p0 = rowPair(zero, y, row, j, H, V);
      int p1 = rowPair(zero, y, row, j + GROUP, H, V);
      int p2 = rowPair(zero, y, row, j + 2 * GROUP, H, V);
      int p3 = rowPair(zero, y, row, j + 3 * GROUP, H, V);
      right[rowPlace(j, V)] = p0;
      right[rowPlace(j + GROUP, V)] = p1;
      right[rowPlace(j + 2 * GROUP, V)] = p2;
      right[rowPlace(j + 3 * GROUP, V)] = p3;
    }
    context.localBarrier();
    for (int tile = item / WARP; tile < K * V / 512; tile += GROUP / WARP) {
      int m = tile / (V / 32);
      int n = tile % (V / 32);
      float[] s0 = context.mmaFragment(0.0f);
      float[] s1 = context.mmaFragment(0.0f);
      float[] s2 = context.mmaFragment(0.0f);
      float[] s3 = context.mmaFragment(0.0f);
      for (int step = 0; step < 4; step++) {
        HalfFloat[] a = context.mmaLoadA(left, 16, (step * (K / 16) + m) * A_BYTES);
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
      int at = ((context.groupIdx * (K / 16) + m) * (V / 8) + n * 4) * 16;
      Fragments.store(context, s0, states, at, 0, 8);
      Fragments.store(context, s1, states, at + 16, 0, 8);
      Fragments.store(context, s2, states, at + 32, 0, 8);
      Fragments.store(context, s3, states, at + 48, 0, 8);
    }
  }

  /// From chunk to chunk of a sequence: `S ← e^Γ S + added[c]`, `states[c]` being the state before
  /// chunk `c`; a work-item two neighbours in V.
  ///
  /// @param G `[rows, H, K]`, Read
  /// @param h0 `[N, H, K, V]`, Read where `hasInitial` is 1
  /// @param added `[chunks, H, K, V]` in tiles, Read
  /// @param states `[chunks, H, K, V/2]` pairs of bfloat16 in tiles, Overwritten
  /// @param ht `[N, H, K, V]`, Overwritten with the final state
  public static void scanStates(
      KernelContext context,
      FloatArray G,
      FloatArray h0,
      FloatArray added,
      IntArray states,
      FloatArray ht,
      int hasInitial,
      int chunks,
      int H,
      int K,
      int V) {
    int x = context.globalIdx;
    int zero = x >> 31;
    int p = x & Integer.MAX_VALUE;
    int s = p / (K * V / 2);
    int n = s / H;
    int h = s % H;
    int column = p % (K * V / 2);
    int k = column / 64 / (V / 8) * 16 + column / 4 % 16;
    int own = (s * K + k) * V + column / 64 % (V / 8) * 8 + column % 4 * 2;
    float s0 = 0.0f;
    float s1 = 0.0f;
    if (hasInitial == 1) {
      s0 = h0.get(own);
      s1 = h0.get(own + 1);
    }
    int step = H * K * V / 2;
    int at = (n * chunks * H + h) * (K * V / 2) + column;
    int end = at + chunks * step;
    int gate = ((n * chunks * CHUNK + CHUNK - 1) * H + h) * K + k;
    float a0 = added.get(2 * at);
    float a1 = added.get(2 * at + 1);
    for (; at < end; at += step) {
      int next = TornadoMath.min(at + step, end - step);
      float e = TornadoMath.exp(G.get(gate));
      float n0 = added.get(2 * next);
      float n1 = added.get(2 * next + 1);
      states.set(at, BFloatPairs.pack(zero, s0, s1));
      s0 = s0 * e + a0;
      s1 = s1 * e + a1;
      a0 = n0;
      a1 = n1;
      gate += CHUNK * H * K;
    }
    ht.set(own, s0);
    ht.set(own + 1, s1);
  }

  /// From the last chunk to the first of a sequence: `D ← e^Γ D + added[c]`, `gradients[c]` being
  /// the gradient of the state after chunk `c`; a work-item two neighbours in V.
  ///
  /// @param G `[rows, H, K]`, Read
  /// @param dHt `[N, H, K, V]`, Read where `hasFinal` is 1
  /// @param added `[chunks, H, K, V]` in tiles, Read
  /// @param gradients `[chunks, H, K, V/2]` pairs of bfloat16 in tiles, Overwritten
  /// @param dH0 `[N, H, K, V]`, Overwritten with the initial state's gradient
  public static void scanGradients(
      KernelContext context,
      FloatArray G,
      FloatArray dHt,
      FloatArray added,
      IntArray gradients,
      FloatArray dH0,
      int hasFinal,
      int chunks,
      int H,
      int K,
      int V) {
    int x = context.globalIdx;
    int zero = x >> 31;
    int p = x & Integer.MAX_VALUE;
    int s = p / (K * V / 2);
    int n = s / H;
    int h = s % H;
    int column = p % (K * V / 2);
    int k = column / 64 / (V / 8) * 16 + column / 4 % 16;
    int own = (s * K + k) * V + column / 64 % (V / 8) * 8 + column % 4 * 2;
    float s0 = 0.0f;
    float s1 = 0.0f;
    if (hasFinal == 1) {
      s0 = dHt.get(own);
      s1 = dHt.get(own + 1);
    }
    int step = H * K * V / 2;
    int begin = (n * chunks * H + h) * (K * V / 2) + column;
    int at = begin + (chunks - 1) * step;
    int gate = (((n + 1) * chunks * CHUNK - 1) * H + h) * K + k;
    float a0 = added.get(2 * at);
    float a1 = added.get(2 * at + 1);
    for (; at >= begin; at -= step) {
      int next = TornadoMath.max(at - step, begin);
      float e = TornadoMath.exp(G.get(gate));
      float n0 = added.get(2 * next);
      float n1 = added.get(2 * next + 1);
      gradients.set(at, BFloatPairs.pack(zero, s0, s1));
      s0 = s0 * e + a0;
      s1 = s1 * e + a1;
      a0 = n0;
      a1 = n1;
      gate -= CHUNK * H * K;
    }
    dH0.set(own, s0);
    dH0.set(own + 1, s1);
  }
}
