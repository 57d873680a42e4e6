package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Chunked gated linear attention in float32: what lies between chunks. All chunks work at the same
/// time; only [#scanStates] and [#scanGradients] go from one to the next.
///
/// Chunk `c` is the rows `bounds[c,0]` to before `bounds[c,1]`, at most [#CHUNK]. `G` is the sum of
/// log gates from the chunk's first row to a row, both included, `Γ` that of its last row. Gates
/// are at most 0, so `e^G` and `e^{Γ−G}` are at most 1.
public final class GlaChunkKernels {
  /// Rows of a chunk.
  public static final int CHUNK = 64;

  /// Work-items of a group.
  public static final int GROUP = 256;

  /// Rows and columns of the tile of results that a group computes, a work-item 4 × 2 of them.
  public static final int TILE_ROWS = 64;

  /// Columns of a tile.
  public static final int TILE_COLUMNS = 32;

  /// Terms of a sum in local memory at a time.
  static final int DEPTH = 16;

  /// One more than a tile has, so that neighbours write to different banks.
  static final int ROW_PITCH = TILE_ROWS + 1;

  static final int COLUMN_PITCH = TILE_COLUMNS + 1;

  private GlaChunkKernels() {}

  /// `G[r,h,k] = Σ g` over the rows of `r`'s chunk up to `r`.
  ///
  /// @param g log gate, Read; element `r·timeStride + h·headStride + k·keyStride`
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param G `[rows, H, K]`, Overwritten
  public static void accumulateGates(
      FloatArray g,
      IntArray bounds,
      FloatArray G,
      int timeStride,
      int headStride,
      int keyStride,
      int chunks,
      int H,
      int K) {
    for (@Parallel int c = 0; c < chunks; c++) {
      for (@Parallel int x = 0; x < H * K; x++) {
        int h = x / K;
        int k = x - h * K;
        int from = h * headStride + k * keyStride;
        int end = bounds.get(2 * c + 1);
        float sum = 0.0f;
        int r = bounds.get(2 * c);
        for (; r + 8 <= end; r += 8) {
          // Loads do not move above stores: eight at a time are under way.
          int at = r * timeStride + from;
          float a = g.get(at);
          float b = g.get(at + timeStride);
          float d = g.get(at + 2 * timeStride);
          float e = g.get(at + 3 * timeStride);
          float f = g.get(at + 4 * timeStride);
          float i = g.get(at + 5 * timeStride);
          float j = g.get(at + 6 * timeStride);
          float l = g.get(at + 7 * timeStride);
          int to = r * H * K + x;
          a += sum;
          b += a;
          d += b;
          e += d;
          f += e;
          i += f;
          j += i;
          sum = l + j;
          G.set(to, a);
          G.set(to + H * K, b);
          G.set(to + 2 * H * K, d);
          G.set(to + 3 * H * K, e);
          G.set(to + 4 * H * K, f);
          G.set(to + 5 * H * K, i);
          G.set(to + 6 * H * K, j);
          G.set(to + 7 * H * K, sum);
        }
        for (; r < end; r++) {
          sum += g.get(r * timeStride + from);
          G.set(r * H * K + x, sum);
        }
      }
    }
  }

