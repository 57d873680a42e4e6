package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.ops.BFloatPairs;
import dev.sluice.tasks.ops.Fragments;
import dev.sluice.tasks.ops.OperandKernels;
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
/// or after it (keys), with gates relative to an edge of it: the row before its first (queries) or
/// its last (keys). Factors are at most 1 but within the sub-chunk, which is computed one by one
/// where it is strong.
public final class GlaMatrixGradientKernels {
  private static final int CHUNK = GlaChunkKernels.CHUNK;
  private static final int SUB = 16;
  private static final int WARP = OperandKernels.WARP;
  private static final int A_TILE = OperandKernels.A_TILE;
  private static final int A_BYTES = OperandKernels.A_BYTES;
  private static final int B_TILE = OperandKernels.B_TILE;
  private static final int B_BYTES = OperandKernels.B_BYTES;
  private static final int INDEX = GlaMatrixKernels.INDEX;

  private GlaMatrixGradientKernels() {}

  /// Tiles of sub-chunk pairs before those of sub-chunk `m`, of 10 in all.
  private static int firstTile(int m, int ending) {
    return ending == 1 ? m * (9 - m) >> 1 : m * (m + 1) >> 1;
  }

  /// The tile by which sub-chunk `m` takes what comes from sub-chunk `from`.
  private static int tileOf(int m, int from, int ending) {
    return firstTile(m, ending) + (ending == 1 ? from - m : from);
  }

  /// `dP` from query row to key row; 0 on the diagonal, behind it, and within a strong sub-chunk.
  private static float weight(
      FloatArray dP, int group, int own, int other, int isStrong, int ending) {
    int query = ending == 1 ? other : own;
    int key = ending == 1 ? own : other;
    float value = 0.0f;
    if (key < query && (own / SUB != other / SUB || isStrong == 0)) {
      value = dP.get((group * CHUNK + query) * CHUNK + key);
    }
    return value;
  }

  /// Pair `j` of weights, of the tile that leads from sub-chunk `from` to `m`.
  private static int weightPair(
      int zero, FloatArray dP, int group, int m, int from, int j, int isStrong, int ending) {
    int own = SUB * m + j / 8 % SUB;
    int other = SUB * from + j % 8 * 2;
    float first = weight(dP, group, own, other, isStrong, ending);
    float second = weight(dP, group, own, other + 1, isStrong, ending);
    return BFloatPairs.pack(zero, first, second);
  }

