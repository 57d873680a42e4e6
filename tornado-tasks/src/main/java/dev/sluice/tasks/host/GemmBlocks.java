package dev.sluice.tasks.host;

/// One thread's buffers, and what it does with a part of a [GemmCall]: operands are packed block by
/// block, and [GemmTile] does the arithmetic.
final class GemmBlocks {
  private static final int ROWS = GemmTile.ROWS;
  private static final int WIDTH = GemmTile.WIDTH;

  /// Columns of a block of packed `B`.
  static final int COLUMNS = 1024;

  /// Rows of a block of packed `A`: with an inner size of 512, a quarter of a second-level cache.
  private static final int BLOCK_ROWS = 128;

  /// Inner size of a block of operands that are not packed.
  static final int NEAR_DEPTH = 128;

  private static final float[] NONE = {};

  private final float[] tile = new float[ROWS * WIDTH];
  private float[] packedA = NONE;
  private float[] packedB = NONE;

  /// Elements from panel to panel.
  private int stepA;

  private int stepB;

  /// The packed `B` that this thread reads, and where in each panel it begins.
  private float[] panels = NONE;

  private int panelStart;

  /// Some rows by the columns that are packed for all.
  ///
  /// @param number number of the product
  /// @param packed those columns of `B`, all of its inner size
  /// @param step elements from panel to panel
  void sharedRows(
      GemmCall job,
      int number,
      float[] packed,
      int step,
      int firstRow,
      int lastRow,
      int column,
      int columns) {
    boolean direct = job.direct();
    panels = packed;
    stepB = step;
    int deepest = job.deepest();
    for (int firstK = 0; firstK < job.k; firstK += deepest) {
      int depth = Math.min(deepest, job.k - firstK);
      panelStart = firstK * WIDTH;
      rows(job, number, direct, firstK, depth, firstRow, lastRow, column, columns);
    }
    panels = NONE;
  }

  /// The elements of product `number` in some rows and columns, with the buffers of this thread.
  void rectangle(
      GemmCall job, int number, int firstRow, int lastRow, int firstColumn, int lastColumn) {
    if (job.inPlace) {
      inPlace(job, number, firstRow, lastRow, firstColumn, lastColumn);
      return;
    }
    boolean direct = job.direct();
    int deepest = job.deepest();
    for (int firstK = 0; firstK < job.k; firstK += deepest) {
      int depth = Math.min(deepest, job.k - firstK);
      for (int column = firstColumn; column < lastColumn; column += COLUMNS) {
        int columns = Math.min(COLUMNS, lastColumn - column);
        packB(job, number, firstK, depth, column, columns);
        panels = packedB;
        panelStart = 0;
        rows(job, number, direct, firstK, depth, firstRow, lastRow, column, columns);
      }
    }
    panels = NONE;
  }

  /// Some rows by the columns that are packed.
  private void rows(
      GemmCall job,
      int number,
      boolean direct,
      int firstK,
      int depth,
      int firstRow,
      int lastRow,
      int column,
      int columns) {
    for (int row = firstRow; row < lastRow; row += BLOCK_ROWS) {
      int rows = Math.min(BLOCK_ROWS, lastRow - row);
      if (!direct) {
        packA(job, number, firstK, depth, row, rows);
      }
      block(job, number, direct, firstK, depth, row, rows, column, columns);
    }
  }

  private static void inPlace(
      GemmCall job, int number, int firstRow, int lastRow, int firstColumn, int lastColumn) {
    int a = job.aOff + number * job.strideA;
    int b = job.bOff + number * job.strideB;
    int c = job.cOff + number * job.strideC;
    for (int k = 0; k < job.k; k += NEAR_DEPTH) {
      int depth = Math.min(NEAR_DEPTH, job.k - k);
      boolean add = job.accumulate || k > 0;
      float[] init = add ? job.c : GemmTile.ZEROS;
      int initLd = add ? job.ldc : 0;
      for (int j = firstColumn; j < lastColumn; j += WIDTH) {
        for (int i = firstRow; i < lastRow; i += ROWS) {
          int ao = a + k * job.lda + i;
          int bo = b + k * job.ldb + j;
          int at = c + i * job.ldc + j;
          int initAt = add ? at : 0;
          GemmTile.strided(
              depth, job.a, ao, job.lda, job.b, bo, job.ldb, init, initAt, initLd, job.c, at,
              job.ldc);
        }
      }
    }
  }

