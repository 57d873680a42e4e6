package dev.sluice.tasks.ops.gateddeltarule;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The recurrent form backward; flags and kept states are those of [GatedDeltaRuleKernels].
///
/// A column of a state needs no other column, so for `dV` a work-item has a column. A row needs no
/// other row once the update of each token and its gradient are known, so for the other gradients a
/// work-item has a row.
public final class GatedDeltaRuleGradientKernels {
  private static final int INTERVAL = GatedDeltaRuleKernels.INTERVAL;

  private static final int INTERVAL_BITS = 5;

  private GatedDeltaRuleGradientKernels() {}

  /// Backwards in time, with `D` the gradient of the state: `D += scale · q dOᵀ; dU = Dᵀk; dV = β
  /// dU; D ← e^g (D − k dVᵀ)`
  ///
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param g `[M, HV]`, Read where GATED
  /// @param beta `[M, HV]`, Read
  /// @param residual `[M, HV, R]`, Read where NORMALIZED; of the forward pass
  /// @param offsets `[N+1]` int, Read
  /// @param dO `[M, HV, V]`, Read
  /// @param dLast `[N, HV, K, V]`, Read where FINAL_GRADIENT
  /// @param dV `[M, HV, V]`, Overwritten
  /// @param dState `[N, HV, K, V]`, Overwritten with the gradient of the initial state
  /// @param dUpdate `[M, HV, V]`, Overwritten with `dU`, the gradient of `β r`
  public static void backwardColumns(
      FloatArray q,
      FloatArray k,
      FloatArray g,
      FloatArray beta,
      FloatArray residual,
      IntArray offsets,
      FloatArray dO,
      FloatArray dLast,
      FloatArray dV,
      FloatArray dState,
      FloatArray dUpdate,
      float scale,
      int flags,
      int N,
      int H,
      int HV,
      int K,
      int V) {
    for (@Parallel int nj = 0; nj < N * HV; nj++) {
      for (@Parallel int x = 0; x < V; x++) {
        int n = nj / HV;
        int j = nj % HV;
        int start = offsets.get(n);
        int end = offsets.get(n + 1);
        int s = nj * K * V + x;
        for (int y = 0; y < K; y++) {
          dState.set(
              s + y * V,
              (flags & GatedDeltaRuleKernels.FINAL_GRADIENT) != 0 ? dLast.get(s + y * V) : 0.0f);
        }
        for (int i = 1; i <= end - start; i++) {
          int t = end - i;
          int row = (t * H + j / (HV / H)) * K;
          int at = (t * HV + j) * V + x;
          float out = scale * factor(residual, t * HV + j, 0, flags, V) * dO.get(at);
          float sum = 0.0f;
          for (int y = 0; y < K; y++) {
            float d = dState.get(s + y * V) + q.get(row + y) * out;
            dState.set(s + y * V, d);
            sum += d * k.get(row + y);
          }
          float decay =
              (flags & GatedDeltaRuleKernels.GATED) != 0
                  ? TornadoMath.exp(g.get(t * HV + j))
                  : 1.0f;
          float key = factor(residual, t * HV + j, 1, flags, V);
          sum *= key;
          float value = beta.get(t * HV + j) * sum;
          for (int y = 0; y < K; y++) {
            float written = k.get(row + y) * key * value;
            dState.set(s + y * V, decay * (dState.get(s + y * V) - written));
          }
          dUpdate.set(at, sum);
          dV.set(at, value);
        }
      }
    }
  }

