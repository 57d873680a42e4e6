package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyKernels;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import dev.sluice.tasks.ops.linear.CublasProduct;
import dev.sluice.tasks.ops.linear.TiledProduct;
import dev.sluice.tasks.ops.linear.TiledProduct.Extents;
import dev.sluice.tasks.ops.linear.TiledProduct.Operand;

/// The tasks of the forward pass. Whether gradients are wanted is known only after it was appended
/// to the graph, but before it is lowered.
final class LinearCrossEntropyTasks {
  /// Logits that are there at once on a device: 32 MiB.
  private static final int DEVICE_LOGITS = 1 << 23;

  /// Logits that are there at once for cuBLAS: 128 MiB.
  private static final int CUBLAS_LOGITS = 1 << 25;

  /// Logits that are there at once for cuBLAS in bfloat16: 256 MiB. With a quarter of it, the step
  /// of 16384 × 8192 logits took 0.1 ms longer on an H100.
  private static final int REDUCED_LOGITS = 1 << 27;

  /// Blocks at most, since each takes tasks of a graph that holds few.
  private static final int DEVICE_BLOCKS = 16;

  /// Logits that are there at once on the host, where they should stay in its caches.
  private static final int HOST_LOGITS = 1 << 21;

  /// From this many times as many tokens as columns on, TF32 logits are computed from the
  /// transposed weight: on an H100 that took 0.4 ms less for 16384 × 8192 of them, while in
  /// bfloat16 it took longer.
  private static final int TRANSPOSING = 16;

  private static final int HOST_LEAST_ROWS = 32;
  private static final int HOST_MOST_ROWS = 512;

  final LinearCrossEntropyImplementation by;
  final Tensor x;
  final Tensor weight;
  final Tensor loss;
  final Tensor unitDX;
  final Tensor unitDW;
  final Tensor labels;
  final Tensor labelScale;
  private final Tensor logits;
  private final Tensor gathered;
  private final Tensor transposed;
  final Tensor rowLoss;
  private final Tensor logSum;
  private final Tensor chosen;
  private final Tensor partial;
  private final LinearCrossEntropyReducedTasks reduced;
  private final int block;
  private final int rows;
  private final int columns;
  private final int vocabulary;
  private boolean gradients;

  LinearCrossEntropyTasks(
      LinearCrossEntropyImplementation by,
      Tensor x,
      Tensor weight,
      Tensor labels,
      Tensor labelScale,
      Tensor loss,
      Tensor unitDX,
      Tensor unitDW,
      Tensor logits,
      Tensor gathered,
      Tensor transposed,
      Tensor rowLoss,
      Tensor logSum,
      Tensor chosen,
      Tensor partial,
      LinearCrossEntropyReducedTasks reduced,
      int block) {
    this.by = by;
    this.x = x;
    this.weight = weight;
    this.labels = labels;
    this.labelScale = labelScale;
    this.loss = loss;
    this.unitDX = unitDX;
    this.unitDW = unitDW;
    this.logits = logits;
    this.gathered = gathered;
    this.transposed = transposed;
    this.rowLoss = rowLoss;
    this.logSum = logSum;
    this.chosen = chosen;
    this.partial = partial;
    this.reduced = reduced;
    this.block = block;
    rows = x.shape().rows();
    columns = x.shape().columns();
    vocabulary = weight.shape().extent(0);
  }

  /// Rows whose logits are there at once.
  static int block(LinearCrossEntropyImplementation by, int rows, int vocabulary) {
    if (by.host()) {
      int fitting = HOST_LOGITS / vocabulary;
      return Math.min(rows, Math.clamp(fitting, HOST_LEAST_ROWS, HOST_MOST_ROWS));
    }
    if (by.cublas()) {
      // All blocks are of one size, since arrays go to cuBLAS as a whole.
      int limit =
          by == LinearCrossEntropyImplementation.CUBLAS_BF16 ? REDUCED_LOGITS : CUBLAS_LOGITS;
      int most = Math.max(1, limit / vocabulary);
      int blocks = (rows + most - 1) / most;
      while (rows % blocks != 0) {
        blocks++;
      }
      return rows / blocks;
    }
    int least = (rows + DEVICE_BLOCKS - 1) / DEVICE_BLOCKS;
    return Math.min(rows, Math.max(least, DEVICE_LOGITS / vocabulary));
  }

