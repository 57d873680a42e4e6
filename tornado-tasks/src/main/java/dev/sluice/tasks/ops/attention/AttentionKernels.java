package dev.sluice.tasks.ops.attention;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Softmax attention with a running maximum, one query or one key of a head a work-item.
///
/// No score is stored: the forward pass keeps `ln Σ exp` of each query, from which the backward
/// pass gets the weights again. Each gradient is summed by one work-item in the order of time.
public final class AttentionKernels {
  private static final float LOWEST = -3.4e38f;

  private AttentionKernels() {}

  /// `o[r,h] = Σ_s exp(scale·q[r,h]·k[s] − l[r,h]) v[s]`
  ///
  /// @param q `[rows, H, D]`, Read
  /// @param k `[rows, KV, D]`, Read
  /// @param v `[rows, KV, D]`, Read
  /// @param bounds `[rows, 3]`, Read; the rows of each row's sequence
  /// @param o `[rows, H, D]`, Overwritten
  /// @param l `[rows, H]`, Overwritten by `ln Σ_s exp(scale·q·k[s])`; saved for the backward pass
  public static void forward(
      FloatArray q,
      FloatArray k,
      FloatArray v,
      IntArray bounds,
      FloatArray o,
      FloatArray l,
      float scale,
      int causal,
      int window,
      int rows,
      int H,
      int KV,
      int D) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int h = 0; h < H; h++) {
        int from = bounds.get(3 * r);
        int to = bounds.get(3 * r + 1);
        if (window > 0) {
          from = Math.max(from, r - window + 1);
          to = Math.min(to, r + window);
        }
        if (causal == 1) {
          to = r + 1;
        }
        int query = (r * H + h) * D;
        for (int d = 0; d < D; d++) {
          o.set(query + d, 0.0f);
        }
        float max = LOWEST;
        float sum = 0.0f;
        for (int s = from; s < to; s++) {
          int key = (s * KV + h / (H / KV)) * D;
          float score = 0.0f;
          for (int d = 0; d < D; d++) {
            score += q.get(query + d) * k.get(key + d);
          }
          score = score * scale;
          if (score > max) {
            float correction = TornadoMath.exp(max - score);
            max = score;
            sum = sum * correction;
            for (int d = 0; d < D; d++) {
              o.set(query + d, o.get(query + d) * correction);
            }
          }
          float weight = TornadoMath.exp(score - max);
          sum += weight;
          for (int d = 0; d < D; d++) {
            o.set(query + d, o.get(query + d) + weight * v.get(key + d));
          }
        }
        float reciprocal = 1.0f / sum;
        for (int d = 0; d < D; d++) {
          o.set(query + d, o.get(query + d) * reciprocal);
        }
        l.set(r * H + h, max + TornadoMath.log(sum));
      }
    }
  }

  /// `delta[r,h] = dO[r,h] · o[r,h]`, the mean of `dP` under the weights.
  ///
  /// @param o `[rows, H, D]`, Read
  /// @param dO `[rows, H, D]`, Read
  /// @param delta `[rows, H]`, Overwritten
  public static void backwardMean(
      FloatArray o, FloatArray dO, FloatArray delta, int rows, int H, int D) {
    for (@Parallel int i = 0; i < rows * H; i++) {
      float sum = 0.0f;
      for (int d = 0; d < D; d++) {
        sum += o.get(i * D + d) * dO.get(i * D + d);
      }
      delta.set(i, sum);
    }
  }

  /// `dQ[r,h] = scale Σ_s p[s] (dO[r,h]·v[s] − delta[r,h]) k[s]`
  ///
  /// @param q `[rows, H, D]`, Read
  /// @param k `[rows, KV, D]`, Read
  /// @param v `[rows, KV, D]`, Read
  /// @param bounds `[rows, 3]`, Read
  /// @param dO `[rows, H, D]`, Read
  /// @param dQ `[rows, H, D]`, Overwritten
  /// @param l `[rows, H]`, Read
  /// @param delta `[rows, H]`, Read
  public static void backwardQueries(
      FloatArray q,
      FloatArray k,
      FloatArray v,
      IntArray bounds,
      FloatArray dO,
      FloatArray dQ,
      FloatArray l,
      FloatArray delta,
      float scale,
      int causal,
      int window,
      int rows,
      int H,
      int KV,
      int D) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int h = 0; h < H; h++) {
        int from = bounds.get(3 * r);
        int to = bounds.get(3 * r + 1);
        if (window > 0) {
          from = Math.max(from, r - window + 1);
          to = Math.min(to, r + window);
        }
        if (causal == 1) {
          to = r + 1;
        }
        int query = (r * H + h) * D;
        for (int d = 0; d < D; d++) {
          dQ.set(query + d, 0.0f);
        }
        for (int s = from; s < to; s++) {
          int key = (s * KV + h / (H / KV)) * D;
          float score = 0.0f;
          float dP = 0.0f;
          for (int d = 0; d < D; d++) {
            score += q.get(query + d) * k.get(key + d);
            dP += dO.get(query + d) * v.get(key + d);
          }
          float weight = TornadoMath.exp(score * scale - l.get(r * H + h));
          float dS = scale * weight * (dP - delta.get(r * H + h));
          for (int d = 0; d < D; d++) {
            dQ.set(query + d, dQ.get(query + d) + dS * k.get(key + d));
          }
        }
      }
    }
  }

  /// `dK[s] = scale Σ_{r,h} p[s] (dO[r,h]·v[s] − delta[r,h]) q[r,h]` and `dV[s] = Σ_{r,h} p[s]
  /// dO[r,h]` over the queries that see `s` and the heads that share it.
  ///
  /// @param q `[rows, H, D]`, Read
  /// @param k `[rows, KV, D]`, Read
  /// @param v `[rows, KV, D]`, Read
  /// @param bounds `[rows, 3]`, Read
  /// @param dO `[rows, H, D]`, Read
  /// @param dK `[rows, KV, D]`, Overwritten
  /// @param dV `[rows, KV, D]`, Overwritten
  /// @param l `[rows, H]`, Read
  /// @param delta `[rows, H]`, Read
  public static void backwardKeys(
      FloatArray q,
      FloatArray k,
      FloatArray v,
      IntArray bounds,
      FloatArray dO,
      FloatArray dK,
      FloatArray dV,
      FloatArray l,
      FloatArray delta,
      float scale,
      int causal,
      int window,
      int rows,
      int H,
      int KV,
      int D) {
    for (@Parallel int s = 0; s < rows; s++) {
      for (@Parallel int head = 0; head < KV; head++) {
        int from = bounds.get(3 * s);
        int to = bounds.get(3 * s + 1);
        if (window > 0) {
          from = Math.max(from, s - window + 1);
          to = Math.min(to, s + window);
        }
        if (causal == 1) {
          from = s;
        }
        int key = (s * KV + head) * D;
        for (int d = 0; d < D; d++) {
          dK.set(key + d, 0.0f);
          dV.set(key + d, 0.0f);
        }
        int heads = H / KV;
        for (int i = from * heads; i < to * heads; i++) {
          int row = i / heads * H + head * heads + i % heads;
          float score = 0.0f;
          float dP = 0.0f;
          for (int d = 0; d < D; d++) {
            score += q.get(row * D + d) * k.get(key + d);
            dP += dO.get(row * D + d) * v.get(key + d);
          }
          float weight = TornadoMath.exp(score * scale - l.get(row));
          float dS = scale * weight * (dP - delta.get(row));
          for (int d = 0; d < D; d++) {
            dK.set(key + d, dK.get(key + d) + dS * q.get(row * D + d));
            dV.set(key + d, dV.get(key + d) + weight * dO.get(row * D + d));
          }
        }
      }
    }
  }
}
