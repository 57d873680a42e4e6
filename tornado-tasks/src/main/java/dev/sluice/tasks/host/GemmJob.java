package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.function.IntConsumer;

/// One call's arguments and one thread's buffers, kept so that a call of [GemmVector] allocates
/// nothing.
final class GemmJob implements IntConsumer {
  private static final int ROWS = GemmTile.ROWS;
  private static final int WIDTH = GemmTile.WIDTH;

  /// Inner size of a block. A panel of `B` then streams from the second-level cache; shorter ones,
  /// which stay in the first, were slower, since `C` is loaded and stored more often.
  private static final int DEPTH = 512;

  /// Up to this inner size there is one block, and `C` is touched once: 8 % faster at 1024. With
  /// all blocks as deep as that, deeper products were 8 % slower.
  private static final int WHOLE_DEPTH = 1024;

  /// Columns of a block of packed `B`.
  private static final int COLUMNS = 1024;

  /// Rows of a block of packed `A`: with [#DEPTH], a quarter of a second-level cache.
  private static final int BLOCK_ROWS = 128;

  /// Up to this many columns `A` is read where it lies, as it is for an odd inner size.
  private static final int DIRECT_COLUMNS = 128;

  /// Up to this many rows or columns of `C`, operands of `Aᵀ·B` are read where they lie, if their
  /// own rows are [#NEAR] each other: packing them took a fifth of the time.
  private static final int FEW = 64;

  /// Most elements from row to row.
  private static final int NEAR = 256;

  /// Inner size of a block of operands that are not packed.
  private static final int NEAR_DEPTH = 128;

  /// Multiply-adds a part should have; less is not worth handing over.
  private static final long PART_WORK = 1L << 19;

  /// Most parts a thread, so that one that was held up leaves some to the others.
  private static final int PARTS_PER_THREAD = 4;

  /// Times of copying a number into a panel, and of turning it round, over that of a multiply-add:
  /// 11 and 21 with two 512-bit multiply-adds a cycle, half of it with one.
  private static final int COPYING = 9;

  private static final int TURNING = 18;

  /// More parts are taken if they cost no more than a 64th.
  private static final int SLACK = 64;

  private static final ThreadLocal<GemmJob> OF_THREAD = ThreadLocal.withInitial(GemmJob::new);
  private static final float[] NONE = {};

  boolean transA;
  boolean transB;
  int m;
  int n;
  int k;
  float alpha;
  float[] a = NONE;
  int aOff;
  int lda;
  int strideA;
  float[] b = NONE;
  int bOff;
  int ldb;
  int strideB;
  boolean accumulate;
  float[] c = NONE;
  int cOff;
  int ldc;
  int strideC;

  private final float[] tile = new float[ROWS * WIDTH];
  private float[] packedA = NONE;
  private float[] packedB = NONE;

  /// Elements from panel to panel.
  private int stepA;

  private int stepB;

  private int batch;

  /// Whether both operands are read where they lie.
  private boolean inPlace;

  /// Products of a part, or 0 where parts are of one product, number `item`.
  private int group;

  private int item;
  private int rowParts;
  private int columnParts;

  private GemmJob() {}

  static GemmJob ofThread() {
    return OF_THREAD.get();
  }

  /// Computes all products of a batch with the arguments set before.
  void run(Workers workers, int products) {
    batch = products;
    inPlace =
        transA
            && !transB
            && alpha == 1f
            && Math.min(m, n) <= FEW
            && lda <= NEAR
            && ldb <= NEAR
            && m % ROWS == 0
            && n % WIDTH == 0;
    long work = (long) m * n * k;
    int threads = workers.threads();
    if (products > 1 && threads > 1 && work < PART_WORK * 2 * threads) {
      group = Math.clamp(PART_WORK / work, 1, products);
      workers.run(Math.ceilDiv(products, group), this);
    } else {
      group = 0;
      plan(threads == 1 ? 1 : Math.clamp(work / PART_WORK, 1, PARTS_PER_THREAD * threads), threads);
      for (item = 0; item < products; item++) {
        workers.run(rowParts * columnParts, this);
      }
    }
    forget();
  }