  /// What the other rows of the chunk give: `within[i] = Σ_{j<i} dP[i,j]·k[j]·e^{edge − G_j}` for
  /// queries, `within[j] = Σ_{i>j} dP[i,j]·q[i]·e^{G_i − edge}` for keys (`ending` 1). A work-item
  /// gates two neighbours in K of every other row of a sub-chunk: to its own edges, and by what
  /// lies between to those further away. Groups of 4 · `tile` `(chunks·H·K/tile)`.
  ///
  /// @param other keys or queries `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param dP `[chunks, H, 64, 64]`, Read where `j < i`
  /// @param strong `[chunks, H, 4]`, Read
  /// @param within `[rows, H, K]`, Overwritten
  /// @param tile keys of a group: 32 or 64, of which K is a multiple
  public static void sumWithin(
      KernelContext context,
      FloatArray other,
      FloatArray G,
      FloatArray dP,
      IntArray strong,
      FloatArray within,
      int ending,
      int tile,
      int H,
      int K) {
    int[] left = context.allocateIntLocalArray(10 * A_TILE);
    int[] right = context.allocateIntLocalArray(10 * (tile / 8) * B_TILE);
    int item = context.localIdx & INDEX;
    int zero = context.localIdx >> 31;
    int group = context.groupIdx / (K / tile);
    int k0 = context.groupIdx % (K / tile) * tile;
    int row = group / H * CHUNK * H + group % H;
    for (int j = item; j < 16 * A_TILE; j += 4 * tile) {
      int to = (j & INDEX) / A_TILE / 4;
      int from = (j & INDEX) / A_TILE % 4;
      if (ending == 1 ? from >= to : from <= to) {
        int isStrong = strong.get(group * 4 + to);
        left[tileOf(to, from, ending) * A_TILE + j % A_TILE] =
            weightPair(zero, dP, group, to, from, j & INDEX, isStrong, ending);
      }
    }
    int s = item / tile;
    int c = item % (tile / 2);
    int k = k0 + 2 * c;
    int side = ending == 1 ? -1 : 1;
    int next = ending == 1 ? s : s + 1;
    int reached = ending == 1 ? s : 3 - s;
    float next0 = GlaMatrixKernels.edge(G, row, next, k, H, K);
    float next1 = GlaMatrixKernels.edge(G, row, next, k + 1, H, K);
    float own0 = GlaMatrixKernels.edge(G, row, next - side, k, H, K);
    float own1 = GlaMatrixKernels.edge(G, row, next - side, k + 1, H, K);
    float second0 = GlaMatrixKernels.between(G, row, s, 1, k, ending, H, K);
    float second1 = GlaMatrixKernels.between(G, row, s, 1, k + 1, ending, H, K);
    float third0 = GlaMatrixKernels.between(G, row, s, 2, k, ending, H, K);
    float third1 = GlaMatrixKernels.between(G, row, s, 2, k + 1, ending, H, K);
    int isStrong = strong.get(group * 4 + s);
    float across0 = TornadoMath.exp(ending == 1 ? own0 - next0 : next0 - own0);
    float across1 = TornadoMath.exp(ending == 1 ? own1 - next1 : next1 - own1);
    int line = item / (tile / 2) % 2;
    int pitch = tile / 8 * B_TILE;
    int place = c / 4 * B_TILE + c % 4 + 4 * line;
    for (int i = line; i < SUB; i += 4) {
      int at = (row + (SUB * s + i) * H) * K + k;
      int then = at + 2 * H * K;
      float a0 = GlaMatrixKernels.gated(other, G, at, own0, ending);
      float a1 = GlaMatrixKernels.gated(other, G, at + 1, own1, ending);
      float b0 = GlaMatrixKernels.gated(other, G, then, own0, ending);
      float b1 = GlaMatrixKernels.gated(other, G, then + 1, own1, ending);
      float c0 = across0 * a0;
      float c1 = across1 * a1;
      float d0 = across0 * b0;
      float d1 = across1 * b1;
      if (isStrong == 1) {
        c0 = GlaMatrixKernels.gated(other, G, at, next0, ending);
        c1 = GlaMatrixKernels.gated(other, G, at + 1, next1, ending);
        d0 = GlaMatrixKernels.gated(other, G, then, next0, ending);
        d1 = GlaMatrixKernels.gated(other, G, then + 1, next1, ending);
      }
      int to = tileOf(s, s, ending) * pitch + place;
      right[to] = BFloatPairs.pack(zero, a0, a1);
      right[to + 8] = BFloatPairs.pack(zero, b0, b1);
      if (reached > 0) {
        to = tileOf(s + side, s, ending) * pitch + place;
        right[to] = BFloatPairs.pack(zero, c0, c1);
        right[to + 8] = BFloatPairs.pack(zero, d0, d1);
      }
      if (reached > 1) {
        to = tileOf(s + 2 * side, s, ending) * pitch + place;
        right[to] = BFloatPairs.pack(zero, c0 * second0, c1 * second1);
        right[to + 8] = BFloatPairs.pack(zero, d0 * second0, d1 * second1);
      }
      if (reached > 2) {
        to = tileOf(s + 3 * side, s, ending) * pitch + place;
        right[to] = BFloatPairs.pack(zero, c0 * third0, c1 * third1);
        right[to + 8] = BFloatPairs.pack(zero, d0 * third0, d1 * third1);
      }
      place += 16;
    }
    context.localBarrier();
    int m = item / WARP % 4;
    int n = item / WARP / 4;
    float[] s0 = context.mmaFragment(0.0f);
    float[] s1 = context.mmaFragment(0.0f);
    float[] s2 = context.mmaFragment(0.0f);
    float[] s3 = context.mmaFragment(0.0f);
    for (int step = firstTile(m, ending); step < firstTile(m + 1, ending); step++) {
      HalfFloat[] a = context.mmaLoadA(left, 16, step * A_BYTES);
      int b = (step * (tile / 8) + n * 4) * B_BYTES;
      HalfFloat[] b0 = context.mmaLoadB(right, 16, b);
      HalfFloat[] b1 = context.mmaLoadB(right, 16, b + B_BYTES);
      HalfFloat[] b2 = context.mmaLoadB(right, 16, b + 2 * B_BYTES);
      HalfFloat[] b3 = context.mmaLoadB(right, 16, b + 3 * B_BYTES);
      s0 = context.mmaBF16(a, b0, s0, MMAShape.M16N8K16);
      s1 = context.mmaBF16(a, b1, s1, MMAShape.M16N8K16);
      s2 = context.mmaBF16(a, b2, s2, MMAShape.M16N8K16);
      s3 = context.mmaBF16(a, b3, s3, MMAShape.M16N8K16);
    }
    int to = group / H * CHUNK + m * SUB;
    int column = group % H * K + k0 + n * 32;
    Fragments.store(context, s0, within, to, column, H * K);
    Fragments.store(context, s1, within, to, column + 8, H * K);
    Fragments.store(context, s2, within, to, column + 16, H * K);
    Fragments.store(context, s3, within, to, column + 24, H * K);
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

  /// `e^{to − G}`, from an edge to a row or back.
  private static float toEdge(FloatArray G, int at, float to, int ending) {
    float exponent = G.get(at) - to;
    return TornadoMath.exp(ending == 1 ? -exponent : exponent);
  }

  /// Gates what a strong sub-chunk has from others, of one key, and adds what it has from within;
  /// from then on it needs no gates.
  private static void completeStrong(
      FloatArray other,
      FloatArray G,
      FloatArray dP,
      FloatArray within,
      int group,
      int s,
      int k,
      int ending,
      int H,
      int K) {
    int row = group / H * CHUNK * H + group % H;
    float edge = GlaMatrixKernels.edge(G, row, s + ending, k, H, K);
    for (int i = SUB * s; i < SUB * s + SUB; i++) {
      int at = (row + i * H) * K + k;
      float near = within.get(at) * toEdge(G, at, edge, ending);
      within.set(at, near + strongSum(other, G, dP, group, i, k, ending, H, K));
    }
  }

  private static float rowEffect(FloatArray dP, int group, int i) {
    return dP.get((group * CHUNK + i) * CHUNK + i);
  }

  /// Puts the parts of the gradients of queries and keys together, and makes the gates' gradient of
  /// them. With `near` what a row has from others of its chunk, `own` from itself, and
  ///
  ///     queries:  passed = scale·e^G·dQ       dQ = passed + near + own
  ///     keys:     passed = e^{Γ−G}·dK         dK = passed + near + own
  ///
  /// `dG[t] = Σ_{i≥t} (q·(passed + near) − k·near)[i] + Σ_{j<t} (k·passed)[j] + passing`, the sums
  /// within the chunk. A work-item a key of a sub-chunk, groups of 4 · `tile` `(chunks·H·K/tile)`.
  ///
  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param dP `[chunks, H, 64, 64]`, Read where `j ≤ i`
  /// @param strong `[chunks, H, 4]`, Read
  /// @param passing `[chunks, H, K]`, Read where `gated` is 1
  /// @param nearQ `[rows, H, K]`, Read, and Overwritten in strong sub-chunks
  /// @param nearK `[rows, H, K]`, likewise
  /// @param dQ `[rows, H, K]`, Read and Overwritten
  /// @param dK `[rows, H, K]`, Read and Overwritten
  /// @param dG `[rows, H, K]`, Overwritten where `gated` is 1
  /// @param tile keys of a group, of which K is a multiple
  public static void join(
      KernelContext context,
      FloatArray q,
      FloatArray k,
      FloatArray G,
      FloatArray dP,
      IntArray strong,
      FloatArray passing,
      FloatArray nearQ,
      FloatArray nearK,
      FloatArray dQ,
      FloatArray dK,
      FloatArray dG,
      float scale,
      int gated,
      int tile,
      int H,
      int K) {
    float[] reaching = context.allocateFloatLocalArray(CHUNK * tile);
    float[] leaving = context.allocateFloatLocalArray(CHUNK * tile);
    float[] sums = context.allocateFloatLocalArray(8 * tile);
    int item = context.localIdx & INDEX;
    int s = item / tile;
    int group = context.groupIdx / (K / tile);
    int column = context.groupIdx % (K / tile) * tile + item % tile;
    int row = group / H * CHUNK * H + group % H;
    int isStrong = strong.get(group * 4 + s);
    if (isStrong == 1) {
      completeStrong(k, G, dP, nearQ, group, s, column, 0, H, K);
      completeStrong(q, G, dP, nearK, group, s, column, 1, H, K);
    }
    float before = GlaMatrixKernels.edge(G, row, s, column, H, K);
    float after = GlaMatrixKernels.edge(G, row, s + 1, column, H, K);
    float fromState = scale * TornadoMath.exp(before);
    float toState = TornadoMath.exp(GlaMatrixKernels.edge(G, row, 4, column, H, K) - after);
    float reached = 0.0f;
    float left = 0.0f;
    for (int i = SUB * s; i < SUB * s + SUB; i += 2) {
      int a = (row + i * H) * K + column;
      int b = a + H * K;
      float gateQa = toEdge(G, a, before, 0);
      float gateQb = toEdge(G, b, before, 0);
      float gateKa = toEdge(G, a, after, 1);
      float gateKb = toEdge(G, b, after, 1);
      float passedQa = fromState * gateQa * dQ.get(a);
      float passedQb = fromState * gateQb * dQ.get(b);
      float passedKa = toState * gateKa * dK.get(a);
      float passedKb = toState * gateKb * dK.get(b);
      float nearQa = scale * nearQ.get(a) * (isStrong == 1 ? 1.0f : gateQa);
      float nearQb = scale * nearQ.get(b) * (isStrong == 1 ? 1.0f : gateQb);
      float nearKa = scale * nearK.get(a) * (isStrong == 1 ? 1.0f : gateKa);
      float nearKb = scale * nearK.get(b) * (isStrong == 1 ? 1.0f : gateKb);
      float qa = q.get(a);
      float qb = q.get(b);
      float ka = k.get(a);
      float kb = k.get(b);
      float effectA = scale * rowEffect(dP, group, i);
      float effectB = scale * rowEffect(dP, group, i + 1);
      int place = i * tile + item % tile;
      float reachingA = qa * (passedQa + nearQa) - ka * nearKa;
      float reachingB = qb * (passedQb + nearQb) - kb * nearKb;
      reaching[place] = reachingA;
      reaching[place + tile] = reachingB;
      reached += reachingA + reachingB;
      leaving[place] = left;
      left += ka * passedKa;
      leaving[place + tile] = left;
      left += kb * passedKb;
      dQ.set(a, passedQa + nearQa + effectA * ka);
      dQ.set(b, passedQb + nearQb + effectB * kb);
      dK.set(a, passedKa + nearKa + effectA * qa);
      dK.set(b, passedKb + nearKb + effectB * qb);
    }
    if (gated == 1) {
      sums[item] = reached;
      sums[item + 4 * tile] = left;
      context.localBarrier();
      float later = 0.0f;
      for (int j = item + tile; j < 4 * tile; j += tile) {
        later += sums[j];
      }
      float earlier = passing.get(group * K + column);
      for (int j = item % tile; j < item - item % tile; j += tile) {
        earlier += sums[j + 4 * tile];
      }
      for (int i = SUB * s + SUB - 1; i >= SUB * s; i--) {
        later += reaching[i * tile + item % tile];
        dG.set((row + i * H) * K + column, later + leaving[i * tile + item % tile] + earlier);
      }
    }
  }

  /// What passes through a whole chunk: `passing[c,h,k] = e^Γ Σ_v S[k,v]·D[k,v]`; groups of 256
  /// work-items `(chunks·H, tiles of 16 keys)`.
  ///
  /// @param G `[rows, H, K]`, Read
  /// @param states S, before the chunk, `[chunks, H, K, V/2]` pairs of bfloat16 in tiles, Read
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
    int item = context.localIdx & INDEX;
    int begin = (context.groupIdx * K + context.groupIdy * 16) * (V / 2) + item % 64;
    float sum = 0.0f;
    for (int tile = item / 64; tile < V / 8; tile += 4) {
      int s = states.get(begin + tile * 64);
      int d = gradients.get(begin + tile * 64);
      sum += BFloat16.bf16ToFloat((short) s) * BFloat16.bf16ToFloat((short) d);
      sum += BFloat16.bf16ToFloat((short) (s >> 16)) * BFloat16.bf16ToFloat((short) (d >> 16));
    }
    sums[item] = sum;
    context.localBarrier();
    if (item < 16) {
      float total = 0.0f;
      for (int i = 0; i < 16; i++) {
        total += sums[i / 4 * 64 + item * 4 + i % 4];
      }
      int k = context.groupIdy * 16 + item;
      int last = (context.groupIdx / H * CHUNK + CHUNK - 1) * H + context.groupIdx % H;
      passing.set(context.groupIdx * K + k, total * TornadoMath.exp(G.get(last * K + k)));
    }
  }
}
