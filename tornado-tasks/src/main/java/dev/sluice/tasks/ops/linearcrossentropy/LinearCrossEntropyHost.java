package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.Gemm;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Softmax cross-entropy of an affine map on the host: rows are gathered in blocks, the logits of a
/// block live only while it is worked on.
public final class LinearCrossEntropyHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private final Buffers buffers;
  private final boolean allRows;
  private final boolean gradients;
  private final int block;
  private final int rows;
  private final int columns;
  private final int vocabulary;

  /// What is read and written.
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[V, D]`, Read
  /// @param labels `[R]`, Read
  /// @param labelScale `[1]`, Read
  /// @param loss `[1]`, Overwritten
  /// @param unitDX `[R, D]`, Overwritten where gradients are wanted: for a gradient of the loss of
  ///   1
  /// @param unitDW `[V, D]`, Overwritten where gradients are wanted, likewise
  /// @param logits `[block, V]`, scratch
  /// @param gathered `[2, block, D]`, scratch: rows of `x`, and their gradients
  /// @param rowLoss `[R]`, scratch
  /// @param chosen `[R]`, scratch: numbers of the rows that are computed
  public record Buffers(
      float[] x,
      float[] w,
      int[] labels,
      float[] labelScale,
      float[] loss,
      float[] unitDX,
      float[] unitDW,
      float[] logits,
      float[] gathered,
      float[] rowLoss,
      int[] chosen) {}

  /// Plans the work.
  ///
  /// @param allRows whether rows without a label are computed too
  /// @param gradients whether gradients are wanted
  /// @param block rows whose logits are there at once
  LinearCrossEntropyHost(
      Buffers buffers,
      boolean allRows,
      boolean gradients,
      int block,
      int rows,
      int columns,
      int vocabulary) {
    this.buffers = buffers;
    this.allRows = allRows;
    this.gradients = gradients;
    this.block = block;
    this.rows = rows;
    this.columns = columns;
    this.vocabulary = vocabulary;
  }

  /// Loss, and gradients where wanted.
  public void run(Workers workers) {
    int count = choose();
    if (gradients && count < rows) {
      Arrays.fill(buffers.unitDX(), 0, rows * columns, 0.0f);
    }
    if (gradients && count == 0) {
      Arrays.fill(buffers.unitDW(), 0, vocabulary * columns, 0.0f);
    }
    for (int start = 0; start < count; start += block) {
      block(workers, start, Math.min(block, count - start));
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += buffers.rowLoss()[i];
    }
    buffers.loss()[0] = (float) (sum * buffers.labelScale()[0]);
  }

  private int choose() {
    int count = 0;
    for (int r = 0; r < rows; r++) {
      if (allRows || buffers.labels()[r] != CrossEntropyOp.IGNORED) {
        buffers.chosen()[count++] = r;
      }
    }
    return count;
  }

  private void block(Workers workers, int start, int count) {
    float[] x = buffers.gathered();
    float[] logits = buffers.logits();
    int d = columns;
    int v = vocabulary;
    for (int i = 0; i < count; i++) {
      System.arraycopy(buffers.x(), buffers.chosen()[start + i] * d, x, i * d, d);
    }
    Gemm.multiply(
        workers, false, true, count, v, d, 1.0f, x, 0, d, buffers.w(), 0, d, false, logits, 0, v);
    workers.run(count, i -> softmax(start + i, i * v));
    if (gradients) {
      int dX = block * d;
      Gemm.multiply(
          workers,
          false,
          false,
          count,
          d,
          v,
          1.0f,
          logits,
          0,
          v,
          buffers.w(),
          0,
          d,
          false,
          x,
          dX,
          d);
      for (int i = 0; i < count; i++) {
        System.arraycopy(x, dX + i * d, buffers.unitDX(), buffers.chosen()[start + i] * d, d);
      }
      Gemm.multiply(
          workers,
          true,
          false,
          v,
          d,
          count,
          1.0f,
          logits,
          0,
          v,
          x,
          0,
          d,
          start > 0,
          buffers.unitDW(),
          0,
          d);
    }
  }

  /// The loss of one row; its logits become their gradients where gradients are wanted.
  private void softmax(int index, int offset) {
    float[] logits = buffers.logits();
    int label = buffers.labels()[buffers.chosen()[index]];
    boolean counts = label != CrossEntropyOp.IGNORED;
    float labelLogit = counts ? logits[offset + label] : 0.0f;
    float largest = largest(logits, offset, vocabulary);
    float sum = exponentials(logits, offset, vocabulary, largest);
    buffers.rowLoss()[index] = counts ? largest + (float) Math.log(sum) - labelLogit : 0.0f;
    if (gradients) {
      float scale = counts ? buffers.labelScale()[0] : 0.0f;
      multiply(logits, offset, vocabulary, scale / sum);
      if (counts) {
        logits[offset + label] -= scale;
      }
    }
  }

  private static float largest(float[] a, int offset, int size) {
    FloatVector most = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= size - L; i += L) {
      most = most.max(FloatVector.fromArray(S, a, offset + i));
    }
    float largest = Float.NEGATIVE_INFINITY;
    for (int lane = 0; lane < L; lane++) {
      largest = Math.max(largest, most.lane(lane));
    }
    for (; i < size; i++) {
      largest = Math.max(largest, a[offset + i]);
    }
    return largest;
  }

  /// `a ← e^{a − largest}`; returns the sum.
  private static float exponentials(float[] a, int offset, int size, float largest) {
    FloatVector sum = FloatVector.zero(S);
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(S, a, offset + i).sub(largest));
      e.intoArray(a, offset + i);
      sum = sum.add(e);
    }
    if (i < size) {
      VectorMask<Float> rest = S.indexInRange(i, size);
      FloatVector e = VectorMath.exp(FloatVector.fromArray(S, a, offset + i, rest).sub(largest));
      e.intoArray(a, offset + i, rest);
      sum = sum.add(e, rest);
    }
    return VectorMath.sum(sum);
  }

  private static void multiply(float[] a, int offset, int size, float factor) {
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector.fromArray(S, a, offset + i).mul(factor).intoArray(a, offset + i);
    }
    for (; i < size; i++) {
      a[offset + i] *= factor;
    }
  }

  /// `gradient (+)= dLoss·unit`
  ///
  /// @param unit `[size]`, Read
  /// @param dLoss `[1]`, Read
  /// @param gradient `[size]`, Overwritten, or Accumulated where `accumulate`
  static void scaleUnit(
      Workers workers,
      float[] unit,
      float[] dLoss,
      float[] gradient,
      boolean accumulate,
      int size) {
    int part = 1 << 14;
    workers.run(
        (size + part - 1) / part,
        p -> {
          float factor = dLoss[0];
          int end = Math.min(size, (p + 1) * part);
          if (accumulate) {
            for (int i = p * part; i < end; i++) {
              gradient[i] += factor * unit[i];
            }
          } else {
            for (int i = p * part; i < end; i++) {
              gradient[i] = factor * unit[i];
            }
          }
        });
  }
}
