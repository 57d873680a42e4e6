package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.Gemm;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import java.util.Arrays;
import java.util.function.IntConsumer;

/// Softmax cross-entropy of an affine map on the host: rows are gathered in blocks, the logits of a
/// block live only while it is worked on.
///
/// Logits lie transposed, `[V, B]`: then no product has to turn an operand round, sums and maxima
/// of rows are those of vectors, and what a thread has computed of them, a chunk of the vocabulary,
/// it works on while it is in the thread's cache. They become `e^(logit − largest)`; what is left
/// of the softmax's gradient, a factor a row and the row of the label, is applied to the rows of
/// `x` and `dX`, which are short.
public final class LinearCrossEntropyHost {
  /// A part's products run on the thread that has the part.
  private static final Workers ALONE = Workers.of(1);

  /// Rows that are combined at once.
  private static final int ROWS = 16;

  private final Buffers buffers;
  private final boolean allRows;
  private final boolean gradients;
  private final LinearCrossEntropyParts parts;
  private final int rows;
  private final int columns;
  private final int vocabulary;
  private final IntConsumer logits = this::logits;
  private final IntConsumer exponentials = this::exponentials;
  private final IntConsumer combine = this::combine;
  private int first;
  private int count;

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
  /// @param logits `[V, B]`, scratch, with `B` rows of a block
  /// @param gathered `[1 + chunks, B, D]`, scratch: rows of `x`, and what each chunk adds to their
  ///   gradients
  /// @param statistics `[2·chunks + 2, B]`, scratch: maxima and sums of each chunk, maxima of all,
  ///   logits of labels
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
      float[] statistics,
      float[] rowLoss,
      int[] chosen) {}

  /// Plans the work.
  ///
  /// @param allRows whether rows without a label are computed too
  /// @param gradients whether gradients are wanted
  /// @param parts how the logits of a block are cut
  LinearCrossEntropyHost(
      Buffers buffers,
      boolean allRows,
      boolean gradients,
      LinearCrossEntropyParts parts,
      int rows,
      int columns,
      int vocabulary) {
    this.buffers = buffers;
    this.allRows = allRows;
    this.gradients = gradients;
    this.parts = parts;
    this.rows = rows;
    this.columns = columns;
    this.vocabulary = vocabulary;
  }

  /// Loss, and gradients where wanted.
  public void run(Workers workers) {
    int all = choose();
    if (gradients && all < rows) {
      Arrays.fill(buffers.unitDX(), 0, rows * columns, 0.0f);
    }
    if (gradients && all == 0) {
      Arrays.fill(buffers.unitDW(), 0, vocabulary * columns, 0.0f);
    }
    for (first = 0; first < all; first += parts.block()) {
      count = Math.min(parts.block(), all - first);
      block(workers);
    }
    double sum = 0;
    for (int i = 0; i < all; i++) {
      sum += buffers.rowLoss()[i];
    }
    buffers.loss()[0] = (float) (sum * buffers.labelScale()[0]);
  }

  private int choose() {
    int all = 0;
    for (int r = 0; r < rows; r++) {
      if (allRows || buffers.labels()[r] != CrossEntropyOp.IGNORED) {
        buffers.chosen()[all++] = r;
      }
    }
    return all;
  }

  /// `dX_i = f_i Σ_j e_ij w_j − s w_label`, `dW = eᵀ (f x) − s x` in the rows of labels, with the
  /// exponentials `e` in place of the logits.
  private void block(Workers workers) {
    float[] x = buffers.gathered();
    int d = columns;
    for (int i = 0; i < count; i++) {
      System.arraycopy(buffers.x(), row(i) * d, x, i * d, d);
    }
    workers.run(parts.count(), logits);
    findLargest();
    workers.run(parts.count(), exponentials);
    workers.run(Math.ceilDiv(count, ROWS), combine);
    if (!gradients) {
      return;
    }
    int wide = parts.stride();
    boolean add = first > 0;
    float[] dW = buffers.unitDW();
    Gemm.multiply(
        workers,
        false,
        false,
        vocabulary,
        d,
        count,
        1.0f,
        buffers.logits(),
        0,
        wide,
        x,
        0,
        d,
        add,
        dW,
        0,
        d);
    float scale = buffers.labelScale()[0];
    for (int i = 0; i < count; i++) {
      int label = buffers.labels()[row(i)];
      if (label != CrossEntropyOp.IGNORED) {
        LinearCrossEntropyLoops.subtract(buffers.x(), row(i) * d, scale, dW, label * d, d);
      }
    }
  }

  /// Number `i` of the block among all rows.
  private int row(int i) {
    return buffers.chosen()[first + i];
  }

  /// The logits of a part, and their maxima.
  private void logits(int part) {
    int size = parts.columns(part, count);
    if (size <= 0) {
      return;
    }
    int d = columns;
    int words = parts.words(part);
    int wide = parts.stride();
    float[] z = buffers.logits();
    int at = parts.logits(part);
    float[] x = buffers.gathered();
    Gemm.multiply(
        ALONE,
        false,
        true,
        words,
        size,
        d,
        1.0f,
        buffers.w(),
        parts.firstWord(part) * d,
        d,
        x,
        parts.firstColumn(part) * d,
        d,
        false,
        z,
        at,
        wide);
    LinearCrossEntropyLoops.maxima(
        z, at, wide, words, size, buffers.statistics(), parts.maxima(part));
  }

  private void findLargest() {
    float[] s = buffers.statistics();
    int largest = parts.largest();
    for (int i = 0; i < count; i++) {
      float most = s[i];
      for (int chunk = 1; chunk < parts.chunks(); chunk++) {
        most = Math.max(most, s[chunk * parts.stride() + i]);
      }
      s[largest + i] = most;
      int label = buffers.labels()[row(i)];
      boolean counts = label != CrossEntropyOp.IGNORED;
      s[parts.labels() + i] = counts ? buffers.logits()[label * parts.stride() + i] : 0.0f;
    }
  }

  /// The exponentials of a part, their sums, and what the part adds to `dX`.
  private void exponentials(int part) {
    int size = parts.columns(part, count);
    if (size <= 0) {
      return;
    }
    int d = columns;
    int words = parts.words(part);
    int wide = parts.stride();
    float[] e = buffers.logits();
    int at = parts.logits(part);
    float[] s = buffers.statistics();
    int largest = parts.largest() + parts.firstColumn(part);
    LinearCrossEntropyLoops.exponentials(e, at, wide, words, size, s, largest, parts.sums(part));
    if (gradients) {
      float[] dX = buffers.gathered();
      int to = parts.gradients(part, d);
      Gemm.multiply(
          ALONE,
          true,
          false,
          size,
          d,
          words,
          1.0f,
          e,
          at,
          wide,
          buffers.w(),
          parts.firstWord(part) * d,
          d,
          false,
          dX,
          to,
          d);
    }
  }

  /// Losses of some rows, their gradients, and rows of `x` by the rows' factors.
  private void combine(int part) {
    int end = Math.min(count, (part + 1) * ROWS);
    float[] s = buffers.statistics();
    int d = columns;
    float[] x = buffers.gathered();
    float scale = buffers.labelScale()[0];
    for (int i = part * ROWS; i < end; i++) {
      float sum = 0;
      for (int chunk = 0; chunk < parts.chunks(); chunk++) {
        sum += s[(parts.chunks() + chunk) * parts.stride() + i];
      }
      int row = row(i);
      int label = buffers.labels()[row];
      boolean counts = label != CrossEntropyOp.IGNORED;
      float logSum = s[parts.largest() + i] + (float) Math.log(sum);
      buffers.rowLoss()[first + i] = counts ? logSum - s[parts.labels() + i] : 0.0f;
      if (gradients) {
        float factor = counts ? scale / sum : 0.0f;
        float[] dX = buffers.unitDX();
        LinearCrossEntropyLoops.multiply(x, i * d, d, factor);
        int own = (parts.block() + i) * d;
        LinearCrossEntropyLoops.addUp(
            x, own, parts.block() * d, parts.chunks(), factor, dX, row * d, d);
        if (counts) {
          LinearCrossEntropyLoops.subtract(buffers.w(), label * d, scale, dX, row * d, d);
        }
      }
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