  /// Backwards in time, with the states recomputed a stretch at a time and `S' = e^g S` the state
  /// before a token's update: `dq = scale · S dO; dk = D (β r) − S' dV; dg = ⟨D − k dVᵀ, S'⟩`
  ///
  /// Each work-item gives its row's part: `dq` and `dk` of one value head, of rows of unit length
  /// where NORMALIZED, and `dg` of one key.
  ///
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param g `[M, HV]`, Read where GATED
  /// @param beta `[M, HV]`, Read
  /// @param initial `[N, HV, K, V]`, Read where INITIAL
  /// @param offsets `[N+1]` int, Read
  /// @param residual `[M, HV, R]`, Read; of the forward pass
  /// @param kept `[M/INTERVAL, HV, K, V]`, Read; of the forward pass
  /// @param dO `[M, HV, V]`, Read
  /// @param dLast `[N, HV, K, V]`, Read where FINAL_GRADIENT
  /// @param dV `[M, HV, V]`, Read
  /// @param parts `[M, HV, 3, K]`, Overwritten with the parts of `dq`, `dk` and `dg`
  /// @param history `[N, HV, K, INTERVAL+1, V]`, Overwritten; the states of a stretch, then `D`
  public static void backwardRows(
      FloatArray q,
      FloatArray k,
      FloatArray g,
      FloatArray beta,
      FloatArray initial,
      IntArray offsets,
      FloatArray residual,
      FloatArray kept,
      FloatArray dO,
      FloatArray dLast,
      FloatArray dV,
      FloatArray parts,
      FloatArray history,
      float scale,
      int flags,
      int N,
      int H,
      int HV,
      int K,
      int V) {
    for (@Parallel int nj = 0; nj < N * HV; nj++) {
      for (@Parallel int y = 0; y < K; y++) {
        int j = nj % HV;
        int start = offsets.get(nj / HV);
        int length = offsets.get(nj / HV + 1) - start;
        int row = (nj * K + y) * (INTERVAL + 1) * V;
        for (int x = 0; x < V; x++) {
          float last =
              (flags & GatedDeltaRuleKernels.FINAL_GRADIENT) != 0
                  ? dLast.get((nj * K + y) * V + x)
                  : 0.0f;
          history.set(row + INTERVAL * V + x, last);
        }
        int stretches = (length + INTERVAL - 1) >> INTERVAL_BITS;
        for (int c = 1; c <= stretches; c++) {
          int chunk = stretches - c;
          int count = TornadoMath.min(INTERVAL, length - chunk * INTERVAL);
          int first = start + chunk * INTERVAL;
          if (chunk > 0) {
            int place = (((start / INTERVAL + chunk - 1) * HV + j) * K + y) * V;
            for (int x = 0; x < V; x++) {
              history.set(row + x, kept.get(place + x));
            }
          } else {
            for (int x = 0; x < V; x++) {
              float before =
                  (flags & GatedDeltaRuleKernels.INITIAL) != 0
                      ? initial.get((nj * K + y) * V + x)
                      : 0.0f;
              history.set(row + x, before);
            }
          }
          for (int i = 0; i + 1 < count; i++) {
            recomputeRow(
                k,
                g,
                beta,
                residual,
                history,
                flags,
                row + i * V,
                (first + i) * HV + j,
                ((first + i) * H + j / (HV / H)) * K + y,
                V);
          }
          for (int i = 1; i <= count; i++) {
            int t = first + count - i;
            backwardRow(
                q,
                k,
                g,
                beta,
                residual,
                dO,
                dV,
                parts,
                history,
                scale,
                flags,
                row + (count - i) * V,
                row + INTERVAL * V,
                t * HV + j,
                (t * H + j / (HV / H)) * K + y,
                y,
                K,
                V);
          }
        }
      }
    }
  }

  /// One row of the state after a token, behind the one before it.
  private static void recomputeRow(
      FloatArray k,
      FloatArray g,
      FloatArray beta,
      FloatArray residual,
      FloatArray history,
      int flags,
      int row,
      int head,
      int key,
      int V) {
    float decay = (flags & GatedDeltaRuleKernels.GATED) != 0 ? TornadoMath.exp(g.get(head)) : 1.0f;
    float factor = k.get(key) * factor(residual, head, 1, flags, V) * beta.get(head);
    int at = head * GatedDeltaRuleKernels.residuals(flags, V);
    for (int x = 0; x < V; x++) {
      float after = decay * history.get(row + x) + factor * residual.get(at + x);
      history.set(row + V + x, after);
    }
  }

  /// One row of one token backwards: the parts of its gradients, and `D` of the token before.
  private static void backwardRow(
      FloatArray q,
      FloatArray k,
      FloatArray g,
      FloatArray beta,
      FloatArray residual,
      FloatArray dO,
      FloatArray dV,
      FloatArray parts,
      FloatArray history,
      float scale,
      int flags,
      int row,
      int gradient,
      int head,
      int key,
      int y,
      int K,
      int V) {
    float decay = (flags & GatedDeltaRuleKernels.GATED) != 0 ? TornadoMath.exp(g.get(head)) : 1.0f;
    float query = scale * factor(residual, head, 0, flags, V) * q.get(key);
    float factor = factor(residual, head, 1, flags, V) * k.get(key);
    int at = head * GatedDeltaRuleKernels.residuals(flags, V);
    float strength = beta.get(head);
    float dq = 0.0f;
    float dk = 0.0f;
    float dg = 0.0f;
    for (int x = 0; x < V; x++) {
      float held = decay * history.get(row + x);
      float update = strength * residual.get(at + x);
      float out = dO.get(head * V + x);
      float value = dV.get(head * V + x);
      float d = history.get(gradient + x) + query * out;
      dq += (held + factor * update) * out;
      dk += d * update - held * value;
      d -= factor * value;
      dg += d * held;
      history.set(gradient + x, decay * d);
    }
    parts.set(head * 3 * K + y, scale * dq);
    parts.set((head * 3 + 1) * K + y, dk);
    parts.set((head * 3 + 2) * K + y, dg);
  }