  /// Whether the logits are computed from the transposed weight.
  static boolean transposing(LinearCrossEntropyImplementation by, int columns, int vocabulary) {
    return by == LinearCrossEntropyImplementation.CUBLAS_TF32
        && vocabulary >= TRANSPOSING * columns;
  }

  Tensor[] scratch() {
    if (by == LinearCrossEntropyImplementation.CUBLAS_BF16) {
      return reduced.scratch(rowLoss);
    }
    if (by.cublas()) {
      return new Tensor[] {logits, gathered, transposed, rowLoss, logSum, partial};
    }
    return by.host()
        ? new Tensor[] {logits, gathered, partial, rowLoss, chosen}
        : new Tensor[] {logits, rowLoss, logSum, partial};
  }

  boolean gradients() {
    return gradients;
  }

  /// To be called by the backward rule.
  void wantGradients() {
    gradients = true;
  }

  void lower(Tasks t) {
    switch (by) {
      case HOST, HOST_ALL_ROWS -> host(t);
      case CUBLAS_BF16, CUBLAS, CUBLAS_TF32, TILED, PARALLEL -> {
        if (by == LinearCrossEntropyImplementation.CUBLAS_BF16) {
          reduced.begin(t, weight);
        }
        if (transposing(by, columns, vocabulary)) {
          t.task(
              "transpose",
              Grid.PARALLEL,
              LinearCrossEntropyKernels::transpose,
              t.floats(weight),
              t.floats(transposed),
              vocabulary,
              columns);
        }
        for (int offset = 0; offset < rows; offset += block) {
          int count = Math.min(block, rows - offset);
          if (by == LinearCrossEntropyImplementation.CUBLAS_BF16) {
            reduced.block(t, this, offset);
          } else if (by.cublas()) {
            cublasBlock(t, offset);
          } else if (by == LinearCrossEntropyImplementation.TILED) {
            tiledBlock(t, offset, count);
          } else {
            parallelBlock(t, offset, count);
          }
        }
        boolean grouped = by != LinearCrossEntropyImplementation.PARALLEL;
        CrossEntropyOp.sum(t, rowLoss, partial, labelScale, loss, grouped);
      }
    }
  }

  private void host(Tasks t) {
    var buffers =
        new LinearCrossEntropyHost.Buffers(
            t.heap(x),
            t.heap(weight),
            t.heapInts(labels),
            t.heap(labelScale),
            t.heap(loss),
            t.heap(unitDX),
            t.heap(unitDW),
            t.heap(logits),
            t.heap(gathered),
            t.heap(partial),
            t.heap(rowLoss),
            t.heapInts(chosen));
    var host =
        new LinearCrossEntropyHost(
            buffers,
            by == LinearCrossEntropyImplementation.HOST_ALL_ROWS,
            gradients,
            LinearCrossEntropyParts.of(block, vocabulary),
            rows,
            columns,
            vocabulary);
    t.host("loss", host::run);
  }

  private void tiledBlock(Tasks t, int offset, int count) {
    Operand block = Operand.rows(x, columns).from(offset * columns);
    TiledProduct.add(
        t,
        "logits",
        block,
        Operand.rows(weight, columns),
        null,
        logits,
        0,
        0,
        new Extents(count, vocabulary, columns));
    rows(t, offset, count);
    if (gradients) {
      TiledProduct.add(
          t,
          "input",
          Operand.rows(logits, vocabulary),
          Operand.columns(weight, columns),
          null,
          unitDX,
          offset * columns,
          0,
          new Extents(count, columns, vocabulary));
      TiledProduct.add(
          t,
          "weight",
          Operand.columns(logits, vocabulary),
          Operand.columns(x, columns).from(offset * columns),
          null,
          unitDW,
          0,
          offset == 0 ? 0 : 1,
          new Extents(vocabulary, columns, count));
    }
  }