  /// What a chunk adds to the state, or to the gradient of the state before it: `states[c,h,k,v] =
  /// factor·Σ_r x[r,h,k]·d[r,h,k]·y[r,h,v]`, `d` being `e^{Γ−G}` where `ending` is 1, else `e^G`;
  /// groups `(chunks·H, tiles of V × tiles of K)`.
  ///
  /// @param x `[rows, H, K]`, Read
  /// @param y `[rows, H, V]`, Read
  /// @param G `[rows, H, K]`, Read
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param states `[chunks, H, K, V]`, Overwritten
  public static void chunkStates(
      KernelContext context,
      FloatArray x,
      FloatArray y,
      FloatArray G,
      IntArray bounds,
      FloatArray states,
      float factor,
      int ending,
      int H,
      int K,
      int V) {
    float[] rows = context.allocateFloatLocalArray(ROW_PITCH * DEPTH);
    float[] columns = context.allocateFloatLocalArray(COLUMN_PITCH * DEPTH);
    int item = context.localIdx;
    int c = context.groupIdx / H;
    int h = context.groupIdx % H;
    int tiles = (K + TILE_COLUMNS - 1) / TILE_COLUMNS;
    int v0 = context.groupIdy / tiles * TILE_ROWS;
    int k0 = context.groupIdy % tiles * TILE_COLUMNS;
    int begin = bounds.get(2 * c);
    int end = bounds.get(2 * c + 1);
    int m = item % 16;
    int n = item / 16;
    float s00 = 0.0f;
    float s01 = 0.0f;
    float s10 = 0.0f;
    float s11 = 0.0f;
    float s20 = 0.0f;
    float s21 = 0.0f;
    float s30 = 0.0f;
    float s31 = 0.0f;
    for (int r0 = begin; r0 < end; r0 += DEPTH) {
      for (int j = item; j < TILE_ROWS * DEPTH; j += GROUP) {
        rows[j / TILE_ROWS * ROW_PITCH + j % TILE_ROWS] =
            rowValue(y, r0 + j / TILE_ROWS, end, h, v0 + j % TILE_ROWS, H, V);
      }
      for (int j = item; j < TILE_COLUMNS * DEPTH; j += GROUP) {
        int k = j % TILE_COLUMNS;
        columns[j / TILE_COLUMNS * COLUMN_PITCH + k] =
            factor * decayedValue(x, G, r0 + j / TILE_COLUMNS, end, ending, h, k0 + k, H, K);
      }
      context.localBarrier();
      for (int r = 0; r < DEPTH; r++) {
        float a0 = columns[r * COLUMN_PITCH + n];
        float a1 = columns[r * COLUMN_PITCH + n + 16];
        int at = r * ROW_PITCH + m;
        s00 += rows[at] * a0;
        s01 += rows[at] * a1;
        s10 += rows[at + 16] * a0;
        s11 += rows[at + 16] * a1;
        s20 += rows[at + 32] * a0;
        s21 += rows[at + 32] * a1;
        s30 += rows[at + 48] * a0;
        s31 += rows[at + 48] * a1;
      }
      context.localBarrier();
    }
    int base = context.groupIdx * K;
    storeColumn(states, s00, s10, s20, s30, base, k0 + n, v0 + m, K, V);
    storeColumn(states, s01, s11, s21, s31, base, k0 + n + 16, v0 + m, K, V);
  }

  /// Element `[r,h,d]`, or 0 where there is none.
  static float rowValue(FloatArray x, int r, int end, int h, int d, int H, int D) {
    float value = 0.0f;
    if (r < end && d < D) {
      value = x.get((r * H + h) * D + d);
    }
    return value;
  }

  /// Element `[r,h,k]` times `e^{Γ−G}` where `ending` is 1, else `e^G`; 0 where there is none.
  static float decayedValue(
      FloatArray x, FloatArray G, int r, int end, int ending, int h, int k, int H, int K) {
    float value = 0.0f;
    if (r < end && k < K) {
      int at = (r * H + h) * K + k;
      value = x.get(at) * decay(G, at, ((end - 1) * H + h) * K + k, ending);
    }
    return value;
  }

  /// `G[r,h,k]`, that of the chunk's last row behind it, 0 where the chunk is empty.
  static float gateValue(FloatArray G, int r, int begin, int end, int h, int k, int H, int K) {
    int at = TornadoMath.min(r, end - 1);
    float value = 0.0f;
    if (at >= begin && k < K) {
      value = G.get((at * H + h) * K + k);
    }
    return value;
  }

  private static void storeColumn(
      FloatArray states,
      float s0,
      float s1,
      float s2,
      float s3,
      int base,
      int k,
      int v,
      int K,
      int V) {
    if (k < K) {
      int at = (base + k) * V + v;
      storeOne(states, s0, at, v, V);
      storeOne(states, s1, at + 16, v + 16, V);
      storeOne(states, s2, at + 32, v + 32, V);
      storeOne(states, s3, at + 48, v + 48, V);
    }
  }

