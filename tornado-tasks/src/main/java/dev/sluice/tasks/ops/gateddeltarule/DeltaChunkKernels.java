package dev.sluice.tasks.ops.gateddeltarule;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The chunked form for devices with work-groups, forward: within a chunk by the WY form, all chunks
/// at the same time; only [#scanStates] goes from one to the next.
///
/// Chunk `c` is the tokens `bounds[c,0]` to before `bounds[c,1]`, at most [#CHUNK]. `γ_i` is the sum
/// of log gates from the chunk's first token to `i`, `γ_C` that of its last. With `E_ij = e^{γ_i −
/// γ_j} k_i·k_j` (`j < i`), `P_ij = e^{γ_i − γ_j} q_i·k_j` (`j ≤ i`) and `A = (I + diag(β) E)⁻¹`:
///
///     W = A diag(β e^γ) K;   U = A diag(β) V − W S
///     o = scale · (diag(e^γ) Q S + P U);   S ← e^{γ_C} S + (diag(e^{γ_C−γ}) K)ᵀ U
public final class DeltaChunkKernels {
  /// Tokens of a chunk.
  public static final int CHUNK = 64;

  /// Work-items of a group.
  public static final int GROUP = 256;

  /// Columns of a state that a group has.
  public static final int TILE = 16;

  private DeltaChunkKernels() {}

  /// `γ[t,j] = Σ g` over the tokens of `t`'s chunk up to `t`; 0 where `gated` is 0.
  ///
  /// @param g `[M, HV]`, Read where `gated` is 1
  /// @param bounds `[chunks, 2]` int, Read
  /// @param gamma `[M, HV]`, Overwritten
  public static void sumGates(
      FloatArray g, IntArray bounds, FloatArray gamma, int gated, int chunks, int HV) {
    for (@Parallel int c = 0; c < chunks; c++) {
      for (@Parallel int j = 0; j < HV; j++) {
        float sum = 0.0f;
        for (int t = bounds.get(2 * c); t < bounds.get(2 * c + 1); t++) {
          if (gated == 1) {
            sum += g.get(t * HV + j);
          }
          gamma.set(t * HV + j, sum);
        }
      }
    }
  }

  /// `E` and `P`, 0 where they are not defined.
  ///
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param gamma `[M, HV]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param E `[chunks, HV, C, C]`, Overwritten
  /// @param P `[chunks, HV, C, C]`, Overwritten
  public static void scores(
      FloatArray q,
      FloatArray k,
      FloatArray gamma,
      IntArray bounds,
      FloatArray E,
      FloatArray P,
      int chunks,
      int H,
      int HV,
      int K) {
    for (@Parallel int x = 0; x < chunks * HV * CHUNK; x++) {
      for (@Parallel int j = 0; j < CHUNK; j++) {
        int i = x % CHUNK;
        int head = x / CHUNK % HV;
        int c = x / CHUNK / HV;
        int begin = bounds.get(2 * c);
        float keys = 0.0f;
        float queries = 0.0f;
        if (j <= i && begin + i < bounds.get(2 * c + 1)) {
          int own = ((begin + i) * H + head / (HV / H)) * K;
          int other = ((begin + j) * H + head / (HV / H)) * K;
          for (int d = 0; d < K; d++) {
            keys += k.get(own + d) * k.get(other + d);
            queries += q.get(own + d) * k.get(other + d);
          }
          float decay = gamma.get((begin + i) * HV + head) - gamma.get((begin + j) * HV + head);
          decay = TornadoMath.exp(decay);
          keys *= j < i ? decay : 0.0f;
          queries *= decay;
        }
        E.set(x * CHUNK + j, keys);
        P.set(x * CHUNK + j, queries);
      }
    }
  }

  /// `A = (I + diag(β) E)⁻¹`, a work-item a column, from the first row on.
  ///
  /// @param E `[chunks, HV, C, C]`, Read
  /// @param beta `[M, HV]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param A `[chunks, HV, C, C]`, Overwritten
  public static void invert(
      FloatArray E, FloatArray beta, IntArray bounds, FloatArray A, int chunks, int HV) {
    for (@Parallel int x = 0; x < chunks * HV; x++) {
      for (@Parallel int column = 0; column < CHUNK; column++) {
        int c = x / HV;
        int begin = bounds.get(2 * c);
        int size = bounds.get(2 * c + 1) - begin;
        for (int i = 0; i < CHUNK; i++) {
          int row = (x * CHUNK + i) * CHUNK;
          float value = i == column ? 1.0f : 0.0f;
          if (i < size && i > column) {
            float sum = 0.0f;
            for (int j = column; j < i; j++) {
              sum += E.get(row + j) * A.get((x * CHUNK + j) * CHUNK + column);
            }
            value = -beta.get((begin + i) * HV + x % HV) * sum;
          }
          A.set(row + column, value);
        }
      }
    }
  }

  /// `out_i = Σ_{j≤i} A_ij β_j d_j x_j`, `d` being `e^γ` where `decayed` is 1, else 1.
  ///
  /// @param A `[chunks, HV, C, C]`, Read
  /// @param x keys `[M, X, D]` or values, Read
  /// @param gamma `[M, HV]`, Read
  /// @param beta `[M, HV]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param out `[M, HV, D]`, Overwritten
  /// @param X heads of `x`
  public static void solve(
      FloatArray A,
      FloatArray x,
      FloatArray gamma,
      FloatArray beta,
      IntArray bounds,
      FloatArray out,
      int decayed,
      int chunks,
      int X,
      int HV,
      int D) {
    for (@Parallel int y = 0; y < chunks * HV * CHUNK; y++) {
      for (@Parallel int d = 0; d < D; d++) {
        int i = y % CHUNK;
        int head = y / CHUNK % HV;
        int c = y / CHUNK / HV;
        int begin = bounds.get(2 * c);
        if (begin + i < bounds.get(2 * c + 1)) {
          float sum = 0.0f;
          for (int j = 0; j <= i; j++) {
            int at = (begin + j) * HV + head;
            float weight = A.get(y * CHUNK + j) * beta.get(at);
            if (decayed == 1) {
              weight *= TornadoMath.exp(gamma.get(at));
            }
            sum += weight * x.get(((begin + j) * X + head / (HV / X)) * D + d);
          }
          out.set(((begin + i) * HV + head) * D + d, sum);
        }
      }
    }
  }