  /// The loss of a block's rows, and, where they are wanted, the gradients in place of the logits.
  private void rows(Tasks t, int offset, int count) {
    if (gradients) {
      t.task(
          "loss_and_gradient",
          Grid.groups(count, LinearCrossEntropyGroupKernels.GROUP),
          LinearCrossEntropyGroupKernels::lossAndGradient,
          t.context(),
          t.floats(logits),
          t.ints(labels),
          t.floats(labelScale),
          t.floats(rowLoss),
          offset,
          vocabulary);
      return;
    }
    t.task(
        "rows",
        Grid.groups(count, CrossEntropyKernels.GROUP),
        CrossEntropyKernels::forwardGrouped,
        t.context(),
        t.floats(logits),
        t.ints(labels),
        t.floats(logSum),
        t.floats(rowLoss),
        offset,
        vocabulary);
  }

  /// The rows of a block are copied to an array of their own, which then takes their gradients.
  private void cublasBlock(Tasks t, int offset) {
    var product = new CublasProduct(t, by == LinearCrossEntropyImplementation.CUBLAS_TF32);
    t.task(
        "take",
        Grid.PARALLEL,
        LinearCrossEntropyKernels::take,
        t.floats(x),
        t.floats(gathered),
        offset * columns,
        block * columns);
    if (transposing(by, columns, vocabulary)) {
      product.forwardTransposed("logits", gathered, transposed, logits, block, columns, vocabulary);
    } else {
      product.forward("logits", gathered, weight, logits, block, columns, vocabulary);
    }
    rows(t, offset, block);
    if (gradients) {
      int beta = offset == 0 ? 0 : 1;
      product.backwardWeight("weight", gathered, logits, unitDW, beta, block, columns, vocabulary);
      product.backwardInput("input", weight, logits, gathered, 0, block, columns, vocabulary);
      t.task(
          "put",
          Grid.PARALLEL,
          LinearCrossEntropyKernels::put,
          t.floats(gathered),
          t.floats(unitDX),
          offset * columns,
          block * columns);
    }
  }

  private void parallelBlock(Tasks t, int offset, int count) {
    t.task(
        "logits",
        Grid.PARALLEL,
        LinearCrossEntropyKernels::project,
        t.floats(x),
        t.floats(weight),
        t.floats(logits),
        offset,
        count,
        columns,
        vocabulary);
    t.task(
        "rows",
        Grid.PARALLEL,
        CrossEntropyKernels::forward,
        t.floats(logits),
        t.ints(labels),
        t.floats(logSum),
        t.floats(rowLoss),
        offset,
        count,
        vocabulary);
    if (gradients) {
      t.task(
          "d_logits",
          Grid.PARALLEL,
          LinearCrossEntropyKernels::backwardLogits,
          t.floats(logits),
          t.ints(labels),
          t.floats(labelScale),
          t.floats(logSum),
          offset,
          count,
          vocabulary);
      t.task(
          "input",
          Grid.PARALLEL,
          LinearCrossEntropyKernels::backwardInput,
          t.floats(weight),
          t.floats(logits),
          t.floats(unitDX),
          offset,
          count,
          columns,
          vocabulary);
      t.task(
          "weight",
          Grid.PARALLEL,
          LinearCrossEntropyKernels::backwardWeight,
          t.floats(x),
          t.floats(logits),
          t.floats(unitDW),
          offset == 0 ? 0 : 1,
          offset,
          count,
          columns,
          vocabulary);
    }
  }
}
