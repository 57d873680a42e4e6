package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.ops.BFloatPairs;
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

  /// Pairs that a work-item reads before it uses any.
  private static final int AHEAD = 4;

  private static final float LOWEST = -3.0e38f;

  /// About [#LOWEST], twice, as bfloat16.
  private static final int LOWEST_PAIR = 0xFF61FF61;

  private LinearCrossEntropyReducedKernels() {}

  /// As [LinearCrossEntropyGroupKernels#lossAndGradient], over pairs of logits in bfloat16; groups
  /// `(rows)`.
  ///
  /// @param logits `[rows, S]`, two in each integer, Read and Overwritten
  /// @param labels `[R]`, Read
  /// @param labelScale `[1]`, Read
  /// @param rowLoss `[R]`, those rows Overwritten
  /// @param S integers of a row, at least V/2
  public static void lossAndGradient(
      KernelContext context,
      IntArray logits,
      IntArray labels,
      FloatArray labelScale,
      FloatArray rowLoss,
      int offset,
      int S,
      int V) {
    float[] largests = context.allocateFloatLocalArray(GROUP);
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int zero = item >> 31;
    int first = context.groupIdx * S;
    int last = first + V / 2;
    int label = labels.get(offset + context.groupIdx);
    float chosen = 0.0f;
    int pair = 0;
    if (label != CrossEntropyOp.IGNORED) {
      pair = logits.get(first + label / 2);
      chosen = label % 2 == 0 ? BFloatPairs.first(pair) : BFloatPairs.second(pair);
    }
    float largest = LOWEST;
    float sum = 0.0f;
    for (int p = first + item; p < last; p += AHEAD * GROUP) {
      int a = logits.get(p);
      int b = LOWEST_PAIR;
      int c = LOWEST_PAIR;
      int d = LOWEST_PAIR;
      if (p + (AHEAD - 1) * GROUP < last) {
        b = logits.get(p + GROUP);
        c = logits.get(p + 2 * GROUP);
        d = logits.get(p + 3 * GROUP);
      } else {
        if (p + GROUP < last) {
          b = logits.get(p + GROUP);
        }
        if (p + 2 * GROUP < last) {
          c = logits.get(p + 2 * GROUP);
        }
      }
      float now = TornadoMath.max(TornadoMath.max(larger(a), larger(b)), larger(c));
      now = TornadoMath.max(TornadoMath.max(now, larger(d)), largest);
      sum = sum * TornadoMath.exp(largest - now);
      sum += exponentials(a, now) + exponentials(b, now);
      sum += exponentials(c, now) + exponentials(d, now);
      largest = now;
    }
    if (V % 2 == 1 && item == 0) {
      float odd = BFloatPairs.first(logits.get(last));
      float now = TornadoMath.max(largest, odd);
      sum = sum * TornadoMath.exp(largest - now) + TornadoMath.exp(odd - now);
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
    float loss = total - chosen;
    if (label == CrossEntropyOp.IGNORED) {
      scale = 0.0f;
      loss = 0.0f;
    }
    if (item == 0) {
      rowLoss.set(offset + context.groupIdx, loss);
    }
    for (int p = first + item; p < last; p += AHEAD * GROUP) {
      if (p + (AHEAD - 1) * GROUP < last) {
        int a = logits.get(p);
        int b = logits.get(p + GROUP);
        int c = logits.get(p + 2 * GROUP);
        int d = logits.get(p + 3 * GROUP);
        logits.set(p, gradients(zero, a, total, scale));
        logits.set(p + GROUP, gradients(zero, b, total, scale));
        logits.set(p + 2 * GROUP, gradients(zero, c, total, scale));
        logits.set(p + 3 * GROUP, gradients(zero, d, total, scale));
      } else {
        for (int q = p; q < last; q += GROUP) {
          logits.set(q, gradients(zero, logits.get(q), total, scale));
        }
      }
    }
    // The work-item that has written the label's pair writes it again.
    if (label >= 0 && label / 2 < V / 2 && label / 2 % GROUP == item) {
      logits.set(first + label / 2, gradientsAt(zero, pair, total, scale, label % 2));
    }
    if (V % 2 == 1 && item == 0) {
      int odd = logits.get(last);
      if (label == V - 1) {
        logits.set(last, gradientsAt(zero, odd, total, scale, 0));
      } else {
        logits.set(last, gradients(zero, odd, total, scale));
      }
    }
  }

  private static float larger(int pair) {
    return TornadoMath.max(BFloatPairs.first(pair), BFloatPairs.second(pair));
  }

  private static float exponentials(int pair, float largest) {
    return TornadoMath.exp(BFloatPairs.first(pair) - largest)
        + TornadoMath.exp(BFloatPairs.second(pair) - largest);
  }

  /// The gradients of a pair of logits that are not the label's.
  private static int gradients(int zero, int pair, float total, float scale) {
    float first = TornadoMath.exp(BFloatPairs.first(pair) - total);
    float second = TornadoMath.exp(BFloatPairs.second(pair) - total);
    return BFloatPairs.pack(zero, first * scale, second * scale);
  }

  /// The gradients of a pair of logits of which one is the label's.
  ///
  /// @param which 0 for the first
  private static int gradientsAt(int zero, int pair, float total, float scale, int which) {
    float first = TornadoMath.exp(BFloatPairs.first(pair) - total);
    float second = TornadoMath.exp(BFloatPairs.second(pair) - total);
    if (which == 0) {
      first -= 1.0f;
    } else {
      second -= 1.0f;
    }
    return BFloatPairs.pack(zero, first * scale, second * scale);
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
}
