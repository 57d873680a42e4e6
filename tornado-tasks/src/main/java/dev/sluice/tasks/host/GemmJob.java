package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// One call's arguments and one thread's buffers, kept so that a call of [GemmVector] allocates
/// nothing.
final class GemmJob implements IntConsumer {
  private static final int ROWS = GemmTile.ROWS;
  private static final int WIDTH = GemmTile.WIDTH;
  private static final int WIDE = GemmWideTile.WIDTH;

  /// Inner size of a block. A panel of `B` then streams from the second-level cache; shorter ones,
  /// which stay in the first, were slower, since `C` is loaded and stored more often.
  private static final int DEPTH = 512;

  /// Up to this inner size there is one block, and `C` is touched once: 8 % faster at 1024. With
  /// all blocks as deep as that, deeper products were 8 % slower.
  private static final int WHOLE_DEPTH = 1024;

  /// Columns of a block of packed `B`: whole panels of three vectors, and not less than 1024.
  private static final int COLUMNS = 1056;

  /// Inner size from which tiles three vectors wide are faster.
  private static final int WIDE_DEPTH = 128;

  /// Multiply-adds from which panels begin on a cache line if that is known, and from which finding
  /// it out is worth it.
  private static final long ALIGNED_WORK = 1L << 20;

  private static final long PATIENT_WORK = 1L << 27;

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

  /// Several `Aᵀ` and `C` whose rows are numbered through, or null for one of each.
  @Nullable GemmPieces pieces;

  private final float[] tile = new float[ROWS * WIDE];
  private float[] packedA = NONE;
  private float[] packedB = NONE;

  /// Where the packed panels begin.
  private int startA;

  private int startB;

  /// Elements from panel to panel of `A`.
  private int stepA;

  /// Columns of the packed block in panels of three vectors; those behind them are in panels of
  /// two.
  private int wideColumns;

  private int batch;

  /// Whether both operands are read where they lie.
  private boolean inPlace;

  /// Whether `A` is read where it lies.
  private boolean direct;

  /// Columns that parts are counted in: those of a tile.
  private int unit;

  /// Multiply-adds of a product.
  private long work;

  /// Products of a part, or 0 where parts are of one product, number `item`.
  private int group;

  private int item;
  private final GemmCut cut = new GemmCut();

  private GemmJob() {}

  static GemmJob ofThread() {
    return OF_THREAD.get();
  }

  /// Computes all products of a batch with the arguments set before.
  void run(Workers workers, int products) {
    batch = products;
    inPlace =
        pieces == null
            && transA
            && !transB
            && alpha == 1f
            && Math.min(m, n) <= FEW
            && lda <= NEAR
            && ldb <= NEAR
            && m % ROWS == 0
            && n % WIDTH == 0;
    direct = !transA && (n <= DIRECT_COLUMNS || k % 2 != 0);
    unit = inPlace || direct || k < WIDE_DEPTH || !GemmWideTile.USABLE ? WIDTH : WIDE;
    work = (long) m * n * k;
    int threads = workers.threads();
    if (products > 1 && threads > 1 && work < PART_WORK * 2 * threads) {
      group = Math.clamp(PART_WORK / work, 1, products);
      workers.run(Math.ceilDiv(products, group), this);
    } else {
      group = 0;
      int parts = threads == 1 ? 1 : Math.clamp(work / PART_WORK, 1, PARTS_PER_THREAD * threads);
      cut.plan(m, n, unit, !inPlace, transB, parts, threads);
      for (item = 0; item < products; item++) {
        workers.run(cut.parts(), this);
      }
    }
    forget();
  }

  private void forget() {
    a = NONE;
    b = NONE;
    c = NONE;
    pieces = null;
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
    GemmCut cut = job.cut;
    int firstRow = cut.firstRow(part);
    int lastRow = cut.lastRow(part);
    rectangle(job, job.item, firstRow, lastRow, cut.firstColumn(part), cut.lastColumn(part));
  }

