package dev.sluice.tasks.ops;

import dev.sluice.tasks.graph.Grid;

/// How kernels that give each row of a matrix `[R, D]` some work-items share out a group: `lanes`
/// neighbours, a power of two, have a row together, four elements each where the row is long
/// enough.
///
/// @param rows of the matrix
/// @param columns of the matrix
public record RowGroups(int rows, int columns) {
  /// Work-items of a group.
  public static final int GROUP = 128;

  private static final int ELEMENTS = 4;

  /// Work-items of a row.
  public int lanes() {
    return Integer.highestOneBit(Math.clamp(columns / ELEMENTS, 1, GROUP));
  }

  /// The groups that take all rows.
  public Grid grid() {
    int together = GROUP / lanes();
    return Grid.groups((rows + together - 1) / together, GROUP);
  }
}