  private static void storeOne(FloatArray states, float value, int at, int v, int V) {
    if (v < V) {
      states.set(at, value);
    }
  }

  /// `e^{Γ−G}` where `ending` is 1, else `e^G`.
  static float decay(FloatArray G, int at, int last, int ending) {
    float exponent = G.get(at);
    if (ending == 1) {
      exponent = G.get(last) - exponent;
    }
    return TornadoMath.exp(exponent);
  }

  /// From chunk to chunk of a sequence: `S ← e^Γ S + states[c]`, `states[c]` becoming the state
  /// before chunk `c`; a work-item an element, groups of 128.
  ///
  /// @param G `[rows, H, K]`, Read
  /// @param h0 `[N, H, K, V]`, Read where `hasInitial` is 1
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param first `[N + 1]` int32, Read; the first chunk of each sequence
  /// @param states `[chunks, H, K, V]`, Read and Overwritten
  /// @param ht `[N, H, K, V]`, Overwritten with the final state
  public static void scanStates(
      KernelContext context,
      FloatArray G,
      FloatArray h0,
      IntArray bounds,
      IntArray first,
      FloatArray states,
      FloatArray ht,
      int hasInitial,
      int N,
      int H,
      int K,
      int V) {
    int x = context.globalIdx;
    int n = x / (H * K * V);
    int inner = x % (H * K * V);
    int step = H * K * V;
    float state = 0.0f;
    if (x < N * step && hasInitial == 1) {
      state = h0.get(x);
    }
    if (x < N * step) {
      int begin = first.get(n);
      int end = first.get(n + 1);
      float added = states.get(TornadoMath.min(begin, TornadoMath.max(end - 1, 0)) * step + inner);
      for (int c = begin; c < end; c++) {
        float gate = G.get((bounds.get(2 * c + 1) - 1) * H * K + inner / V);
        float next = states.get(TornadoMath.min(c + 1, end - 1) * step + inner);
        states.set(c * step + inner, state);
        state = state * TornadoMath.exp(gate) + added;
        added = next;
      }
      ht.set(x, state);
    }
  }

  /// From the last chunk to the first of a sequence: `D ← e^Γ D + gradients[c]`, `gradients[c]`
  /// becoming the gradient of the state after chunk `c`; a work-item an element, groups of 128.
  ///
  /// @param G `[rows, H, K]`, Read
  /// @param dHt `[N, H, K, V]`, Read where `hasFinal` is 1
  /// @param bounds `[chunks, 2]` int32, Read
  /// @param first `[N + 1]` int32, Read
  /// @param gradients `[chunks, H, K, V]`, Read and Overwritten
  /// @param dH0 `[N, H, K, V]`, Overwritten with the initial state's gradient
  public static void scanGradients(
      KernelContext context,
      FloatArray G,
      FloatArray dHt,
      IntArray bounds,
      IntArray first,
      FloatArray gradients,
      FloatArray dH0,
      int hasFinal,
      int N,
      int H,
      int K,
      int V) {
    int x = context.globalIdx;
    int n = x / (H * K * V);
    int inner = x % (H * K * V);
    int step = H * K * V;
    float gradient = 0.0f;
    if (x < N * step && hasFinal == 1) {
      gradient = dHt.get(x);
    }
    if (x < N * step) {
      int begin = first.get(n);
      int last = first.get(n + 1) - 1;
      float added = gradients.get(TornadoMath.max(last, 0) * step + inner);
      for (int c = last; c >= begin; c--) {
        float gate = G.get((bounds.get(2 * c + 1) - 1) * H * K + inner / V);
        float next = gradients.get(TornadoMath.max(c - 1, begin) * step + inner);
        gradients.set(c * step + inner, gradient);
        gradient = gradient * TornadoMath.exp(gate) + added;
        added = next;
      }
      dH0.set(x, gradient);
    }
  }
}
