package dev.sluice.tasks.ops.crossentropy;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Softmax cross-entropy: a row a work-item or a work-group, then sums in fixed blocks.
public final class CrossEntropyKernels {
  /// Work-items that share a row.
  public static final int GROUP = 128;

  private static final float LOWEST = -3.0e38f;

  private CrossEntropyKernels() {}

  /// `logSum[r] = log Σ_v e^{logits[r,v]}`, `rowLoss[r] = logSum[r] − logits[r,labels[r]]`, or 0
  /// where the label is ignored
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[…]`, Read from `offset` on
  /// @param logSum `[…]`, Overwritten from `offset` on; saved for the backward pass
  /// @param rowLoss `[…]`, Overwritten from `offset` on
  public static void forward(
      FloatArray logits,
      IntArray labels,
      FloatArray logSum,
      FloatArray rowLoss,
      int offset,
      int R,
      int V) {
    for (@Parallel int r = 0; r < R; r++) {
      float largest = LOWEST;
      for (int v = 0; v < V; v++) {
        largest = TornadoMath.max(largest, logits.get(r * V + v));
      }
      float sum = 0.0f;
      for (int v = 0; v < V; v++) {
        sum += TornadoMath.exp(logits.get(r * V + v) - largest);
      }
      float total = largest + TornadoMath.log(sum);
      logSum.set(offset + r, total);
      int label = labels.get(offset + r);
      float loss = 0.0f;
      if (label != CrossEntropyOp.IGNORED) {
        loss = total - logits.get(r * V + label);
      }
      rowLoss.set(offset + r, loss);
    }
  }

  /// [#forward] with a work-group of [#GROUP] for each row; groups `(R)`.
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[…]`, Read from `offset` on
  /// @param logSum `[…]`, Overwritten from `offset` on; saved for the backward pass
  /// @param rowLoss `[…]`, Overwritten from `offset` on
  public static void forwardGrouped(
      KernelContext context,
      FloatArray logits,
      IntArray labels,
      FloatArray logSum,
      FloatArray rowLoss,
      int offset,
      int V) {
    float[] shared = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int r = context.groupIdx;
    float largest = LOWEST;
    for (int v = item; v < V; v += GROUP) {
      largest = TornadoMath.max(largest, logits.get(r * V + v));
    }
    shared[item] = largest;
    context.localBarrier();
    for (int stride = GROUP / 2; stride > 0; stride = stride / 2) {
      if (item < stride) {
        shared[item] = TornadoMath.max(shared[item], shared[item + stride]);
      }
      context.localBarrier();
    }
    largest = shared[0];
    context.localBarrier();
    float sum = 0.0f;
    for (int v = item; v < V; v += GROUP) {
      sum += TornadoMath.exp(logits.get(r * V + v) - largest);
    }
    shared[item] = sum;
    context.localBarrier();
    for (int stride = GROUP / 2; stride > 0; stride = stride / 2) {
      if (item < stride) {
        shared[item] = shared[item] + shared[item + stride];
      }
      context.localBarrier();
    }
    if (item == 0) {
      float total = largest + TornadoMath.log(shared[0]);
      int label = labels.get(offset + r);
      float loss = 0.0f;
      if (label != CrossEntropyOp.IGNORED) {
        loss = total - logits.get(r * V + label);
      }
      logSum.set(offset + r, total);
      rowLoss.set(offset + r, loss);
    }
  }

  /// Sums over blocks of rows, so that the order of addition is fixed: `partial[b] = Σ_{r in block
  /// b} rowLoss[r]`
  ///
  /// @param rowLoss `[R]`, Read
  /// @param partial `[blocks]`, Overwritten
  public static void sumRows(FloatArray rowLoss, FloatArray partial, int blocks, int R) {
    for (@Parallel int b = 0; b < blocks; b++) {
      int rows = (R + blocks - 1) / blocks;
      int end = Math.min(R, (b + 1) * rows);
      float sum = 0.0f;
      for (int r = b * rows; r < end; r++) {
        sum += rowLoss.get(r);
      }
      partial.set(b, sum);
    }
  }

  /// `loss = labelScale · Σ_b partial[b]`
  ///
  /// @param partial `[blocks]`, Read
  /// @param labelScale `[1]`, Read
  /// @param loss `[1]`, Overwritten
  public static void sumBlocks(
      FloatArray partial, FloatArray labelScale, FloatArray loss, int blocks) {
    for (@Parallel int i = 0; i < 1; i++) {
      float sum = 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial.get(b);
      }
      loss.set(i, sum * labelScale.get(i));
    }
  }

  /// `loss = labelScale · Σ_r rowLoss[r]`; one group of [#GROUP].
  ///
  /// @param rowLoss `[R]`, Read
  /// @param labelScale `[1]`, Read
  /// @param loss `[1]`, Overwritten
  public static void sumGrouped(
      KernelContext context, FloatArray rowLoss, FloatArray labelScale, FloatArray loss, int R) {
    float[] sums = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    float sum = 0.0f;
    for (int r = item; r < R; r += GROUP) {
      sum += rowLoss.get(r);
    }
    sums[item] = sum;
    for (int width = GROUP / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (item < width) {
        sums[item] += sums[item + width];
      }
    }
    if (item == 0) {
      loss.set(0, sums[0] * labelScale.get(0));
    }
  }

  /// `dLogits[r,v] (+)= dLoss·labelScale·(e^{logits[r,v] − logSum[r]} − [v = labels[r]])`, 0 in
  /// ignored rows
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[…]`, Read from `offset` on
  /// @param labelScale `[1]`, Read
  /// @param dLoss `[1]`, Read
  /// @param dLogits `[R, V]`, Overwritten, or Accumulated where `accumulate` is 1; may be `logits`
  /// @param logSum `[…]`, Read from `offset` on; of the forward pass
  public static void backward(
      FloatArray logits,
      IntArray labels,
      FloatArray labelScale,
      FloatArray dLoss,
      FloatArray dLogits,
      FloatArray logSum,
      int accumulate,
      int offset,
      int R,
      int V) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int v = 0; v < V; v++) {
        int label = labels.get(offset + r);
        float gradient = 0.0f;
        if (label != CrossEntropyOp.IGNORED) {
          gradient = TornadoMath.exp(logits.get(r * V + v) - logSum.get(offset + r));
          if (label == v) {
            gradient -= 1.0f;
          }
          gradient = gradient * labelScale.get(0) * dLoss.get(0);
        }
        if (accumulate == 1) {
          gradient += dLogits.get(r * V + v);
        }
        dLogits.set(r * V + v, gradient);
      }
    }
  }
}
