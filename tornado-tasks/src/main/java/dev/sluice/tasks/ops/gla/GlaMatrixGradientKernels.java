package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Chunked gated linear attention on matrix units: the gradients of queries, keys and gates from
/// within a chunk.
///
/// A sub-chunk of 16 rows takes what comes from itself and from the sub-chunks before it (queries)
/// or after it (keys), with gates relative to the row before its first (queries) or to its last
/// (keys). Factors are at most 1 but within the sub-chunk, which is computed one by one where it is
/// strong.
public final class GlaMatrixGradientKernels {
  /// Work-items of a group: a warp a sub-chunk.
  public static final int GROUP = 128;

  /// Keys that a group computes.
  public static final int TILE = 32;

  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int WARP = GlaMatrixKernels.WARP;
  private static final int A_TILE = GlaMatrixKernels.A_TILE;
  private static final int A_BYTES = GlaMatrixKernels.A_BYTES;
  private static final int B_TILE = GlaMatrixKernels.B_TILE;
  private static final int B_BYTES = GlaMatrixKernels.B_BYTES;

  private GlaMatrixGradientKernels() {}

  /// Tiles of sub-chunk pairs before those of sub-chunk `m`, of 10 in all.
  private static int firstTile(int m, int ending) {
    return ending == 1 ? m * (9 - m) >> 1 : m * (m + 1) >> 1;
  }

  /// The sub-chunk to which tile `tile` of the 10 belongs.
  private static int ownerOf(int tile, int ending) {
    int owner = 0;
    if (tile >= firstTile(3, ending)) {
      owner = 3;
    } else if (tile >= firstTile(2, ending)) {
      owner = 2;
    } else if (tile >= firstTile(1, ending)) {
      owner = 1;
    }
    return owner;
  }

  /// The first row of what tile `tile` sums over.
  private static int depthOf(int tile, int ending) {
    int m = ownerOf(tile, ending);
    int step = tile - firstTile(m, ending);
    return 16 * (ending == 1 ? m + step : step);
  }

  /// `dP` from query row to key row; 0 on the diagonal, behind it, and within a strong sub-chunk.
  private static float weight(
      FloatArray dP, IntArray strong, int group, int own, int other, int ending) {
    int query = ending == 1 ? other : own;
    int key = ending == 1 ? own : other;
    float value = 0.0f;
    if (key < query && (own / 16 != other / 16 || strong.get(group * 4 + own / 16) == 0)) {
      value = dP.get((group * CHUNK + query) * CHUNK + key);
    }
    return value;
  }

  /// `G` of the row that sub-chunk `m` is relative to.
  private static float reference(FloatArray G, int row, int m, int k, int ending, int H, int K) {
    float value = 0.0f;
    if (ending == 1) {
      value = G.get((row + (16 * m + 15) * H) * K + k);
    } else if (m > 0) {
      value = G.get((row + (16 * m - 1) * H) * K + k);
    }
    return value;
  }

  /// A key before queries, or a query after keys (`ending` 1), gated to the reference of `m`.
  private static float gated(
      FloatArray other, FloatArray G, int row, int m, int i, int k, int ending, int H, int K) {
    float value = 0.0f;
    if (k < K) {
      int at = (row + i * H) * K + k;
      float exponent = reference(G, row, m, k, ending, H, K) - G.get(at);
      if (ending == 1) {
        exponent = -exponent;
      }
      exponent = TornadoMath.min(exponent, -GlaMatrixScoreKernels.STRONG);
      value = other.get(at) * TornadoMath.exp(exponent);
    }
    return value;
  }

  private static int weightPair(
      int zero, FloatArray dP, IntArray strong, int group, int j, int ending) {
    int own = 16 * ownerOf(j / A_TILE, ending) + j / 8 % 16;
    int depth = depthOf(j / A_TILE, ending) + j % 8 * 2;
    float first = weight(dP, strong, group, own, depth, ending);
    float second = weight(dP, strong, group, own, depth + 1, ending);
    return GlaMatrixKernels.pair(zero, first, second);
  }

  private static int gatedPair(
      int zero, FloatArray other, FloatArray G, int row, int j, int k0, int ending, int H, int K) {
    int tile = j / (16 * TILE / 2);
    int m = ownerOf(tile, ending);
    int i = depthOf(tile, ending) + j / (TILE / 2) % 16;
    int k = k0 + j % (TILE / 2) * 2;
    float first = gated(other, G, row, m, i, k, ending, H, K);
    float second = gated(other, G, row, m, i, k + 1, ending, H, K);
    return GlaMatrixKernels.pair(zero, first, second);
  }

