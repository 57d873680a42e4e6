package dev.sluice.tasks.ops.attentiondecode;

/// Attention over a cache in double precision.
public final class AttentionDecodeReference {
  private AttentionDecodeReference() {}

  /// Stores the new keys and values at slot `p mod capacity` of their position `p`, then `o[b,t,h]
  /// = Σ_s softmax_s(scale · q[b,t,h] · k[s]) v[s]` over the positions `s ≤ p` that are still in
  /// the cache and within the window.
  ///
  /// @param q `[B, T, H, D]`, Read
  /// @param k `[B, T, KV, D]`, Read
  /// @param v `[B, T, KV, D]`, Read
  /// @param keys `[B, capacity, KV, D]`, updated
  /// @param values `[B, capacity, KV, D]`, updated
  /// @param position `[B]`, Read; position of the first new time step
  /// @param window 0 for none
  /// @return o `[B, T, H, D]`
  public static double[] forward(
      double[] q,
      double[] k,
      double[] v,
      double[] keys,
      double[] values,
      int[] position,
      double scale,
      int window,
      int B,
      int T,
      int H,
      int KV,
      int D,
      int capacity) {
    double[] o = new double[q.length];
    int width = KV * D;
    for (int b = 0; b < B; b++) {
      for (int t = 0; t < T; t++) {
        int to = (b * capacity + (position[b] + t) % capacity) * width;
        System.arraycopy(k, (b * T + t) * width, keys, to, width);
        System.arraycopy(v, (b * T + t) * width, values, to, width);
      }
      for (int t = 0; t < T; t++) {
        int at = position[b] + t;
        int first = Math.max(0, position[b] + T - capacity);
        first = window > 0 ? Math.max(first, at - window + 1) : first;
        for (int h = 0; h < H; h++) {
          double sum = 0;
          int query = ((b * T + t) * H + h) * D;
          for (int s = first; s <= at; s++) {
            int key = ((b * capacity + s % capacity) * KV + h / (H / KV)) * D;
            double score = 0;
            for (int d = 0; d < D; d++) {
              score += q[query + d] * keys[key + d];
            }
            double weight = Math.exp(score * scale);
            sum += weight;
            for (int d = 0; d < D; d++) {
              o[query + d] += weight * values[key + d];
            }
          }
          for (int d = 0; d < D; d++) {
            o[query + d] /= sum;
          }
        }
      }
    }
    return o;
  }
}
