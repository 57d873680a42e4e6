package dev.sluice.tasks.ops.gateddeltarule;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The chunked form for devices with work-groups, backward; names as in [DeltaChunkKernels].
///
/// With `D` the gradient of the state after a chunk and `R` that of `A`'s right side:
///
///     dU = scale · Pᵀ dO + diag(e^{γ_C−γ}) K D;   R = Aᵀ dU;   dV = diag(β) R
///     D ← e^{γ_C} D + scale · (diag(e^γ) Q)ᵀ dO − Wᵀ dU
///     dE_ij = −β_i R_i·U_j;   dP_ij = scale · dO_i·U_j
public final class DeltaChunkGradientKernels {
  private static final int CHUNK = DeltaChunkKernels.CHUNK;
  private static final int GROUP = DeltaChunkKernels.GROUP;
  private static final int TILE = DeltaChunkKernels.TILE;

  private DeltaChunkGradientKernels() {}

  /// `out_j = factor · Σ_{i≥j} X_ij y_i`
  ///
  /// @param X `[chunks, HV, C, C]`, Read where `j ≤ i`
  /// @param y `[M, HV, V]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param out `[M, HV, V]`, Overwritten
  public static void transpose(
      FloatArray X,
      FloatArray y,
      IntArray bounds,
      FloatArray out,
      float factor,
      int chunks,
      int HV,
      int V) {
    for (@Parallel int x = 0; x < chunks * HV * CHUNK; x++) {
      for (@Parallel int v = 0; v < V; v++) {
        int j = x % CHUNK;
        int head = x / CHUNK % HV;
        int c = x / CHUNK / HV;
        int begin = bounds.get(2 * c);
        int size = bounds.get(2 * c + 1) - begin;
        if (j < size) {
          float sum = 0.0f;
          for (int i = j; i < size; i++) {
            sum += X.get((x - j + i) * CHUNK + j) * y.get(((begin + i) * HV + head) * V + v);
          }
          out.set(((begin + j) * HV + head) * V + v, factor * sum);
        }
      }
    }
  }

  /// From the last chunk to the first of a sequence: `dU` and `D`, a group 16 columns; groups
  /// `(N·HV, tiles of V)`.
  ///
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param W `[M, HV, K]`, Read
  /// @param gamma `[M, HV]`, Read
  /// @param dO `[M, HV, V]`, Read
  /// @param dLast `[N, HV, K, V]`, Read where `hasLast` is 1
  /// @param bounds `[chunks, 2]` int, Read
  /// @param first `[N+1]` int, Read
  /// @param dU `[M, HV, V]`, `scale · Pᵀ dO` at first, Read and Overwritten
  /// @param D `[chunks, HV, K, V]`, Overwritten with the gradient of the state after each chunk
  /// @param dInitial `[N, HV, K, V]`, Overwritten
  public static void scanGradients(
      KernelContext context,
      FloatArray q,
      FloatArray k,
      FloatArray W,
      FloatArray gamma,
      FloatArray dO,
      FloatArray dLast,
      IntArray bounds,
      IntArray first,
      FloatArray dU,
      FloatArray D,
      FloatArray dInitial,
      float scale,
      int hasLast,
      int H,
      int HV,
      int K,
      int V) {
    float[] state = context.allocateFloatLocalArray(K * TILE);
    float[] update = context.allocateFloatLocalArray(CHUNK * TILE);
    float[] output = context.allocateFloatLocalArray(CHUNK * TILE);
    int row = context.localIdx / TILE;
    int column = context.localIdx % TILE;
    int head = context.groupIdx % HV;
    int n = context.groupIdx / HV;
    int v = context.groupIdy * TILE + column;
    for (int d = row; d < K; d += GROUP / TILE) {
      float value = 0.0f;
      if (hasLast == 1 && v < V) {
        value = dLast.get((context.groupIdx * K + d) * V + v);
      }
      state[d * TILE + column] = value;
    }
    context.localBarrier();
    int count = first.get(n + 1) - first.get(n);
    for (int done = 0; done < count; done++) {
      int c = first.get(n + 1) - 1 - done;
      int begin = bounds.get(2 * c);
      int end = bounds.get(2 * c + 1);
      float rest = gamma.get((end - 1) * HV + head);
      for (int i = row; i < CHUNK; i += GROUP / TILE) {
        float value = 0.0f;
        float above = 0.0f;
        if (begin + i < end && v < V) {
          int at = (begin + i) * HV + head;
          float sum = 0.0f;
          for (int d = 0; d < K; d++) {
            float key = k.get(((begin + i) * H + head / (HV / H)) * K + d);
            sum += key * state[d * TILE + column];
          }
          value = dU.get(at * V + v) + TornadoMath.exp(rest - gamma.get(at)) * sum;
          above = scale * TornadoMath.exp(gamma.get(at)) * dO.get(at * V + v);
          dU.set(at * V + v, value);
        }
        update[i * TILE + column] = value;
        output[i * TILE + column] = above;
      }
      context.localBarrier();
      for (int d = row; d < K; d += GROUP / TILE) {
        float sum = 0.0f;
        for (int i = 0; i < end - begin; i++) {
          float query = q.get(((begin + i) * H + head / (HV / H)) * K + d);
          sum += query * output[i * TILE + column];
          sum -= W.get(((begin + i) * HV + head) * K + d) * update[i * TILE + column];
        }
        float after = state[d * TILE + column];
        if (v < V) {
          D.set(((c * HV + head) * K + d) * V + v, after);
        }
        state[d * TILE + column] = TornadoMath.exp(rest) * after + sum;
      }
      context.localBarrier();
    }
    for (int d = row; d < K; d += GROUP / TILE) {
      if (v < V) {
        dInitial.set((context.groupIdx * K + d) * V + v, state[d * TILE + column]);
      }
    }
  }