  private static int gatedPlace(int j) {
    int k = j % (TILE / 2);
    return (j / (16 * TILE / 2) * 4 + k / 4) * B_TILE + j / (TILE / 2) % 16 * 4 + k % 4;
  }

  /// What the other rows of the chunk give: `within[i] = Σ_{j<i} dP[i,j]·k[j]·e^{ref − G_j}` for
  /// queries, `within[j] = Σ_{i>j} dP[i,j]·q[i]·e^{G_i − ref}` for keys (`ending` 1); groups
  /// `(chunks·H, tiles of 32 keys)`.
  ///
  /// @param other keys or queries `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param dP `[chunks, H, 64, 64]`, Read where `j < i`
  /// @param strong `[chunks, H, 4]`, Read
  /// @param within `[rows, H, K]`, Overwritten
  public static void sumWithin(
      KernelContext context,
      FloatArray other,
      FloatArray G,
      FloatArray dP,
      IntArray strong,
      FloatArray within,
      int ending,
      int H,
      int K) {
    int[] left = context.allocateIntLocalArray(10 * A_TILE);
    int[] right = context.allocateIntLocalArray(40 * B_TILE);
    int item = context.localIdx;
    int zero = item >> 31;
    int row = context.groupIdx / H * CHUNK * H + context.groupIdx % H;
    int k0 = context.groupIdy * TILE;
    for (int j = item; j < 10 * A_TILE; j += 2 * GROUP) {
      int p0 = weightPair(zero, dP, strong, context.groupIdx, j, ending);
      int p1 = weightPair(zero, dP, strong, context.groupIdx, j + GROUP, ending);
      left[j] = p0;
      left[j + GROUP] = p1;
    }
    for (int j = item; j < 10 * 16 * TILE / 2; j += 4 * GROUP) {
      int p0 = gatedPair(zero, other, G, row, j, k0, ending, H, K);
      int p1 = gatedPair(zero, other, G, row, j + GROUP, k0, ending, H, K);
      int p2 = gatedPair(zero, other, G, row, j + 2 * GROUP, k0, ending, H, K);
      int p3 = gatedPair(zero, other, G, row, j + 3 * GROUP, k0, ending, H, K);
      right[gatedPlace(j)] = p0;
      right[gatedPlace(j + GROUP)] = p1;
      right[gatedPlace(j + 2 * GROUP)] = p2;
      right[gatedPlace(j + 3 * GROUP)] = p3;
    }
    context.localBarrier();
    int m = item / WARP;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int tile = firstTile(m, ending); tile < firstTile(m + 1, ending); tile++) {
      HalfFloat[] a = context.mmaLoadA(left, 16, tile * A_BYTES);
      HalfFloat[] b0 = context.mmaLoadB(right, 16, tile * 4 * B_BYTES);
      HalfFloat[] b1 = context.mmaLoadB(right, 16, (tile * 4 + 1) * B_BYTES);
      HalfFloat[] b2 = context.mmaLoadB(right, 16, (tile * 4 + 2) * B_BYTES);
      HalfFloat[] b3 = context.mmaLoadB(right, 16, (tile * 4 + 3) * B_BYTES);
      s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
      s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
      s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
    }
    int at = context.groupIdx / H * CHUNK + m * 16;
    int column = context.groupIdx % H * K + k0;
    context.mmaStore(s0, within, at, column, H * K);
    context.mmaStore(s1, within, at, column + 8, H * K);
    if (k0 + 16 < K) {
      context.mmaStore(s2, within, at, column + 16, H * K);
      context.mmaStore(s3, within, at, column + 24, H * K);
    }
  }

  /// What strong sub-chunks give from within, one by one, gates and all.
  private static float strongSum(
      FloatArray other,
      FloatArray G,
      FloatArray dP,
      int group,
      int i,
      int k,
      int ending,
      int H,
      int K) {
    int row = group / H * CHUNK * H + group % H;
    float own = G.get((row + i * H) * K + k);
    float sum = 0.0f;
    for (int j = i / 16 * 16; j < i / 16 * 16 + 16; j++) {
      int query = ending == 1 ? j : i;
      int key = ending == 1 ? i : j;
      if (key < query) {
        int at = (row + j * H) * K + k;
        float exponent = ending == 1 ? G.get(at) - own : own - G.get(at);
        float weight = dP.get((group * CHUNK + query) * CHUNK + key);
        sum += weight * other.get(at) * TornadoMath.exp(exponent);
      }
    }
    return sum;
  }

  /// Puts the parts of a gradient together, and what the gates' gradient needs of it. For queries
  /// `passed = factor·e^G·dX`, `dX = passed + w + own`, `reaching = q·(passed + w)`; for keys
  /// (`ending` 1) `passed = factor·e^{Γ−G}·dX`, `leaving = k·passed`, `reaching −= k·w`; `w` is
  /// `scale·within` with its gate, `own` a row's effect on itself. A work-item an element, groups
  /// of 128.
  ///
  /// @param x queries or keys `[rows, H, K]`, Read
  /// @param other keys or queries `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param dP `[chunks, H, 64, 64]`, Read where `j ≤ i`
  /// @param strong `[chunks, H, 4]`, Read
  /// @param within `[rows, H, K]`, Read
  /// @param dX `[rows, H, K]`, Read and Overwritten
  /// @param reaching `[rows, H, K]`, Overwritten, Accumulated for keys
  /// @param leaving `[rows, H, K]`, Overwritten for keys
  public static void join(
      KernelContext context,
      FloatArray x,
      FloatArray other,
      FloatArray G,
      FloatArray dP,
      IntArray strong,
      FloatArray within,
      FloatArray dX,
      FloatArray reaching,
      FloatArray leaving,
      float factor,
      float scale,
      int ending,
      int H,
      int K) {
    int at = context.globalIdx;
    int k = at % K;
    int h = at / K % H;
    int r = at / (H * K);
    int i = r % CHUNK;
    int group = r / CHUNK * H + h;
    int row = r / CHUNK * CHUNK * H + h;
    float value = x.get(at);
    float passed =
        factor * dX.get(at) * GlaChunkKernels.decay(G, at, (row + 63 * H) * K + k, ending);
    float exponent = G.get(at) - reference(G, row, i / 16, k, ending, H, K);
    if (ending == 1) {
      exponent = -exponent;
    }
    float near = within.get(at) * TornadoMath.exp(exponent);
    if (strong.get(group * 4 + i / 16) == 1) {
      near += strongSum(other, G, dP, group, i, k, ending, H, K);
    }
    near *= scale;
    float own = scale * dP.get((group * CHUNK + i) * CHUNK + i) * other.get(at);
    dX.set(at, passed + near + own);
    if (ending == 1) {
      leaving.set(at, value * passed);
      reaching.set(at, reaching.get(at) - value * near);
    } else {
      reaching.set(at, value * (passed + near));
    }
  }

  /// What passes through a whole chunk: `passing[c,h,k] = e^Γ Σ_v S[k,v]·D[k,v]`; groups of 256
  /// work-items `(chunks·H, tiles of 16 keys)`.
  ///
  /// @param G `[rows, H, K]`, Read
  /// @param states S, before the chunk, `[chunks, H, K, V/2]` pairs of bfloat16, Read
  /// @param gradients D, after the chunk, likewise, Read
  /// @param passing `[chunks, H, K]`, Overwritten
  public static void passThrough(
      KernelContext context,
      FloatArray G,
      IntArray states,
      IntArray gradients,
      FloatArray passing,
      int H,
      int K,
      int V) {
    float[] sums = context.allocateFloatLocalArray(256);
    int item = context.localIdx;
    int k = context.groupIdy * 16 + item / 16;
    int begin = (context.groupIdx * K + k) * (V / 2);
    float sum = 0.0f;
    for (int v = item % 16; v < V / 2; v += 16) {
      int s = states.get(begin + v);
      int d = gradients.get(begin + v);
      sum += BFloat16.bf16ToFloat((short) s) * BFloat16.bf16ToFloat((short) d);
      sum += BFloat16.bf16ToFloat((short) (s >> 16)) * BFloat16.bf16ToFloat((short) (d >> 16));
    }
    sums[item] = sum;
    context.localBarrier();
    if (item % 16 == 0) {
      float total = 0.0f;
      for (int i = 0; i < 16; i++) {
        total += sums[item + i];
      }
      int last = (context.groupIdx / H * CHUNK + CHUNK - 1) * H + context.groupIdx % H;
      passing.set(context.groupIdx * K + k, total * TornadoMath.exp(G.get(last * K + k)));
    }
  }
}
