package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.linear.CublasProduct;

/// The tasks of a block of rows whose operands, logits and gradients are in bfloat16. What leaves
/// the block, and sums over blocks, are in float32.
///
/// @param weight `[V, D]`, narrowed once
/// @param dWeight `[V, D]`, the gradient of one block
/// @param logits `[block, S]` integers, of two logits each
/// @param gathered `[block, D]`, the rows of the block, then their gradients
record LinearCrossEntropyReducedTasks(
    Tensor weight, Tensor dWeight, Tensor logits, Tensor gathered) {

  /// Rows of logits begin at multiples of 16 bytes.
  private static final int ALIGNMENT = 4;

  static LinearCrossEntropyReducedTasks of(Graph graph, String name, Shape weight, int block) {
    int vocabulary = weight.extent(0);
    int columns = weight.extent(1);
    int pairs = (vocabulary + 2 * ALIGNMENT - 1) / (2 * ALIGNMENT) * ALIGNMENT;
    ElementType type = ElementType.BFLOAT16;
    return new LinearCrossEntropyReducedTasks(
        graph.activation(name + ".narrow_weight", weight, type),
        graph.activation(name + ".narrow_weight_gradient", weight, type),
        graph.activation(name + ".narrow_logits", Shape.of(block, pairs), ElementType.INT32),
        graph.activation(name + ".narrow_rows", Shape.of(block, columns), type));
  }

  Tensor[] scratch(Tensor rowLoss) {
    return new Tensor[] {weight, dWeight, logits, gathered, rowLoss};
  }

  /// Narrows the weight; to be called before the first block.
  ///
  /// @param wide `[V, D]`, Read
  void begin(Tasks t, Tensor wide) {
    narrow(t, "narrow_weight", wide, weight, 0);
  }

  /// Adds the tasks of the rows from `offset` on; the gradients are left out where none are wanted.
  void block(Tasks t, LinearCrossEntropyTasks op, int offset) {
    int rows = logits.shape().extent(0);
    int pairs = logits.shape().extent(1);
    int vocabulary = weight.shape().extent(0);
    int columns = gathered.shape().extent(1);
    var product = CublasProduct.reduced(t, 2 * pairs);
    narrow(t, "take", op.x, gathered, offset * columns);
    product.forward("logits", gathered, weight, logits, rows, columns, vocabulary);
    t.task(
        "loss_and_gradient",
        Grid.groups(rows, LinearCrossEntropyGroupKernels.GROUP),
        LinearCrossEntropyReducedKernels::lossAndGradient,
        t.context(),
        t.ints(logits),
        t.ints(op.labels),
        t.floats(op.labelScale),
        t.floats(op.rowLoss),
        offset,
        pairs,
        vocabulary);
    if (op.gradients()) {
      product.backwardWeight("weight", gathered, logits, dWeight, 0, rows, columns, vocabulary);
      widen(t, "add", dWeight, op.unitDW, offset == 0 ? 0 : 1, 0);
      product.backwardInput("input", weight, logits, gathered, 0, rows, columns, vocabulary);
      widen(t, "put", gathered, op.unitDX, 0, offset * columns);
    }
  }

  private static void narrow(Tasks t, String id, Tensor wide, Tensor narrow, int offset) {
    t.task(
        id,
        Grid.PARALLEL,
        LinearCrossEntropyReducedKernels::narrow,
        t.floats(wide),
        t.bfloats(narrow),
        offset,
        narrow.size());
  }

  private static void widen(
      Tasks t, String id, Tensor narrow, Tensor wide, int accumulate, int offset) {
    t.task(
        id,
        Grid.PARALLEL,
        LinearCrossEntropyReducedKernels::widen,
        t.bfloats(narrow),
        t.floats(wide),
        accumulate,
        offset,
        narrow.size());
  }
}
