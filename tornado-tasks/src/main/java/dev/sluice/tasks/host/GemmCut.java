package dev.sluice.tasks.host;

/// How the result of a product is cut into rectangles of whole tiles, one a part.
final class GemmCut {
  /// Times of copying a number into a panel, and of turning it round, over that of a multiply-add:
  /// 11 and 21 with two 512-bit multiply-adds a cycle, half of it with one.
  private static final int COPYING = 9;

  private static final int TURNING = 18;

  /// More parts are taken if they cost no more than a 64th.
  private static final int SLACK = 64;

  private static final int ROWS = GemmTile.ROWS;

  private int m;
  private int n;
  private int unit;
  private int rowParts;
  private int columnParts;

  /// Cuts `C` into at most `parts` rectangles. Each is one thread's from beginning to end, so that
  /// threads wait for each other once a product; for that, `B` is packed once for each part of the
  /// rows and `A` for each part of the columns. Takes the cut that should be ready first, or one
  /// into more parts that is nearly as good.
  ///
  /// @param m rows of `C`
  /// @param n columns of `C`
  /// @param unit columns of a tile
  /// @param packed whether operands are packed
  /// @param transB whether packing `B` turns it round
  void plan(int m, int n, int unit, boolean packed, boolean transB, int parts, int threads) {
    this.m = m;
    this.n = n;
    this.unit = unit;
    int rowPanels = Math.ceilDiv(m, ROWS);
    int panels = Math.ceilDiv(n, unit);
    long packA = packed ? COPYING : 0;
    long packB = !packed ? 0 : transB ? TURNING : COPYING;
    long least = Long.MAX_VALUE;
    int rowLimit = Math.min(parts, rowPanels);
    for (int count = 1; count <= parts; count++) {
      for (int r = 1; r <= Math.min(count, rowLimit); r++) {
        int q = count / r;
        if (q * r == count && q <= panels) {
          long rows = Math.ceilDiv(rowPanels, r) * ROWS;
          long columns = Math.ceilDiv(panels, q) * unit;
          long part = rows * columns + packA * rows + packB * columns;
          long time = Math.ceilDiv(count, threads) * part;
          if (time - least / SLACK <= least) {
            least = Math.min(least, time);
            rowParts = r;
            columnParts = q;
          }
        }
      }
    }
  }

  int parts() {
    return rowParts * columnParts;
  }

  int firstRow(int part) {
    return row(part / columnParts);
  }

  int lastRow(int part) {
    return Math.min(m, row(part / columnParts + 1));
  }

  int firstColumn(int part) {
    return column(part % columnParts);
  }

  int lastColumn(int part) {
    return Math.min(n, column(part % columnParts + 1));
  }

  private int row(int r) {
    return (int) ((long) Math.ceilDiv(m, ROWS) * r / rowParts) * ROWS;
  }

  private int column(int q) {
    return (int) ((long) Math.ceilDiv(n, unit) * q / columnParts) * unit;
  }
}
