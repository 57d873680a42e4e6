package dev.sluice.tasks.ops.gla;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Gated linear attention token by token: a work-item owns a column (or row) of one head's state,
/// so nothing is shared and any gate is exact, e^g being computed as it stands.
///
/// `decay` is e^g in full, `[rows, H, K]`. `cu` holds `N + 1` offsets and is read where `packed` is
/// 1; else sequence `n` is rows `n·T … n·T+T−1`.
public final class GlaKernels {
  private GlaKernels() {}

  /// `decay[r,h,k] = e^g`, the gate repeated along the axes that it lacks.
  ///
  /// @param g log gate, Read; element `r·timeStride + h·headStride + k·keyStride`
  /// @param decay `[rows, H, K]`, Overwritten
  public static void exponentiate(
      FloatArray g,
      FloatArray decay,
      int timeStride,
      int headStride,
      int keyStride,
      int rows,
      int H,
      int K) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int c = 0; c < H * K; c++) {
        int h = c / K;
        int k = c - h * K;
        float gate = g.get(r * timeStride + h * headStride + k * keyStride);
        decay.set(r * H * K + c, TornadoMath.exp(gate));
      }
    }
  }

  /// `S ← diag(decay) S + k vᵀ`, `o = (scale·q)ᵀ S`; a work-item a sequence, head and column.
  ///
  /// @param q `[rows, H, K]`, Read
  /// @param k `[rows, H, K]`, Read
  /// @param v `[rows, H, V]`, Read
  /// @param decay `[rows, H, K]`, Read
  /// @param h0 `[N, H, K, V]`, Read where `hasInitial` is 1
  /// @param cu `[N + 1]` int32, Read where `packed` is 1
  /// @param o `[rows, H, V]`, Overwritten
  /// @param ht `[N, H, K, V]`, Overwritten; the state while the kernel runs
  public static void forward(
      FloatArray q,
      FloatArray k,
      FloatArray v,
      FloatArray decay,
      FloatArray h0,
      IntArray cu,
      FloatArray o,
      FloatArray ht,
      float scale,
      int hasInitial,
      int packed,
      int N,
      int T,
      int H,
      int K,
      int V) {
    for (@Parallel int s = 0; s < N * H; s++) {
      for (@Parallel int j = 0; j < V; j++) {
        int n = s / H;
        int h = s - n * H;
        int start = n * T;
        int end = start + T;
        if (packed == 1) {
          start = cu.get(n);
          end = cu.get(n + 1);
        }
        for (int i = 0; i < K; i++) {
          int at = (s * K + i) * V + j;
          float first = 0.0f;
          if (hasInitial == 1) {
            first = h0.get(at);
          }
          ht.set(at, first);
        }
        for (int t = start; t < end; t++) {
          int row = t * H + h;
          float value = v.get(row * V + j);
          float sum = 0.0f;
          for (int i = 0; i < K; i++) {
            int at = (s * K + i) * V + j;
            float state = ht.get(at) * decay.get(row * K + i) + k.get(row * K + i) * value;
            ht.set(at, state);
            sum += q.get(row * K + i) * state;
          }
          o.set(row * V + j, sum * scale);
        }
      }
    }
  }

  /// Forward in time, a work-item a sequence, head and row of the state: `dQ_t = scale·S_t dO_t`,
  /// and what [#backwardKey] needs for the gate's gradient: `dG_t = q_t ⊙ scale·(e^g_t ⊙ S_{t-1})
  /// dO_t`, at the last step plus `rowsum(e^g_t ⊙ S_{t-1} ⊙ dHt)`.
  ///
  /// @param h0 `[N, H, K, V]`, Read where `hasInitial` is 1
  /// @param cu `[N + 1]` int32, Read where `packed` is 1
  /// @param dO `[rows, H, V]`, Read
  /// @param dHt `[N, H, K, V]`, Read where `hasFinal` is 1
  /// @param dQ `[rows, H, K]`, Overwritten
  /// @param dG `[rows, H, K]`, Overwritten
  /// @param state `[N, H, K, V]`, Overwritten; the state while the kernel runs
  public static void backwardQuery(
      FloatArray q,
      FloatArray k,
      FloatArray v,
      FloatArray decay,
      FloatArray h0,
      IntArray cu,
      FloatArray dO,
      FloatArray dHt,
      FloatArray dQ,
      FloatArray dG,
      FloatArray state,
      float scale,
      int hasInitial,
      int hasFinal,
      int packed,
      int N,
      int T,
      int H,
      int K,
      int V) {
    for (@Parallel int s = 0; s < N * H; s++) {
      for (@Parallel int i = 0; i < K; i++) {
        int n = s / H;
        int h = s - n * H;
        int first = (s * K + i) * V;
        int start = n * T;
        int end = start + T;
        if (packed == 1) {
          start = cu.get(n);
          end = cu.get(n + 1);
        }
        for (int j = 0; j < V; j++) {
          float value = 0.0f;
          if (hasInitial == 1) {
            value = h0.get(first + j);
          }
          state.set(first + j, value);
        }
        for (int t = start; t < end; t++) {
          int row = t * H + h;
          float factor = decay.get(row * K + i);
          float key = k.get(row * K + i);
          float before = 0.0f;
          float last = 0.0f;
          float own = 0.0f;
          for (int j = 0; j < V; j++) {
            float decayed = state.get(first + j) * factor;
            float value = v.get(row * V + j);
            before += decayed * dO.get(row * V + j);
            own += value * dO.get(row * V + j);
            if (hasFinal == 1 && t == end - 1) {
              last += decayed * dHt.get(first + j);
            }
            state.set(first + j, decayed + key * value);
          }
          dQ.set(row * K + i, scale * (before + key * own));
          dG.set(row * K + i, scale * before * q.get(row * K + i) + last);
        }
      }
    }
  }

  /// Backward in time, a work-item a sequence, head and row of the state. With `E_t =
  /// diag(e^g_{t+1}) dS_{t+1}` (`dHt` at the last step) and `dS_t = E_t + scale·q_t dO_tᵀ`: `dK_t =
  /// dS_t v_t`, and `dG_t = dG_{t+1} − k_t ⊙ E_t v_t` plus what [#backwardQuery] left there. The
  /// terms of a step with itself appear in neither part, so strong decay costs no accuracy.
  ///
  /// @param cu `[N + 1]` int32, Read where `packed` is 1
  /// @param dO `[rows, H, V]`, Read
  /// @param dHt `[N, H, K, V]`, Read where `hasFinal` is 1
  /// @param dK `[rows, H, K]`, Overwritten
  /// @param dG `[rows, H, K]`, Accumulated
  /// @param dS `[N, H, K, V]`, Overwritten; at the end the initial state's gradient
  public static void backwardKey(
      FloatArray q,
      FloatArray k,
      FloatArray v,
      FloatArray decay,
      IntArray cu,
      FloatArray dO,
      FloatArray dHt,
      FloatArray dK,
      FloatArray dG,
      FloatArray dS,
      float scale,
      int hasFinal,
      int packed,
      int N,
      int T,
      int H,
      int K,
      int V) {
    for (@Parallel int s = 0; s < N * H; s++) {
      for (@Parallel int i = 0; i < K; i++) {
        int n = s / H;
        int h = s - n * H;
        int first = (s * K + i) * V;
        int start = n * T;
        int end = start + T;
        if (packed == 1) {
          start = cu.get(n);
          end = cu.get(n + 1);
        }
        for (int j = 0; j < V; j++) {
          float value = 0.0f;
          if (hasFinal == 1) {
            value = dHt.get(first + j);
          }
          dS.set(first + j, value);
        }
        float later = 0.0f;
        for (int t = end - 1; t >= start; t--) {
          int at = (t * H + h) * K + i;
          float factor = decay.get(at);
          float query = scale * q.get(at);
          float after = 0.0f;
          float own = 0.0f;
          for (int j = 0; j < V; j++) {
            float value = v.get((t * H + h) * V + j);
            float cotangent = dO.get((t * H + h) * V + j);
            float gradient = dS.get(first + j);
            after += gradient * value;
            own += value * cotangent;
            dS.set(first + j, factor * (gradient + query * cotangent));
          }
          dK.set(at, after + query * own);
          if (t < end - 1) {
            later -= k.get(at) * after;
          }
          later += dG.get(at);
          dG.set(at, later);
        }
      }
    }
  }

  /// Backward in time, a work-item a sequence, head and column of the state: `dV_t = dS_tᵀ k_t`.
  ///
  /// @param cu `[N + 1]` int32, Read where `packed` is 1
  /// @param dO `[rows, H, V]`, Read
  /// @param dHt `[N, H, K, V]`, Read where `hasFinal` is 1
  /// @param dV `[rows, H, V]`, Overwritten
  /// @param dS `[N, H, K, V]`, Overwritten
  public static void backwardValue(
      FloatArray q,
      FloatArray k,
      FloatArray decay,
      IntArray cu,
      FloatArray dO,
      FloatArray dHt,
      FloatArray dV,
      FloatArray dS,
      float scale,
      int hasFinal,
      int packed,
      int N,
      int T,
      int H,
      int K,
      int V) {
    for (@Parallel int s = 0; s < N * H; s++) {
      for (@Parallel int j = 0; j < V; j++) {
        int n = s / H;
        int h = s - n * H;
        int start = n * T;
        int end = start + T;
        if (packed == 1) {
          start = cu.get(n);
          end = cu.get(n + 1);
        }
        for (int i = 0; i < K; i++) {
          float value = 0.0f;
          if (hasFinal == 1) {
            value = dHt.get((s * K + i) * V + j);
          }
          dS.set((s * K + i) * V + j, value);
        }
        for (int t = end - 1; t >= start; t--) {
          int row = t * H + h;
          float cotangent = scale * dO.get(row * V + j);
          float sum = 0.0f;
          for (int i = 0; i < K; i++) {
            int at = (s * K + i) * V + j;
            float gradient = dS.get(at) + q.get(row * K + i) * cotangent;
            sum += gradient * k.get(row * K + i);
            dS.set(at, gradient * decay.get(row * K + i));
          }
          dV.set(row * V + j, sum);
        }
      }
    }
  }

  /// `dG[r] = Σ_k gates[r,k]`: the gradient of a gate that all keys of a head share.
  ///
  /// @param gates `[rows, K]`, Read
  /// @param dG `[rows]`, Overwritten
  public static void sumKeys(FloatArray gates, FloatArray dG, int rows, int K) {
    for (@Parallel int r = 0; r < rows; r++) {
      float sum = 0.0f;
      for (int i = 0; i < K; i++) {
        sum += gates.get(r * K + i);
      }
      dG.set(r, sum);
    }
  }

  /// `values[i] = 0`
  ///
  /// @param values `[size]`, Overwritten
  public static void clear(FloatArray values, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      values.set(i, 0.0f);
    }
  }
}
