package dev.sluice.tasks.ops.attentiondecode;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Attention of new time steps over a cache of keys and values.
public final class AttentionDecodeKernels {
  private static final float LOWEST = -3.4e38f;

  private AttentionDecodeKernels() {}

  /// `cache[b, (position[b] + t) mod capacity] = x[b, t]`; where the position is negative, nothing.
  ///
  /// @param x `[B, T, W]`, Read
  /// @param position `[positions]`, Read; `positions` is 1 or `B`
  /// @param cache `[B, capacity, W]`, updated at `T` slots
  public static void append(
      FloatArray x,
      IntArray position,
      FloatArray cache,
      int positions,
      int B,
      int T,
      int W,
      int capacity) {
    for (@Parallel int row = 0; row < B * T; row++) {
      for (@Parallel int w = 0; w < W; w++) {
        int b = row / T;
        int at = position.get(b % positions) + row - b * T;
        int slot = (b * capacity + Math.max(at, 0) % capacity) * W + w;
        float value = x.get(row * W + w);
        // TornadoVM does not copy in an array that a task seems to overwrite, so it must read it
        // too.
        if (at < 0) {
          value = cache.get(slot);
        }
        cache.set(slot, value);
      }
    }
  }

  /// `o[b,t,h] = Σ_s softmax_s(scale · q[b,t,h] · keys[s]) values[s]` over the positions `s` up to
  /// its own that are still in the cache and within the window.
  ///
  /// @param q `[B, T, H, D]`, Read
  /// @param keys `[B, capacity, KV, D]`, Read
  /// @param values `[B, capacity, KV, D]`, Read
  /// @param position `[positions]`, Read; `positions` is 1 or `B`
  /// @param o `[B, T, H, D]`, Overwritten
  public static void attend(
      FloatArray q,
      FloatArray keys,
      FloatArray values,
      IntArray position,
      FloatArray o,
      float scale,
      int window,
      int positions,
      int B,
      int T,
      int H,
      int KV,
      int D,
      int capacity) {
    for (@Parallel int row = 0; row < B * T; row++) {
      for (@Parallel int h = 0; h < H; h++) {
        int b = row / T;
        int start = position.get(b % positions);
        int at = start + row - b * T;
        int from = Math.max(0, start + T - capacity);
        if (window > 0) {
          from = Math.max(from, at - window + 1);
        }
        int query = (row * H + h) * D;
        for (int d = 0; d < D; d++) {
          o.set(query + d, 0.0f);
        }
        float max = LOWEST;
        float sum = 0.0f;
        for (int s = from; s < at + 1; s++) {
          int key = ((b * capacity + s % capacity) * KV + h / (H / KV)) * D;
          float score = 0.0f;
          for (int d = 0; d < D; d++) {
            score += q.get(query + d) * keys.get(key + d);
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
            o.set(query + d, o.get(query + d) + weight * values.get(key + d));
          }
        }
        float reciprocal = 1.0f / sum;
        for (int d = 0; d < D; d++) {
          o.set(query + d, o.get(query + d) * reciprocal);
        }
      }
    }
  }
}
