package dev.sluice.tasks.ops.gateddeltarule;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The recurrent form, for any device: memory a token that does not grow with the sequence, and a
/// state kept every [#INTERVAL] tokens for the backward pass.
///
/// A column of a state (one of its `V`) needs no other column, so going forward a work-item has a
/// column; [GatedDeltaRuleGradientKernels] goes backward.
///
/// The state kept at token `c·INTERVAL` of a sequence that begins at token `a` has the place
/// `a/INTERVAL + c − 1`; the initial state is not kept again.
public final class GatedDeltaRuleKernels {
  /// Tokens from one kept state to the next.
  public static final int INTERVAL = 32;

  /// Flag: there is a gate. Without it `g` is not read.
  public static final int GATED = 1;

  /// Flag: there is an initial state. Without it the state is zero at first.
  public static final int INITIAL = 2;

  /// Flag: there is a gradient of the final state. Without it that is zero.
  public static final int FINAL_GRADIENT = 4;

  /// Flag: rows of `q` and `k` are divided by their length. A row is a factor of all it is in, so
  /// that the reciprocal of its length goes into what it meets.
  public static final int NORMALIZED = 8;

  private GatedDeltaRuleKernels() {}

  /// `R`, elements of a row of residuals: `V`, and where NORMALIZED behind them what the token's
  /// rows of `q` and of `k` are multiplied with.
  public static int residuals(int flags, int V) {
    return (flags & NORMALIZED) != 0 ? V + 2 : V;
  }

  /// Where the sequences begin that are not packed: `offsets[n] = n·T`
  ///
  /// @param offsets `[N+1]` int, Overwritten
  public static void fillOffsets(IntArray offsets, int N, int T) {
    for (@Parallel int n = 0; n < N + 1; n++) {
      offsets.set(n, n * T);
    }
  }

  /// `x[i] = 0`
  ///
  /// @param x `[size]`, Overwritten
  public static void clear(FloatArray x, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      x.set(i, 0.0f);
    }
  }

  /// `S ← e^g S; r = v − Sᵀk; S ← S + k (β r)ᵀ; o = scale · Sᵀq`, with `q / √(Σ q² + eps)` and `k /
  /// √(Σ k² + eps)` in their places where NORMALIZED.
  ///
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param v `[M, HV, V]`, Read
  /// @param g `[M, HV]`, Read where GATED
  /// @param beta `[M, HV]`, Read
  /// @param initial `[N, HV, K, V]`, Read where INITIAL
  /// @param offsets `[N+1]` int, Read
  /// @param o `[M, HV, V]`, Overwritten
  /// @param state `[N, HV, K, V]`, Overwritten with the final state
  /// @param residual `[M, HV, R]`, Overwritten with `r`; saved for the backward pass
  /// @param kept `[M/INTERVAL, HV, K, V]`, Overwritten with the kept states; saved too
  public static void forward(
      FloatArray q,
      FloatArray k,
      FloatArray v,
      FloatArray g,
      FloatArray beta,
      FloatArray initial,
      IntArray offsets,
      FloatArray o,
      FloatArray state,
      FloatArray residual,
      FloatArray kept,
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
          state.set(s + y * V, (flags & INITIAL) != 0 ? initial.get(s + y * V) : 0.0f);
        }
        for (int i = 0; i < end - start; i++) {
          int t = start + i;
          if (i > 0 && i % INTERVAL == 0) {
            int place = ((start / INTERVAL + i / INTERVAL - 1) * HV + j) * K * V + x;
            for (int y = 0; y < K; y++) {
              kept.set(place + y * V, state.get(s + y * V));
            }
          }
          int row = (t * H + j / (HV / H)) * K;
          float decay = (flags & GATED) != 0 ? TornadoMath.exp(g.get(t * HV + j)) : 1.0f;
          float query = reciprocalLength(q, row, flags, K);
          float key = reciprocalLength(k, row, flags, K);
          float held = 0.0f;
          for (int y = 0; y < K; y++) {
            held += state.get(s + y * V) * k.get(row + y);
          }
          float r = v.get((t * HV + j) * V + x) - decay * key * held;
          float u = key * beta.get(t * HV + j) * r;
          float sum = 0.0f;
          for (int y = 0; y < K; y++) {
            float updated = decay * state.get(s + y * V) + k.get(row + y) * u;
            state.set(s + y * V, updated);
            sum += updated * q.get(row + y);
          }
          o.set((t * HV + j) * V + x, scale * query * sum);
          int at = (t * HV + j) * residuals(flags, V);
          residual.set(at + x, r);
          if ((flags & NORMALIZED) != 0 && x == 0) {
            residual.set(at + V, query);
            residual.set(at + V + 1, key);
          }
        }
      }
    }
  }

  private static float reciprocalLength(FloatArray x, int row, int flags, int K) {
    float factor = 1.0f;
    if ((flags & NORMALIZED) != 0) {
      float squares = 0.0f;
      for (int y = 0; y < K; y++) {
        squares += x.get(row + y) * x.get(row + y);
      }
      factor = 1.0f / TornadoMath.sqrt(squares + QkNorm.EPS);
    }
    return factor;
  }
}
