package dev.sluice.tasks.ops.firstchoice;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Counts what comes before a row's label: a row a work-item or a work-group.
public final class FirstChoiceKernels {
  /// Work-items that share a row.
  public static final int GROUP = 128;

  private FirstChoiceKernels() {}

  /// `right[r] = [labels[r] = the first v of the largest logits[r,v]]`; 0 where the label is
  /// negative or its logit is not a number, which no comparison holds for
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[R]`, Read
  /// @param right `[R]`, Overwritten
  public static void forward(FloatArray logits, IntArray labels, FloatArray right, int R, int V) {
    for (@Parallel int r = 0; r < R; r++) {
      int label = labels.get(r);
      float first = 0.0f;
      if (label >= 0) {
        float chosen = logits.get(r * V + label);
        int before = 0;
        for (int v = 0; v < label; v++) {
          if (!(logits.get(r * V + v) < chosen)) {
            before++;
          }
        }
        for (int v = label; v < V; v++) {
          if (!(logits.get(r * V + v) <= chosen)) {
            before++;
          }
        }
        if (before == 0) {
          first = 1.0f;
        }
      }
      right.set(r, first);
    }
  }

  /// [#forward] with a work-group of [#GROUP] for each row; groups `(R)`.
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[R]`, Read
  /// @param right `[R]`, Overwritten
  public static void forwardGrouped(
      KernelContext context, FloatArray logits, IntArray labels, FloatArray right, int V) {
    float[] counts = context.allocateFloatLocalArray(GROUP);
    int item = context.localIdx;
    int r = context.groupIdx;
    int label = labels.get(r);
    int row = r * V;
    float before = 0.0f;
    if (label >= 0) {
      float chosen = logits.get(row + label);
      for (int v = item; v < V; v += GROUP) {
        float value = logits.get(row + v);
        if (!(value <= chosen)) {
          before += 1.0f;
        }
        if (v < label) {
          if (value == chosen) {
            before += 1.0f;
          }
        }
      }
    }
    counts[item] = before;
    for (int width = GROUP / 2; width > 0; width = width / 2) {
      context.localBarrier();
      if (item < width) {
        counts[item] += counts[item + width];
      }
    }
    if (item == 0) {
      float first = 0.0f;
      if (label >= 0) {
        if (counts[0] < 0.5f) {
          first = 1.0f;
        }
      }
      right.set(r, first);
    }
  }
}
