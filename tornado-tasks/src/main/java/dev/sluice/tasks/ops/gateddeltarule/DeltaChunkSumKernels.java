package dev.sluice.tasks.ops.gateddeltarule;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The chunked form for devices with work-groups, backward: the sums behind
/// [DeltaChunkGradientKernels], which give the gradients of `β`, the gates and shared keys.
public final class DeltaChunkSumKernels {
  private static final int CHUNK = DeltaChunkKernels.CHUNK;

  private DeltaChunkSumKernels() {}

  /// `dβ`, and the parts of the gates' gradients that belong to a token; a work-item a token and
  /// value head.
  ///
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param v `[M, HV, V]`, Read
  /// @param beta `[M, HV]`, Read
  /// @param R `[M, HV, V]`, Read
  /// @param queryBefore `before` of [DeltaChunkGradientKernels#queries], Read
  /// @param before of [DeltaChunkGradientKernels#keys], Read
  /// @param after of [DeltaChunkGradientKernels#keys], Read
  /// @param byE from [DeltaChunkGradientKernels#scoreGradients], Read
  /// @param byP from [DeltaChunkGradientKernels#scoreGradients], Read; Overwritten with
  ///   `crossing_it = Σ_{j<t} (β_i byE_ij + byP_ij)`, what token `i` has from those before `t`
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dV `[M, HV, V]`, Overwritten
  /// @param dBeta `[M, HV]`, Overwritten
  /// @param entering `[M, HV]`, Overwritten; what the state before the chunk gives to the token
  /// @param leaving `[M, HV]`, Overwritten; what the token gives to the state after the chunk
  public static void tokens(
      FloatArray q,
      FloatArray k,
      FloatArray v,
      FloatArray beta,
      FloatArray R,
      FloatArray queryBefore,
      FloatArray before,
      FloatArray after,
      FloatArray byE,
      FloatArray byP,
      IntArray bounds,
      FloatArray dV,
      FloatArray dBeta,
      FloatArray entering,
      FloatArray leaving,
      int chunks,
      int H,
      int HV,
      int K,
      int V) {
    for (@Parallel int x = 0; x < chunks * HV * CHUNK; x++) {
      int i = x % CHUNK;
      int head = x / CHUNK % HV;
      int begin = bounds.get(2 * (x / CHUNK / HV));
      int size = bounds.get(2 * (x / CHUNK / HV) + 1) - begin;
      if (i < size) {
        int at = (begin + i) * HV + head;
        int row = ((begin + i) * H + head / (HV / H)) * K;
        float reached = 0.0f;
        float held = 0.0f;
        float later = 0.0f;
        for (int d = 0; d < K; d++) {
          reached += q.get(row + d) * queryBefore.get(at * K + d);
          held += k.get(row + d) * before.get(at * K + d);
          later += k.get(row + d) * after.get(at * K + d);
        }
        float strength = held;
        for (int d = 0; d < V; d++) {
          float gradient = R.get(at * V + d);
          strength += gradient * v.get(at * V + d);
          dV.set(at * V + d, beta.get(at) * gradient);
        }
        float crossing = 0.0f;
        for (int j = 0; j <= i; j++) {
          float own = byE.get(x * CHUNK + j);
          float passed = byP.get(x * CHUNK + j);
          byP.set(x * CHUNK + j, crossing);
          strength += own;
          crossing += beta.get(at) * own + passed;
        }
        dBeta.set(at, strength);
        entering.set(at, reached + beta.get(at) * held);
        leaving.set(at, later);
      }
    }
  }

  /// `through[c,j,d] = Σ_v S·D`
  ///
  /// @param states S `[chunks, HV, K, V]`, Read
  /// @param D `[chunks, HV, K, V]`, Read
  /// @param through `[chunks, HV, K]`, Overwritten
  public static void passThrough(
      FloatArray states, FloatArray D, FloatArray through, int rows, int V) {
    for (@Parallel int x = 0; x < rows; x++) {
      float sum = 0.0f;
      for (int v = 0; v < V; v++) {
        sum += states.get(x * V + v) * D.get(x * V + v);
      }
      through.set(x, sum);
    }
  }

  /// `dG_t = e^{γ_C} Σ through + Σ_{i≥t} (entering_i + crossing_it) + Σ_{i<t} leaving_i` within a
  /// chunk: all that passes over `t`, and nothing that would have to cancel, so that it is right
  /// where little passes.
  ///
  /// @param gamma `[M, HV]`, Read
  /// @param entering `[M, HV]`, Read
  /// @param leaving `[M, HV]`, Read
  /// @param crossing from [#tokens], Read
  /// @param through `[chunks, HV, K]`, Read
  /// @param bounds `[chunks, 2]` int, Read
  /// @param dG `[M, HV]`, Overwritten
  public static void gates(
      FloatArray gamma,
      FloatArray entering,
      FloatArray leaving,
      FloatArray crossing,
      FloatArray through,
      IntArray bounds,
      FloatArray dG,
      int chunks,
      int HV,
      int K) {
    for (@Parallel int x = 0; x < chunks * HV * CHUNK; x++) {
      int t = x % CHUNK;
      int head = x / CHUNK % HV;
      int begin = bounds.get(2 * (x / CHUNK / HV));
      int size = bounds.get(2 * (x / CHUNK / HV) + 1) - begin;
      if (t < size) {
        float sum = 0.0f;
        for (int d = 0; d < K; d++) {
          sum += through.get(x / CHUNK * K + d);
        }
        sum *= TornadoMath.exp(gamma.get((begin + size - 1) * HV + head));
        for (int i = 0; i < t; i++) {
          sum += leaving.get((begin + i) * HV + head);
        }
        for (int i = t; i < size; i++) {
          sum += entering.get((begin + i) * HV + head) + crossing.get((x - t + i) * CHUNK + t);
        }
        dG.set((begin + t) * HV + head, sum);
      }
    }
  }

  /// `dX[t,h] = Σ parts` over the value heads of key head `h`.
  ///
  /// @param parts `[M, HV, K]`, Read
  /// @param dX `[M, H, K]`, Overwritten
  public static void sumHeads(FloatArray parts, FloatArray dX, int M, int H, int HV, int K) {
    for (@Parallel int x = 0; x < M * H; x++) {
      for (@Parallel int d = 0; d < K; d++) {
        int group = HV / H;
        int t = x / H;
        float sum = 0.0f;
        for (int j = 0; j < group; j++) {
          sum += parts.get((t * HV + x % H * group + j) * K + d);
        }
        dX.set(x * K + d, sum);
      }
    }
  }
}