  /// What passes between tokens `i` and `j` of a chunk: `dE` and `dP` times the gate between them,
  /// for keys and queries, and `−(R_i·U_j) E_ij` and `dP_ij P_ij`, for β and the gates; 0 where `j`
  /// is later.
  ///
  /// @param R `[M, HV, V]`, Read
  /// @param U `[M, HV, V]`, Read
  /// @param dO `[M, HV, V]`, Read
  /// @param E `[chunks, HV, C, C]`, Read
  /// @param P `[chunks, HV, C, C]`, Read
  /// @param gamma `[M, HV]`, Read
  /// @param beta `[M, HV]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dE `[chunks, HV, C, C]`, Overwritten
  /// @param dP `[chunks, HV, C, C]`, Overwritten
  /// @param byE `[chunks, HV, C, C]`, Overwritten
  /// @param byP `[chunks, HV, C, C]`, Overwritten
  public static void scoreGradients(
      FloatArray R,
      FloatArray U,
      FloatArray dO,
      FloatArray E,
      FloatArray P,
      FloatArray gamma,
      FloatArray beta,
      IntArray bounds,
      FloatArray dE,
      FloatArray dP,
      FloatArray byE,
      FloatArray byP,
      float scale,
      int chunks,
      int HV,
      int V) {
    for (@Parallel int x = 0; x < chunks * HV * CHUNK; x++) {
      for (@Parallel int j = 0; j < CHUNK; j++) {
        int i = x % CHUNK;
        int head = x / CHUNK % HV;
        int begin = bounds.get(2 * (x / CHUNK / HV));
        float keys = 0.0f;
        float queries = 0.0f;
        float decay = 0.0f;
        float own = 0.0f;
        if (j <= i && begin + i < bounds.get(2 * (x / CHUNK / HV) + 1)) {
          int a = (begin + i) * HV + head;
          int b = (begin + j) * HV + head;
          for (int v = 0; v < V; v++) {
            float update = U.get(b * V + v);
            keys -= R.get(a * V + v) * update;
            queries += dO.get(a * V + v) * update;
          }
          keys = j < i ? keys : 0.0f;
          queries *= scale;
          decay = TornadoMath.exp(gamma.get(a) - gamma.get(b));
          own = beta.get(a);
        }
        int at = x * CHUNK + j;
        dE.set(at, own * keys * decay);
        dP.set(at, queries * decay);
        byE.set(at, keys * E.get(at));
        byP.set(at, queries * P.get(at));
      }
    }
  }