  /// Cuts `C` into at most `parts` rectangles. Each is one thread's from beginning to end, so that
  /// threads wait for each other once a product; for that, `B` is packed once for each part of the
  /// rows and `A` for each part of the columns. Takes the cut that should be ready first, or one
  /// into more parts that is nearly as good.
  private void plan(int parts, int threads) {
    int rowPanels = Math.ceilDiv(m, ROWS);
    int panels = Math.ceilDiv(n, WIDTH);
    long packA = inPlace ? 0 : COPYING;
    long packB = inPlace ? 0 : transB ? TURNING : COPYING;
    long least = Long.MAX_VALUE;
    int rowLimit = Math.min(parts, rowPanels);
    for (int count = 1; count <= parts; count++) {
      for (int r = 1; r <= Math.min(count, rowLimit); r++) {
        int q = count / r;
        if (q * r == count && q <= panels) {
          long rows = Math.ceilDiv(rowPanels, r) * ROWS;
          long columns = Math.ceilDiv(panels, q) * WIDTH;
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

  private void forget() {
    a = NONE;
    b = NONE;
    c = NONE;
  }

  @Override
  public void accept(int part) {
    GemmJob own = OF_THREAD.get();
    if (group == 0) {
      own.part(this, part);
      return;
    }
    int last = Math.min(batch, (part + 1) * group);
    for (int i = part * group; i < last; i++) {
      own.rectangle(this, i, 0, m, 0, n);
    }
  }

  private void part(GemmJob job, int part) {
    int rowPanels = Math.ceilDiv(job.m, ROWS);
    int panels = Math.ceilDiv(job.n, WIDTH);
    int r = part / job.columnParts;
    int q = part % job.columnParts;
    int firstRow = (int) ((long) rowPanels * r / job.rowParts) * ROWS;
    int lastRow = Math.min(job.m, (int) ((long) rowPanels * (r + 1) / job.rowParts) * ROWS);
    int firstColumn = (int) ((long) panels * q / job.columnParts) * WIDTH;
    int lastColumn = Math.min(job.n, (int) ((long) panels * (q + 1) / job.columnParts) * WIDTH);
    rectangle(job, job.item, firstRow, lastRow, firstColumn, lastColumn);
  }

  /// The elements of product `number` in some rows and columns, with the buffers of this thread.
  private void rectangle(
      GemmJob job, int number, int firstRow, int lastRow, int firstColumn, int lastColumn) {
    if (job.inPlace) {
      inPlace(job, number, firstRow, lastRow, firstColumn, lastColumn);
      return;
    }
    boolean direct = !job.transA && (job.n <= DIRECT_COLUMNS || job.k % 2 != 0);
    int deepest = job.k <= WHOLE_DEPTH ? WHOLE_DEPTH : DEPTH;
    for (int firstK = 0; firstK < job.k; firstK += deepest) {
      int depth = Math.min(deepest, job.k - firstK);
      for (int column = firstColumn; column < lastColumn; column += COLUMNS) {
        int width = Math.min(COLUMNS, lastColumn - column);
        packB(job, number, firstK, depth, column, width);
        for (int row = firstRow; row < lastRow; row += BLOCK_ROWS) {
          int rows = Math.min(BLOCK_ROWS, lastRow - row);
          if (!direct) {
            packA(job, number, firstK, depth, row, rows);
          }
          block(job, number, direct, firstK, depth, row, rows, column, width);
        }
      }
    }
  }

  private static void inPlace(
      GemmJob job, int number, int firstRow, int lastRow, int firstColumn, int lastColumn) {
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

  private void packB(GemmJob job, int number, int firstK, int depth, int column, int width) {
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

  private void packA(GemmJob job, int number, int firstK, int depth, int row, int rows) {
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
      GemmJob job,
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
        int panel = j / WIDTH * stepB;
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
      GemmJob job,
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
          depth, a, ao, job.lda, rows, packedB, bo, init, initAt, initLd, to, toAt, toLd);
    } else if (job.transA) {
      GemmTile.packed(depth, a, ao, packedB, bo, init, initAt, initLd, to, toAt, toLd);
    } else {
      GemmTile.chunked(depth, a, ao, packedB, bo, init, initAt, initLd, to, toAt, toLd);
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
