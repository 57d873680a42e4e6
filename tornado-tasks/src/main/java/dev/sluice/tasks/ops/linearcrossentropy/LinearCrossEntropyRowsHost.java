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

/// Losses and first choices of the rows of an affine map on the host: rows with a label are
/// gathered in blocks, the logits of a block live only while it is worked on. It uses what
/// [LinearCrossEntropyHost] uses, which is compiled by then.
public final class LinearCrossEntropyRowsHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private final Buffers buffers;
  private final int block;
  private final int rows;
  private final int columns;
  private final int vocabulary;
  private final IntConsumer judgeRow = this::judge;
  private int first;

  /// What is read and written.
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[V, D]`, Read
  /// @param labels `[R]`, Read
  /// @param rowLoss `[R]`, Overwritten
  /// @param right `[R]`, Overwritten
  /// @param logits `[block, V]`, scratch
  /// @param gathered `[block, D]`, scratch: rows of `x`
  /// @param chosen `[R]`, scratch: numbers of the rows with a label
  public record Buffers(
      float[] x,
      float[] w,
      int[] labels,
      float[] rowLoss,
      float[] right,
      float[] logits,
      float[] gathered,
      int[] chosen) {}

  /// Plans the work.
  ///
  /// @param block rows whose logits are there at once
  LinearCrossEntropyRowsHost(Buffers buffers, int block, int rows, int columns, int vocabulary) {
    this.buffers = buffers;
    this.block = block;
    this.rows = rows;
    this.columns = columns;
    this.vocabulary = vocabulary;
  }

  /// `rowLoss[r] = log Σ_v e^{l[r,v]} − l[r,labels[r]]` with the logits `l = x·wᵀ`, and `right[r] =
  /// [labels[r] = the first v of the largest l[r,v]]`; both 0 where the label is ignored, and
  /// `right` also where a logit is not a number.
  public void run(Workers workers) {
    Arrays.fill(buffers.rowLoss(), 0, rows, 0.0f);
    Arrays.fill(buffers.right(), 0, rows, 0.0f);
    int count = 0;
    for (int r = 0; r < rows; r++) {
      if (buffers.labels()[r] != CrossEntropyOp.IGNORED) {
        buffers.chosen()[count++] = r;
      }
    }
    for (int start = 0; start < count; start += block) {
      block(workers, start, Math.min(block, count - start));
    }
  }

  private void block(Workers workers, int start, int count) {
    int d = columns;
    int v = vocabulary;
    float[] x = buffers.gathered();
    float[] logits = buffers.logits();
    for (int i = 0; i < count; i++) {
      System.arraycopy(buffers.x(), buffers.chosen()[start + i] * d, x, i * d, d);
    }
    Gemm.multiply(
        workers, false, true, count, v, d, 1.0f, x, 0, d, buffers.w(), 0, d, false, logits, 0, v);
    first = start;
    workers.run(count, judgeRow);
  }

  private void judge(int i) {
    int row = buffers.chosen()[first + i];
    int offset = i * vocabulary;
    int label = buffers.labels()[row];
    float[] logits = buffers.logits();
    float chosen = logits[offset + label];
    float largest = largest(logits, offset, vocabulary);
    boolean right = chosen == largest && !contains(logits, offset, offset + label, largest);
    float sum = exponentials(logits, offset, vocabulary, largest);
    buffers.rowLoss()[row] = largest + (float) Math.log(sum) - chosen;
    // A logit that is not a number makes a sum that is none.
    buffers.right()[row] = right && !Float.isNaN(sum) ? 1.0f : 0.0f;
  }

  private static boolean contains(float[] a, int from, int to, float value) {
    for (int i = from; i < to; i++) {
      if (a[i] == value) {
        return true;
      }
    }
    return false;
  }

  /// Comparing and choosing takes less than half the time of the vectors' `max`, which looks for
  /// NaN and −0.
  private static float largest(float[] a, int offset, int size) {
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
  private static float exponentials(float[] a, int offset, int size, float largest) {
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
}