  /// The elements of product `number` in some rows and columns, with the buffers of this thread.
  private void rectangle(
      GemmJob job, int number, int firstRow, int lastRow, int firstColumn, int lastColumn) {
    if (job.inPlace) {
      inPlace(job, number, firstRow, lastRow, firstColumn, lastColumn);
      return;
    }
    int deepest = job.k <= WHOLE_DEPTH ? WHOLE_DEPTH : DEPTH;
    for (int firstK = 0; firstK < job.k; firstK += deepest) {
      int depth = Math.min(deepest, job.k - firstK);
      for (int column = firstColumn; column < lastColumn; column += COLUMNS) {
        int width = Math.min(COLUMNS, lastColumn - column);
        packB(job, number, firstK, depth, column, width);
        for (int row = firstRow; row < lastRow; row += BLOCK_ROWS) {
          int rows = Math.min(BLOCK_ROWS, lastRow - row);
          if (!job.direct) {
            packA(job, number, firstK, depth, row, rows);
          }
          block(job, number, firstK, depth, row, rows, column, width);
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
    wideColumns = job.unit == WIDE ? wide(width) : 0;
    int widePanels = wideColumns / WIDE;
    int rest = Math.max(0, width - wideColumns);
    int size = widePanels * step(depth, WIDE) + Math.ceilDiv(rest, WIDTH) * step(depth, WIDTH);
    if (packedB.length < size + CacheLines.FLOATS) {
      packedB = new float[size + CacheLines.FLOATS];
    }
    startB = start(job, packedB);
    packB(job, number, firstK, depth, column, Math.min(wideColumns, width), WIDE, startB);
    int behind = startB + widePanels * step(depth, WIDE);
    packB(job, number, firstK, depth, column + wideColumns, rest, WIDTH, behind);
    if (job.alpha != 1f) {
      GemmPack.scale(job.alpha, size, packedB, startB);
    }
  }

  /// How many of some columns go into panels of three vectors: as many as leave whole panels of
  /// two, or the fewest columns of zeros.
  private static int wide(int columns) {
    int rest = columns % WIDE;
    if (rest > WIDTH) {
      return columns - rest + WIDE;
    }
    boolean two = rest > 0 && rest <= 2 * WIDTH - WIDE && columns > WIDE;
    return columns - rest - (two ? WIDE : 0);
  }

  private static int step(int depth, int width) {
    return depth * width + GemmPack.LINE;
  }

  /// Where panels begin in a buffer. It has a line to spare.
  private static int start(GemmJob job, float[] panels) {
    if (job.work < ALIGNED_WORK) {
      return 0;
    }
    return job.work < PATIENT_WORK ? CacheLines.startIfKnown(panels) : CacheLines.start(panels);
  }

  private void packB(
      GemmJob job, int number, int firstK, int depth, int column, int columns, int width, int to) {
    int from = job.bOff + number * job.strideB;
    int step = step(depth, width);
    if (job.transB) {
      int at = from + column * job.ldb + firstK;
      GemmPack.columns(depth, columns, width, job.b, at, job.ldb, packedB, to, step);
    } else {
      int at = from + firstK * job.ldb + column;
      GemmPack.rows(depth, columns, width, job.b, at, job.ldb, packedB, to, step);
    }
  }

  private void packA(GemmJob job, int number, int firstK, int depth, int row, int rows) {
    stepA = Math.ceilDiv(depth, GemmPack.CHUNK) * GemmPack.CHUNK * ROWS + GemmPack.LINE;
    int size = Math.ceilDiv(rows, ROWS) * stepA;
    if (packedA.length < size + CacheLines.FLOATS) {
      packedA = new float[size + CacheLines.FLOATS];
    }
    startA = start(job, packedA);
    GemmPieces pieces = job.pieces;
    if (pieces != null) {
      packA(pieces, firstK, depth, row, row + rows);
      return;
    }
    int from = job.aOff + number * job.strideA;
    if (job.transA) {
      int at = from + firstK * job.lda + row;
      GemmPack.rows(depth, rows, ROWS, job.a, at, job.lda, packedA, startA, stepA);
    } else {
      int at = from + row * job.lda + firstK;
      GemmPack.chunks(depth, rows, job.a, at, job.lda, packedA, startA, stepA);
    }
  }

  private void packA(GemmPieces pieces, int firstK, int depth, int row, int end) {
    int to = startA;
    int first = row;
    for (int p = pieces.at(row); first < end; p++) {
      int last = Math.min(end, pieces.end(p));
      int lda = pieces.size(p);
      int at = firstK * lda + first - pieces.begin(p);
      GemmPack.rows(depth, last - first, ROWS, pieces.input(p), at, lda, packedA, to, stepA);
      to += (last - first) / ROWS * stepA;
      first = last;
    }
  }

  private void block(
      GemmJob job, int number, int firstK, int depth, int row, int rows, int column, int width) {
    int a = job.direct ? job.aOff + number * job.strideA + row * job.lda + firstK : startA;
    int stepOfA = job.direct ? ROWS * job.lda : stepA;
    int to = job.cOff + number * job.strideC + row * job.ldc + column;
    GemmPieces pieces = job.pieces;
    int panel = startB;
    int tileWidth;
    for (int j = 0; j < width; j += tileWidth) {
      tileWidth = j < wideColumns ? WIDE : WIDTH;
      int columns = Math.min(tileWidth, width - j);
      if (pieces == null) {
        boolean add = job.accumulate || firstK > 0;
        tiles(job, a, stepOfA, depth, panel, tileWidth, columns, add, job.c, to + j, rows);
      } else {
        int end = row + rows;
        int first = row;
        for (int p = pieces.at(row); first < end; p++) {
          int last = Math.min(end, pieces.end(p));
          boolean add = pieces.accumulates(p) || firstK > 0;
          int ao = a + (first - row) / ROWS * stepOfA;
          int at = (first - pieces.begin(p)) * job.ldc + column + j;
          float[] c = pieces.output(p);
          tiles(job, ao, stepOfA, depth, panel, tileWidth, columns, add, c, at, last - first);
          first = last;
        }
      }
      panel += step(depth, tileWidth);
    }
  }

  /// The tiles of a panel of `B` by some rows, down `C` from element `at`.
  private void tiles(
      GemmJob job,
      int a,
      int stepOfA,
      int depth,
      int panel,
      int tileWidth,
      int columns,
      boolean add,
      float[] c,
      int at,
      int rows) {
    for (int i = 0; i < rows; i += ROWS) {
      int count = Math.min(ROWS, rows - i);
      int ao = a + i / ROWS * stepOfA;
      tile(job, ao, depth, add, panel, tileWidth, count, columns, c, at + i * job.ldc);
    }
  }

  /// One tile of `C`, whose first element is number `at`; one that reaches over the edge goes
  /// through a buffer.
  private void tile(
      GemmJob job,
      int ao,
      int depth,
      boolean add,
      int bo,
      int tileWidth,
      int rows,
      int columns,
      float[] c,
      int at) {
    boolean whole = rows == ROWS && columns == tileWidth;
    if (!whole && add) {
      copy(c, at, job.ldc, tile, 0, tileWidth, rows, columns);
    }
    float[] to = whole ? c : tile;
    int toAt = whole ? at : 0;
    int toLd = whole ? job.ldc : tileWidth;
    float[] init = add ? to : GemmTile.ZEROS;
    int initAt = add ? toAt : 0;
    int initLd = add ? toLd : 0;
    float[] b = packedB;
    if (job.direct) {
      GemmTile.direct(depth, job.a, ao, job.lda, rows, b, bo, init, initAt, initLd, to, toAt, toLd);
    } else if (tileWidth == WIDTH) {
      if (job.transA) {
        GemmTile.packed(depth, packedA, ao, b, bo, init, initAt, initLd, to, toAt, toLd);
      } else {
        GemmTile.chunked(depth, packedA, ao, b, bo, init, initAt, initLd, to, toAt, toLd);
      }
    } else if (job.transA) {
      GemmWideTile.packed(depth, packedA, ao, b, bo, init, initAt, initLd, to, toAt, toLd);
    } else {
      GemmWideTile.chunked(depth, packedA, ao, b, bo, init, initAt, initLd, to, toAt, toLd);
    }
    if (!whole) {
      copy(tile, 0, tileWidth, c, at, job.ldc, rows, columns);
    }
  }

  private static void copy(
      float[] from, int fromAt, int fromLd, float[] to, int toAt, int toLd, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, fromAt + r * fromLd, to, toAt + r * toLd, columns);
    }
  }
}
