package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.Gemm;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import java.util.Arrays;
import java.util.function.IntConsumer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Softmax cross-entropy of an affine map on the host: rows are gathered in blocks, the logits of a
/// block live only while it is worked on.
///
/// Logits, the largest memory here, are read and written once between the products: they become
/// `e^(logit − largest)`, and what is left of the softmax's gradient, a factor a row and the row of
/// the label, is applied to the rows of `x` and `dX`, which are short.
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
  private final IntConsumer softmaxRow = this::softmax;
  private int first;

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
  /// @param rowFactor `[R]`, scratch: scale of the loss over the sum of exponentials
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
      float[] rowFactor,
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
    first = start;
    workers.run(count, softmaxRow);
    if (gradients) {
      backward(workers, start, count, x, logits);
    }
  }

  /// `dX_i = f_i Σ_j e_ij w_j − s w_label`, `dW = eᵀ (f x) − s x` in the rows of labels, with the
  /// exponentials `e` in place of the logits.
  private void backward(Workers workers, int start, int count, float[] x, float[] e) {
    int d = columns;
    int v = vocabulary;
    int dX = block * d;
    Gemm.multiply(
        workers, false, false, count, d, v, 1.0f, e, 0, v, buffers.w(), 0, d, false, x, dX, d);
    float scale = buffers.labelScale()[0];
    for (int i = 0; i < count; i++) {
      int row = buffers.chosen()[start + i];
      float factor = buffers.rowFactor()[start + i];
      multiply(x, i * d, d, factor);
      scaled(x, dX + i * d, factor, buffers.unitDX(), row * d, d);
      int label = buffers.labels()[row];
      if (label != CrossEntropyOp.IGNORED) {
        subtract(buffers.w(), label * d, scale, buffers.unitDX(), row * d, d);
      }
    }
    Gemm.multiply(
        workers,
        true,
        false,
        v,
        d,
        count,
        1.0f,
        e,
        0,
        v,
        x,
        0,
        d,
        start > 0,
        buffers.unitDW(),
        0,
        d);
    for (int i = 0; i < count; i++) {
      int row = buffers.chosen()[start + i];
      int label = buffers.labels()[row];
      if (label != CrossEntropyOp.IGNORED) {
        subtract(buffers.x(), row * d, scale, buffers.unitDW(), label * d, d);
      }
    }
  }

  /// The loss of row `i` of the block; its logits become their exponentials.
  private void softmax(int i) {
    int index = first + i;
    int offset = i * vocabulary;
    float[] logits = buffers.logits();
    int label = buffers.labels()[buffers.chosen()[index]];
    boolean counts = label != CrossEntropyOp.IGNORED;
    float labelLogit = counts ? logits[offset + label] : 0.0f;
    float largest = largest(logits, offset, vocabulary);
    float sum = exponentials(logits, offset, vocabulary, largest);
    buffers.rowLoss()[index] = counts ? largest + (float) Math.log(sum) - labelLogit : 0.0f;
    buffers.rowFactor()[index] = counts ? buffers.labelScale()[0] / sum : 0.0f;
  }

  /// Comparing and choosing takes less than half the time of the vectors' `max`, which looks for
  /// NaN and −0.
  static float largest(float[] a, int offset, int size) {
    FloatVector m = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    FloatVector k = m;
    int i = 0;
    for (; i <= size - 2 * L; i += 2 * L) {
      FloatVector p = FloatVector.fromArray(S, a, offset + i);
      FloatVector q = FloatVector.fromArray(S, a, offset + i + L);
      m = m.blend(p, p.compare(VectorOperators.GT, m));
      k = k.blend(q, q.compare(VectorOperators.GT, k));
    }
    float largest = m.max(k).reduceLanes(VectorOperators.MAX);
    for (; i < size; i++) {
      largest = Math.max(largest, a[offset + i]);
    }
    return largest;
  }

  /// `a ← e^{a − largest}`; returns the sum.
  static float exponentials(float[] a, int offset, int size, float largest) {
    FloatVector sum = FloatVector.zero(S);
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector e = VectorMath.expBelow(FloatVector.fromArray(S, a, offset + i).sub(largest));
      e.intoArray(a, offset + i);
      sum = sum.add(e);
    }
    if (i < size) {
      VectorMask<Float> rest = S.indexInRange(i, size);
      FloatVector e =
          VectorMath.expBelow(FloatVector.fromArray(S, a, offset + i, rest).sub(largest));
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

  /// `y ← factor·x`
  private static void scaled(float[] x, int xo, float factor, float[] y, int yo, int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector.fromArray(S, x, xo + i).mul(factor).intoArray(y, yo + i);
    }
    for (; i < size; i++) {
      y[yo + i] = x[xo + i] * factor;
    }
  }

  /// `y ← y − factor·x`
  private static void subtract(float[] x, int xo, float factor, float[] y, int yo, int size) {
    FloatVector minus = FloatVector.broadcast(S, -factor);
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector.fromArray(S, x, xo + i)
          .fma(minus, FloatVector.fromArray(S, y, yo + i))
          .intoArray(y, yo + i);
    }
    for (; i < size; i++) {
      y[yo + i] = Math.fma(x[xo + i], -factor, y[yo + i]);
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