  /// From chunk to chunk of a sequence: `U = U' − W S; S ← e^{γ_C} S + (diag(e^{γ_C−γ}) K)ᵀ U`, a
  /// group [#TILE] columns of a state, in local memory; groups `(N·HV, tiles of V)`.
  ///
  /// @param k `[M, H, K]`, Read
  /// @param W `[M, HV, K]`, Read
  /// @param gamma `[M, HV]`, Read
  /// @param initial `[N, HV, K, V]`, Read where `hasInitial` is 1
  /// @param bounds `[chunks, 2]` int, Read
  /// @param first `[N+1]` int, Read; the first chunk of each sequence
  /// @param U `[M, HV, V]`, `A diag(β) V` at first, Read and Overwritten
  /// @param states `[chunks, HV, K, V]`, Overwritten with the state before each chunk
  /// @param last `[N, HV, K, V]`, Overwritten with the final state
  public static void scanStates(
      KernelContext context,
      FloatArray k,
      FloatArray W,
      FloatArray gamma,
      FloatArray initial,
      IntArray bounds,
      IntArray first,
      FloatArray U,
      FloatArray states,
      FloatArray last,
      int hasInitial,
      int H,
      int HV,
      int K,
      int V) {
    float[] state = context.allocateFloatLocalArray(K * TILE);
    float[] update = context.allocateFloatLocalArray(CHUNK * TILE);
    int row = context.localIdx / TILE;
    int column = context.localIdx % TILE;
    int head = context.groupIdx % HV;
    int n = context.groupIdx / HV;
    int v = context.groupIdy * TILE + column;
    for (int d = row; d < K; d += GROUP / TILE) {
      float value = 0.0f;
      if (hasInitial == 1 && v < V) {
        value = initial.get((context.groupIdx * K + d) * V + v);
      }
      state[d * TILE + column] = value;
    }
    context.localBarrier();
    for (int c = first.get(n); c < first.get(n + 1); c++) {
      int begin = bounds.get(2 * c);
      int end = bounds.get(2 * c + 1);
      for (int i = row; i < CHUNK; i += GROUP / TILE) {
        float value = 0.0f;
        if (begin + i < end && v < V) {
          int at = (begin + i) * HV + head;
          float sum = 0.0f;
          for (int d = 0; d < K; d++) {
            sum += W.get(at * K + d) * state[d * TILE + column];
          }
          value = U.get(at * V + v) - sum;
          U.set(at * V + v, value);
        }
        update[i * TILE + column] = value;
      }
      context.localBarrier();
      float rest = gamma.get((end - 1) * HV + head);
      for (int d = row; d < K; d += GROUP / TILE) {
        float sum = 0.0f;
        for (int i = 0; i < end - begin; i++) {
          float decay = TornadoMath.exp(rest - gamma.get((begin + i) * HV + head));
          float key = k.get(((begin + i) * H + head / (HV / H)) * K + d);
          sum += decay * key * update[i * TILE + column];
        }
        float before = state[d * TILE + column];
        if (v < V) {
          states.set(((c * HV + head) * K + d) * V + v, before);
        }
        state[d * TILE + column] = TornadoMath.exp(rest) * before + sum;
      }
      context.localBarrier();
    }
    for (int d = row; d < K; d += GROUP / TILE) {
      if (v < V) {
        last.set((context.groupIdx * K + d) * V + v, state[d * TILE + column]);
      }
    }
  }

  /// `o = scale · (diag(e^γ) Q S + P U)`
  ///
  /// @param q `[M, H, K]`, Read
  /// @param gamma `[M, HV]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param states `[chunks, HV, K, V]`, Read
  /// @param P `[chunks, HV, C, C]`, Read
  /// @param U `[M, HV, V]`, Read
  /// @param o `[M, HV, V]`, Overwritten
  public static void combine(
      FloatArray q,
      FloatArray gamma,
      IntArray bounds,
      FloatArray states,
      FloatArray P,
      FloatArray U,
      FloatArray o,
      float scale,
      int chunks,
      int H,
      int HV,
      int K,
      int V) {
    for (@Parallel int x = 0; x < chunks * HV * CHUNK; x++) {
      for (@Parallel int v = 0; v < V; v++) {
        int i = x % CHUNK;
        int head = x / CHUNK % HV;
        int c = x / CHUNK / HV;
        int begin = bounds.get(2 * c);
        if (begin + i < bounds.get(2 * c + 1)) {
          int at = (begin + i) * HV + head;
          float before = 0.0f;
          for (int d = 0; d < K; d++) {
            float query = q.get(((begin + i) * H + head / (HV / H)) * K + d);
            before += query * states.get(((c * HV + head) * K + d) * V + v);
          }
          float own = 0.0f;
          for (int j = 0; j <= i; j++) {
            own += P.get(x * CHUNK + j) * U.get(((begin + j) * HV + head) * V + v);
          }
          o.set(at * V + v, scale * (TornadoMath.exp(gamma.get(at)) * before + own));
        }
      }
    }
  }
}