  /// `dQ` and `dK`: the sums of the parts of the value heads that share a key head.
  ///
  /// @param parts `[M, HV, 3, K]`, Read
  /// @param dQ `[M, H, K]`, Overwritten
  /// @param dK `[M, H, K]`, Overwritten
  public static void sumHeads(
      FloatArray parts, FloatArray dQ, FloatArray dK, int M, int H, int HV, int K) {
    for (@Parallel int mh = 0; mh < M * H; mh++) {
      for (@Parallel int y = 0; y < K; y++) {
        int group = HV / H;
        float dq = 0.0f;
        float dk = 0.0f;
        for (int i = 0; i < group; i++) {
          dq += parts.get((mh * group + i) * 3 * K + y);
          dk += parts.get(((mh * group + i) * 3 + 1) * K + y);
        }
        dQ.set(mh * K + y, dq);
        dK.set(mh * K + y, dk);
      }
    }
  }

  /// `dQ` and `dK` where NORMALIZED: the sums of the parts, taken through `x̂ = s x`: `dx = s (dx̂
  /// − x̂ (x̂·dx̂))`.
  ///
  /// @param parts `[M, HV, 3, K]`, Read
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param residual `[M, HV, V+2]`, Read; of the forward pass
  /// @param dQ `[M, H, K]`, Overwritten
  /// @param dK `[M, H, K]`, Overwritten
  public static void sumHeadsThroughNorm(
      FloatArray parts,
      FloatArray q,
      FloatArray k,
      FloatArray residual,
      FloatArray dQ,
      FloatArray dK,
      int M,
      int H,
      int HV,
      int K,
      int V) {
    for (@Parallel int t = 0; t < M; t++) {
      for (@Parallel int h = 0; h < H; h++) {
        int group = HV / H;
        int head = t * HV + h * group;
        int row = (t * H + h) * K;
        float query = residual.get(head * (V + 2) + V);
        float key = residual.get(head * (V + 2) + V + 1);
        float alongQuery = 0.0f;
        float alongKey = 0.0f;
        for (int y = 0; y < K; y++) {
          float dq = 0.0f;
          float dk = 0.0f;
          for (int i = 0; i < group; i++) {
            dq += parts.get((head + i) * 3 * K + y);
            dk += parts.get(((head + i) * 3 + 1) * K + y);
          }
          alongQuery += query * q.get(row + y) * dq;
          alongKey += key * k.get(row + y) * dk;
          dQ.set(row + y, dq);
          dK.set(row + y, dk);
        }
        for (int y = 0; y < K; y++) {
          dQ.set(row + y, query * (dQ.get(row + y) - query * q.get(row + y) * alongQuery));
          dK.set(row + y, key * (dK.get(row + y) - key * k.get(row + y) * alongKey));
        }
      }
    }
  }

  /// `dG = Σ_key parts; dBeta = dU · r`
  ///
  /// @param parts `[M, HV, 3, K]`, Read
  /// @param residual `[M, HV, R]`, Read; of the forward pass
  /// @param dUpdate `[M, HV, V]`, Read
  /// @param dG `[M, HV]`, Overwritten where GATED
  /// @param dBeta `[M, HV]`, Overwritten
  public static void sumGates(
      FloatArray parts,
      FloatArray residual,
      FloatArray dUpdate,
      FloatArray dG,
      FloatArray dBeta,
      int flags,
      int M,
      int HV,
      int K,
      int V) {
    for (@Parallel int mj = 0; mj < M * HV; mj++) {
      float dg = 0.0f;
      for (int y = 0; y < K; y++) {
        dg += parts.get((mj * 3 + 2) * K + y);
      }
      int at = mj * GatedDeltaRuleKernels.residuals(flags, V);
      float dot = 0.0f;
      for (int x = 0; x < V; x++) {
        dot += dUpdate.get(mj * V + x) * residual.get(at + x);
      }
      if ((flags & GatedDeltaRuleKernels.GATED) != 0) {
        dG.set(mj, dg);
      }
      dBeta.set(mj, dot);
    }
  }

  /// What a token's row of `q` (0) or `k` (1) is multiplied with.
  private static float factor(FloatArray residual, int head, int which, int flags, int V) {
    float factor = 1.0f;
    if ((flags & GatedDeltaRuleKernels.NORMALIZED) != 0) {
      factor = residual.get(head * (V + 2) + V + which);
    }
    return factor;
  }
}