  /// `before = scale · e^γ S dO`, `dQ = before + dP K`, a value head each.
  ///
  /// @param k `[M, H, K]`, Read
  /// @param gamma `[M, HV]`, Read
  /// @param dO `[M, HV, V]`, Read
  /// @param states S `[chunks, HV, K, V]`, Read
  /// @param dP from [#scoreGradients], Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dQ `[M, HV, K]`, Overwritten
  /// @param before `[M, HV, K]`, Overwritten
  public static void queries(
      FloatArray k,
      FloatArray gamma,
      FloatArray dO,
      FloatArray states,
      FloatArray dP,
      IntArray bounds,
      FloatArray dQ,
      FloatArray before,
      float scale,
      int chunks,
      int H,
      int HV,
      int K,
      int V) {
    for (@Parallel int x = 0; x < chunks * HV * CHUNK; x++) {
      for (@Parallel int d = 0; d < K; d++) {
        int i = x % CHUNK;
        int head = x / CHUNK % HV;
        int c = x / CHUNK / HV;
        int begin = bounds.get(2 * c);
        if (begin + i < bounds.get(2 * c + 1)) {
          int at = (begin + i) * HV + head;
          float sum = 0.0f;
          for (int v = 0; v < V; v++) {
            sum += states.get(((c * HV + head) * K + d) * V + v) * dO.get(at * V + v);
          }
          sum *= scale * TornadoMath.exp(gamma.get(at));
          before.set(at * K + d, sum);
          for (int j = 0; j <= i; j++) {
            sum += dP.get(x * CHUNK + j) * k.get(((begin + j) * H + head / (HV / H)) * K + d);
          }
          dQ.set(at * K + d, sum);
        }
      }
    }
  }

  /// `before = −e^γ S R`, `after = e^{γ_C−γ} D U`, `dK = β before + after + dE K + dEᵀ K + dPᵀ Q`,
  /// a value head each.
  ///
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param gamma `[M, HV]`, Read
  /// @param beta `[M, HV]`, Read
  /// @param R `[M, HV, V]`, Read
  /// @param U `[M, HV, V]`, Read
  /// @param states S `[chunks, HV, K, V]`, Read
  /// @param D `[chunks, HV, K, V]`, Read
  /// @param dE from [#scoreGradients], Read
  /// @param dP from [#scoreGradients], Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dK `[M, HV, K]`, Overwritten
  /// @param before `[M, HV, K]`, Overwritten
  /// @param after `[M, HV, K]`, Overwritten
  public static void keys(
      FloatArray q,
      FloatArray k,
      FloatArray gamma,
      FloatArray beta,
      FloatArray R,
      FloatArray U,
      FloatArray states,
      FloatArray D,
      FloatArray dE,
      FloatArray dP,
      IntArray bounds,
      FloatArray dK,
      FloatArray before,
      FloatArray after,
      int chunks,
      int H,
      int HV,
      int K,
      int V) {
    for (@Parallel int x = 0; x < chunks * HV * CHUNK; x++) {
      for (@Parallel int d = 0; d < K; d++) {
        int i = x % CHUNK;
        int head = x / CHUNK % HV;
        int c = x / CHUNK / HV;
        int begin = bounds.get(2 * c);
        int end = bounds.get(2 * c + 1);
        if (begin + i < end) {
          int at = (begin + i) * HV + head;
          float held = 0.0f;
          float later = 0.0f;
          for (int v = 0; v < V; v++) {
            int s = ((c * HV + head) * K + d) * V + v;
            held -= states.get(s) * R.get(at * V + v);
            later += D.get(s) * U.get(at * V + v);
          }
          held *= TornadoMath.exp(gamma.get(at));
          later *= TornadoMath.exp(gamma.get((end - 1) * HV + head) - gamma.get(at));
          before.set(at * K + d, held);
          after.set(at * K + d, later);
          float sum = beta.get(at) * held + later;
          for (int j = 0; j < end - begin; j++) {
            int row = ((begin + j) * H + head / (HV / H)) * K + d;
            int mirrored = (x - i + j) * CHUNK + i;
            sum += (dE.get(x * CHUNK + j) + dE.get(mirrored)) * k.get(row);
            sum += dP.get(mirrored) * q.get(row);
          }
          dK.set(at * K + d, sum);
        }
      }
    }
  }
}
