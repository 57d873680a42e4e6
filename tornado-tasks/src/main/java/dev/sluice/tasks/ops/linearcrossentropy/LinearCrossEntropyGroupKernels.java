package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Loss and gradient of a block of logits, a work-group a row: the row is read from memory once,
/// and a second time, from a cache, when its gradient replaces it.
public final class LinearCrossEntropyGroupKernels {
  /// Work-items that share a row.
  public static final int GROUP = 256;

  /// Elements that a work-item reads before it uses any.
  private static final int AHEAD = 4;

  private static final float LOWEST = -3.0e38f;

  private LinearCrossEntropyGroupKernels() {}

  /// `rowLoss[offset + r] = log Σ_v e^{logits[r,v]} − logits[r,label]`, then `logits[r,v] ←
  /// labelScale·(e^{logits[r,v]} / Σ_u e^{logits[r,u]} − [v = label])`; both are 0 in ignored rows.
  /// Groups `(rows)`.
  ///
  /// Each work-item keeps the largest element so far, m, and `Σ e^{x − m}`, which a larger one
  /// scales down (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018).
  ///
  /// @param logits `[rows, V]`, Read and Overwritten
  /// @param labels `[R]`, Read
  /// @param labelScale `[1]`, Read
  /// @param rowLoss `[R]`, those rows Overwritten
  public static void lossAndGradient(
      KernelContext context,
      FloatArray logits,
      IntArray labels,
      FloatArray labelScale,
      FloatArray rowLoss,
      int offset,
      int V) {
    float[] largests = context.allocateFloatLocalArray(GROUP);
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int first = context.groupIdx * V;
    int label = labels.get(offset + context.groupIdx);
    float chosen = 0.0f;
    if (label != CrossEntropyOp.IGNORED) {
      chosen = logits.get(first + label);
    }
    float largest = LOWEST;
    float sum = 0.0f;
    for (int v = item; v < V; v += AHEAD * GROUP) {
      float a = logits.get(first + v);
      float b = LOWEST;
      float c = LOWEST;
      float d = LOWEST;
      if (v + (AHEAD - 1) * GROUP < V) {
        b = logits.get(first + v + GROUP);
        c = logits.get(first + v + 2 * GROUP);
        d = logits.get(first + v + 3 * GROUP);
      } else {
        if (v + GROUP < V) {
          b = logits.get(first + v + GROUP);
        }
        if (v + 2 * GROUP < V) {
          c = logits.get(first + v + 2 * GROUP);
        }
      }
      float now = TornadoMath.max(TornadoMath.max(a, b), TornadoMath.max(c, d));
      now = TornadoMath.max(largest, now);
      sum =
          sum * TornadoMath.exp(largest - now)
              + TornadoMath.exp(a - now)
              + TornadoMath.exp(b - now)
              + TornadoMath.exp(c - now)
              + TornadoMath.exp(d - now);
      largest = now;
    }
    largests[item] = largest;
    sums[item] = sum;
    for (int width = GROUP / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (item < width) {
        float other = largests[item + width];
        float now = TornadoMath.max(largest, other);
        sum =
            sum * TornadoMath.exp(largest - now)
                + sums[item + width] * TornadoMath.exp(other - now);
        largest = now;
        largests[item] = largest;
        sums[item] = sum;
      }
    }
    context.localBarrier();
    float total = largests[0] + TornadoMath.log(sums[0]);
    float scale = labelScale.get(0);
    if (item == 0) {
      float loss = 0.0f;
      if (label != CrossEntropyOp.IGNORED) {
        loss = total - chosen;
      }
      rowLoss.set(offset + context.groupIdx, loss);
    }
    for (int v = item; v < V; v += AHEAD * GROUP) {
      if (v + (AHEAD - 1) * GROUP < V) {
        float a = logits.get(first + v);
        float b = logits.get(first + v + GROUP);
        float c = logits.get(first + v + 2 * GROUP);
        float d = logits.get(first + v + 3 * GROUP);
        logits.set(first + v, gradient(a, total, scale, label, v));
        logits.set(first + v + GROUP, gradient(b, total, scale, label, v + GROUP));
        logits.set(first + v + 2 * GROUP, gradient(c, total, scale, label, v + 2 * GROUP));
        logits.set(first + v + 3 * GROUP, gradient(d, total, scale, label, v + 3 * GROUP));
      } else {
        for (int u = v; u < V; u += GROUP) {
          logits.set(first + u, gradient(logits.get(first + u), total, scale, label, u));
        }
      }
    }
  }

  private static float gradient(float logit, float total, float scale, int label, int v) {
    float value = TornadoMath.exp(logit - total);
    if (label == v) {
      value -= 1.0f;
    }
    value = value * scale;
    if (label == CrossEntropyOp.IGNORED) {
      value = 0.0f;
    }
    return value;
  }
}
