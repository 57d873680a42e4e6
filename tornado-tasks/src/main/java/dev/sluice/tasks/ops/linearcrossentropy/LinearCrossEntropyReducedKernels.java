package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.BFloat16;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Softmax cross-entropy of an affine map whose operands and logits are in bfloat16: half the
/// bytes. Sums, losses and what leaves the op are in float32.
public final class LinearCrossEntropyReducedKernels {
  private static final int GROUP = LinearCrossEntropyGroupKernels.GROUP;

  /// Elements that a work-item reads before it uses any.
  private static final int AHEAD = 4;

  private static final float LOWEST = -3.0e38f;

  private LinearCrossEntropyReducedKernels() {}

  /// As [LinearCrossEntropyGroupKernels#lossAndGradient], over logits in bfloat16; groups `(rows)`.
  ///
  /// @param logits `[rows, V]`, Read and Overwritten
  /// @param labels `[R]`, Read
  /// @param labelScale `[1]`, Read
  /// @param rowLoss `[R]`, those rows Overwritten
  public static void lossAndGradient(
      KernelContext context,
      BFloat16Array logits,
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
      chosen = BFloat16.bf16ToFloat(logits.get(first + label));
    }
    float largest = LOWEST;
    float sum = 0.0f;
    for (int v = item; v < V; v += AHEAD * GROUP) {
      float a = BFloat16.bf16ToFloat(logits.get(first + v));
      float b = LOWEST;
      float c = LOWEST;
      float d = LOWEST;
      if (v + (AHEAD - 1) * GROUP < V) {
        b = BFloat16.bf16ToFloat(logits.get(first + v + GROUP));
        c = BFloat16.bf16ToFloat(logits.get(first + v + 2 * GROUP));
        d = BFloat16.bf16ToFloat(logits.get(first + v + 3 * GROUP));
      } else {
        if (v + GROUP < V) {
          b = BFloat16.bf16ToFloat(logits.get(first + v + GROUP));
        }
        if (v + 2 * GROUP < V) {
          c = BFloat16.bf16ToFloat(logits.get(first + v + 2 * GROUP));
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
        float a = BFloat16.bf16ToFloat(logits.get(first + v));
        float b = BFloat16.bf16ToFloat(logits.get(first + v + GROUP));
        float c = BFloat16.bf16ToFloat(logits.get(first + v + 2 * GROUP));
        float d = BFloat16.bf16ToFloat(logits.get(first + v + 3 * GROUP));
        logits.set(first + v, BFloat16.bf16FromFloat(gradient(a, total, scale, label, v)));
        logits.set(
            first + v + GROUP, BFloat16.bf16FromFloat(gradient(b, total, scale, label, v + GROUP)));
        logits.set(
            first + v + 2 * GROUP,
            BFloat16.bf16FromFloat(gradient(c, total, scale, label, v + 2 * GROUP)));
        logits.set(
            first + v + 3 * GROUP,
            BFloat16.bf16FromFloat(gradient(d, total, scale, label, v + 3 * GROUP)));
      } else {
        for (int u = v; u < V; u += GROUP) {
          logits.set(
              first + u,
              BFloat16.bf16FromFloat(
                  gradient(BFloat16.bf16ToFloat(logits.get(first + u)), total, scale, label, u)));
        }
      }
    }
  }

  /// `part[i] = x[offset + i]`
  ///
  /// @param x Read
  /// @param part `[size]`, Overwritten
  public static void narrow(FloatArray x, BFloat16Array part, int offset, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      part.set(i, BFloat16.bf16FromFloat(x.get(offset + i)));
    }
  }

  /// `all[offset + i] (+)= part[i]`
  ///
  /// @param part `[size]`, Read
  /// @param all those elements Overwritten, or Accumulated where `accumulate` is 1
  public static void widen(
      BFloat16Array part, FloatArray all, int accumulate, int offset, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float value = BFloat16.bf16ToFloat(part.get(i));
      if (accumulate == 1) {
        value += all.get(offset + i);
      }
      all.set(offset + i, value);
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
