package dev.sluice.tasks.ops;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;

/// How [ColumnSumKernels] cut a sum over the rows of a matrix.
///
/// @param rows of the matrix
/// @param columns of the matrix
public record ColumnSums(int rows, int columns) {
  private static final int FEWEST_ROWS = 64;
  private static final int MOST_BLOCKS = 256;

  /// Blocks of rows.
  public int blocks() {
    return Math.clamp((rows + FEWEST_ROWS - 1) / FEWEST_ROWS, 1, MOST_BLOCKS);
  }

  /// Rows of a block; the last may have fewer or none.
  public int blockRows() {
    return (rows + blocks() - 1) / blocks();
  }

  /// The shape of the sums of all blocks.
  public Shape partial() {
    return Shape.of(blocks(), columns);
  }

  /// The groups of the first step.
  public Grid grid() {
    return Grid.groups(blocks(), tiles(), ColumnSumKernels.GROUP);
  }

  private int tiles() {
    return (columns + ColumnSumKernels.COLUMNS - 1) / ColumnSumKernels.COLUMNS;
  }

  /// Adds the first step, where the matrix itself is summed.
  ///
  /// @param x `[R, D]`, Read
  /// @param partial of shape [#partial], Overwritten
  public void sumRows(Tasks t, Tensor x, Tensor partial) {
    t.task(
        "partial",
        grid(),
        ColumnSumKernels::sumRows,
        t.context(),
        t.floats(x),
        t.floats(partial),
        blockRows(),
        rows,
        columns);
  }

  /// Adds the second step.
  ///
  /// @param partial of shape [#partial], Read
  /// @param total `[D]`, Overwritten or Accumulated
  public void sumBlocks(Tasks t, Tensor partial, Destination total) {
    t.task(
        "total",
        Grid.groups(tiles(), ColumnSumKernels.GROUP),
        ColumnSumKernels::sumBlocks,
        t.context(),
        t.floats(partial),
        t.floats(total.tensor()),
        total.beta(),
        blocks(),
        columns);
  }
}
