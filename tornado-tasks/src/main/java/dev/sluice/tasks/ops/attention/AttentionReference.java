package dev.sluice.tasks.ops.attention;

import java.util.Arrays;

/// Softmax attention in double precision, all scores of a query at once.
public final class AttentionReference {
  private AttentionReference() {}

  /// `o[t,h] = Σ_s p[s] · v[s,h']`, `p = softmax_s(scale · q[t,h] · k[s,h'])`, `h' = ⌊h / (H/KV)⌋`,
  /// over the keys `s` of the same sequence that the options let `t` see.
  ///
  /// @param q `[rows, H, D]`, Read
  /// @param k `[rows, KV, D]`, Read
  /// @param v `[rows, KV, D]`, Read
  /// @param offsets `[N+1]`, Read; the rows of each sequence
  /// @return o `[rows, H, D]`
  public static double[] forward(
      double[] q,
      double[] k,
      double[] v,
      int[] offsets,
      AttentionOptions options,
      int H,
      int KV,
      int D) {
    double[] o = new double[q.length];
    for (int n = 0; n + 1 < offsets.length; n++) {
      for (int t = offsets[n]; t < offsets[n + 1]; t++) {
        for (int h = 0; h < H; h++) {
          int head = h / (H / KV);
          double[] p = weights(q, k, offsets[n], offsets[n + 1], t, h, options, H, KV, D);
          for (int s = offsets[n]; s < offsets[n + 1]; s++) {
            for (int d = 0; d < D; d++) {
              o[(t * H + h) * D + d] += p[s - offsets[n]] * v[(s * KV + head) * D + d];
            }
          }
        }
      }
    }
    return o;
  }

  /// Gradients of [#forward]: with `dP[s] = dO[t]·v[s]` and `dS = p ⊙ (dP − Σ p ⊙ dP)`, `dQ[t] =
  /// scale Σ_s dS[s] k[s]`, `dK[s] = scale Σ_t dS[s] q[t]`, `dV[s] = Σ_t p[s] dO[t]`.
  ///
  /// @param dO `[rows, H, D]`, Read
  /// @param dQ `[rows, H, D]`, Overwritten
  /// @param dK `[rows, KV, D]`, Overwritten
  /// @param dV `[rows, KV, D]`, Overwritten
  public static void backward(
      double[] q,
      double[] k,
      double[] v,
      int[] offsets,
      double[] dO,
      double[] dQ,
      double[] dK,
      double[] dV,
      AttentionOptions options,
      int H,
      int KV,
      int D) {
    Arrays.fill(dQ, 0);
    Arrays.fill(dK, 0);
    Arrays.fill(dV, 0);
    for (int n = 0; n + 1 < offsets.length; n++) {
      int begin = offsets[n];
      int length = offsets[n + 1] - begin;
      for (int t = begin; t < begin + length; t++) {
        for (int h = 0; h < H; h++) {
          int head = h / (H / KV);
          int at = (t * H + h) * D;
          double[] p = weights(q, k, begin, begin + length, t, h, options, H, KV, D);
          double[] dP = new double[length];
          double mean = 0;
          for (int s = 0; s < length; s++) {
            for (int d = 0; d < D; d++) {
              dP[s] += dO[at + d] * v[((begin + s) * KV + head) * D + d];
            }
            mean += p[s] * dP[s];
          }
          for (int s = 0; s < length; s++) {
            double dS = options.scale() * p[s] * (dP[s] - mean);
            for (int d = 0; d < D; d++) {
              int key = ((begin + s) * KV + head) * D + d;
              dQ[at + d] += dS * k[key];
              dK[key] += dS * q[at + d];
              dV[key] += p[s] * dO[at + d];
            }
          }
        }
      }
    }
  }

  private static double[] weights(
      double[] q,
      double[] k,
      int begin,
      int end,
      int t,
      int h,
      AttentionOptions options,
      int H,
      int KV,
      int D) {
    double[] p = new double[end - begin];
    double max = Double.NEGATIVE_INFINITY;
    for (int s = begin; s < end; s++) {
      boolean seen =
          !(options.causal() && s > t)
              && !(options.window() > 0 && Math.abs(t - s) >= options.window());
      double score = 0;
      for (int d = 0; d < D; d++) {
        score += q[(t * H + h) * D + d] * k[(s * KV + h / (H / KV)) * D + d];
      }
      p[s - begin] = seen ? score * options.scale() : Double.NEGATIVE_INFINITY;
      max = Math.max(max, p[s - begin]);
    }
    double sum = 0;
    for (int s = 0; s < p.length; s++) {
      p[s] = Math.exp(p[s] - max);
      sum += p[s];
    }
    for (int s = 0; s < p.length; s++) {
      p[s] /= sum;
    }
    return p;
  }
}