  private void packB(GemmCall job, int number, int firstK, int depth, int column, int width) {
    stepB = depth * WIDTH + GemmPack.LINE;
    int size = Math.ceilDiv(width, WIDTH) * stepB;
    if (packedB.length < size) {
      packedB = new float[size];
    }
    int from = job.bOff + number * job.strideB;
    if (job.transB) {
      int at = from + column * job.ldb + firstK;
      GemmPack.columns(depth, width, WIDTH, job.b, at, job.ldb, packedB, 0, stepB);
    } else {
      int at = from + firstK * job.ldb + column;
      GemmPack.rows(depth, width, WIDTH, job.b, at, job.ldb, packedB, 0, stepB);
    }
    if (job.alpha != 1f) {
      GemmPack.scale(job.alpha, size, packedB, 0);
    }
  }

  private void packA(GemmCall job, int number, int firstK, int depth, int row, int rows) {
    stepA = Math.ceilDiv(depth, GemmPack.CHUNK) * GemmPack.CHUNK * ROWS + GemmPack.LINE;
    int size = Math.ceilDiv(rows, ROWS) * stepA;
    if (packedA.length < size) {
      packedA = new float[size];
    }
    int from = job.aOff + number * job.strideA;
    if (job.transA) {
      int at = from + firstK * job.lda + row;
      GemmPack.rows(depth, rows, ROWS, job.a, at, job.lda, packedA, 0, stepA);
    } else {
      int at = from + row * job.lda + firstK;
      GemmPack.chunks(depth, rows, job.a, at, job.lda, packedA, 0, stepA);
    }
  }

  private void block(
      GemmCall job,
      int number,
      boolean direct,
      int firstK,
      int depth,
      int row,
      int rows,
      int column,
      int width) {
    int a = job.aOff + number * job.strideA + row * job.lda + firstK;
    int to = job.cOff + number * job.strideC + row * job.ldc + column;
    boolean add = job.accumulate || firstK > 0;
    for (int j = 0; j < width; j += WIDTH) {
      int columns = Math.min(WIDTH, width - j);
      for (int i = 0; i < rows; i += ROWS) {
        int count = Math.min(ROWS, rows - i);
        int panel = panelStart + j / WIDTH * stepB;
        int at = to + i * job.ldc + j;
        if (direct) {
          tile(job, job.a, a + i * job.lda, true, depth, add, panel, count, columns, at);
        } else {
          tile(job, packedA, i / ROWS * stepA, false, depth, add, panel, count, columns, at);
        }
      }
    }
  }

  /// One tile of `C`, whose first element is number `at`; one that reaches over the edge goes
  /// through a buffer.
  private void tile(
      GemmCall job,
      float[] a,
      int ao,
      boolean direct,
      int depth,
      boolean add,
      int bo,
      int rows,
      int columns,
      int at) {
    boolean whole = rows == ROWS && columns == WIDTH;
    if (!whole && add) {
      copy(job.c, at, job.ldc, tile, 0, WIDTH, rows, columns);
    }
    float[] to = whole ? job.c : tile;
    int toAt = whole ? at : 0;
    int toLd = whole ? job.ldc : WIDTH;
    float[] init = add ? to : GemmTile.ZEROS;
    int initAt = add ? toAt : 0;
    int initLd = add ? toLd : 0;
    if (direct) {
      GemmTile.direct(
          depth, a, ao, job.lda, rows, panels, bo, init, initAt, initLd, to, toAt, toLd);
    } else if (job.transA) {
      GemmTile.packed(depth, a, ao, panels, bo, init, initAt, initLd, to, toAt, toLd);
    } else {
      GemmTile.chunked(depth, a, ao, panels, bo, init, initAt, initLd, to, toAt, toLd);
    }
    if (!whole) {
      copy(tile, 0, WIDTH, job.c, at, job.ldc, rows, columns);
    }
  }

  private static void copy(
      float[] from, int fromAt, int fromLd, float[] to, int toAt, int toLd, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, fromAt + r * fromLd, to, toAt + r * toLd, columns);
    }
  }
}
