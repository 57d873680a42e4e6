package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.function.IntConsumer;

/// One call's arguments and one thread's buffers, kept so that a call of [GemmVector] allocates
/// nothing.
final class GemmJob implements IntConsumer {
  private static final int ROWS = GemmTile.ROWS;
  private static final int WIDTH = GemmTile.WIDTH;
  private static final int A_WIDTH = GemmPack.A_WIDTH;

  /// Inner size of a block. A panel of `B` then streams from the second-level cache; shorter ones,
  /// which stay in the first, were slower, since `C` is loaded and stored more often.
  private static final int DEPTH = 512;

  /// Columns of a block of packed `B`.
  private static final int COLUMNS = 1024;

  /// Rows of a block of packed `A`: with [#DEPTH], a quarter of a second-level cache.
  private static final int BLOCK_ROWS = 128;

  /// Up to this many columns `A` is read where it lies.
  private static final int DIRECT_COLUMNS = 128;

  /// Multiply-adds a part should have; less is not worth handing over.
  private static final long PART_WORK = 1L << 19;

  /// Elements of `B` worth packing by several threads.
  private static final int SHARED_PACK = 1 << 16;

  private static final ThreadLocal<GemmJob> OF_THREAD = ThreadLocal.withInitial(GemmJob::new);
  private static final float[] NONE = {};

  /// What [#accept] does with a part.
  private enum Step {
    PACK,
    MULTIPLY,
    ITEMS
  }

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

  private Step step = Step.MULTIPLY;
  private int batch;
  private int group;
  private int item;
  private int firstK;
  private int depth;
  private int firstN;
  private int width;
  private int packParts;
  private int rowParts;
  private int columnParts;

  private GemmJob() {}

  static GemmJob ofThread() {
    return OF_THREAD.get();
  }

  /// Computes all products of a batch with the arguments set before.
  void run(Workers workers, int products) {
    batch = products;
    long work = (long) m * n * k;
    if (products > 1 && workers.threads() > 1 && work < PART_WORK * 2 * workers.threads()) {
      group = Math.clamp(PART_WORK / work, 1, products);
      step = Step.ITEMS;
      workers.run(Math.ceilDiv(products, group), this);
    } else {
      for (item = 0; item < products; item++) {
        product(workers);
      }
    }
    forget();
  }

  private void forget() {
    a = NONE;
    b = NONE;
    c = NONE;
  }

  @Override
  public void accept(int part) {
    switch (step) {
      case PACK -> packPart(part);
      case MULTIPLY -> multiplyPart(OF_THREAD.get(), part);
      case ITEMS -> {
        GemmJob own = OF_THREAD.get();
        if (own != this) {
          own.copyArguments(this);
        }
        int last = Math.min(batch, (part + 1) * group);
        for (int i = part * group; i < last; i++) {
          own.alone(i);
        }
        if (own != this) {
          own.forget();
        }
      }
    }
  }

  private void copyArguments(GemmJob from) {
    transA = from.transA;
    transB = from.transB;
    m = from.m;
    n = from.n;
    k = from.k;
    alpha = from.alpha;
    a = from.a;
    aOff = from.aOff;
    lda = from.lda;
    strideA = from.strideA;
    b = from.b;
    bOff = from.bOff;
    ldb = from.ldb;
    strideB = from.strideB;
    accumulate = from.accumulate;
    c = from.c;
    cOff = from.cOff;
    ldc = from.ldc;
    strideC = from.strideC;
  }

  /// One product on this thread only.
  private void alone(int number) {
    item = number;
    rowParts = 1;
    columnParts = 1;
    for (firstK = 0; firstK < k; firstK += DEPTH) {
      depth = Math.min(DEPTH, k - firstK);
      for (firstN = 0; firstN < n; firstN += COLUMNS) {
        width = Math.min(COLUMNS, n - firstN);
        reserveB();
        packParts = 1;
        packPart(0);
        multiplyPart(this, 0);
      }
    }
  }

  /// One product over all threads.
  private void product(Workers workers) {
    int threads = workers.threads();
    for (firstK = 0; firstK < k; firstK += DEPTH) {
      depth = Math.min(DEPTH, k - firstK);
      for (firstN = 0; firstN < n; firstN += COLUMNS) {
        width = Math.min(COLUMNS, n - firstN);
        int panels = Math.ceilDiv(width, WIDTH);
        reserveB();
        packParts = threads > 1 && depth * width >= SHARED_PACK ? Math.min(panels, 2 * threads) : 1;
        runStep(workers, Step.PACK, packParts);
        long wanted = (long) m * width * depth / PART_WORK;
        int parts = threads == 1 ? 1 : Math.clamp(wanted, 1, 4 * threads);
        rowParts = Math.min(parts, Math.ceilDiv(m, A_WIDTH));
        columnParts = Math.min(panels, parts / rowParts);
        runStep(workers, Step.MULTIPLY, rowParts * columnParts);
      }
    }
  }

  private void runStep(Workers workers, Step what, int parts) {
    step = what;
    if (parts == 1) {
      accept(0);
    } else {
      workers.run(parts, this);
    }
  }

  private void reserveB() {
    int size = Math.ceilDiv(width, WIDTH) * WIDTH * depth;
    if (packedB.length < size) {
      packedB = new float[size];
    }
  }

  private void packPart(int part) {
    int panels = Math.ceilDiv(width, WIDTH);
    int first = panels * part / packParts * WIDTH;
    int columns = Math.min(width, panels * (part + 1) / packParts * WIDTH) - first;
    int from = bOff + item * strideB;
    int column = firstN + first;
    if (transB) {
      int at = from + column * ldb + firstK;
      GemmPack.columns(depth, columns, WIDTH, b, at, ldb, packedB, first * depth);
    } else {
      int at = from + firstK * ldb + column;
      GemmPack.rows(depth, columns, WIDTH, b, at, ldb, packedB, first * depth);
    }
    if (alpha != 1f) {
      int size = Math.ceilDiv(columns, WIDTH) * WIDTH * depth;
      GemmPack.scale(alpha, size, packedB, first * depth);
    }
  }

  /// Rows and columns numbered `part`, with the buffers of `own`, the job of the thread that runs
  /// this.
  private void multiplyPart(GemmJob own, int part) {
    int rowPanels = Math.ceilDiv(m, A_WIDTH);
    int panels = Math.ceilDiv(width, WIDTH);
    int r = part / columnParts;
    int q = part % columnParts;
    int firstRow = (int) ((long) rowPanels * r / rowParts) * A_WIDTH;
    int lastRow = Math.min(m, (int) ((long) rowPanels * (r + 1) / rowParts) * A_WIDTH);
    int firstPanel = panels * q / columnParts;
    int lastPanel = panels * (q + 1) / columnParts;
    boolean direct = !transA && n <= DIRECT_COLUMNS;
    for (int i = firstRow; i < lastRow; i += BLOCK_ROWS) {
      int rows = Math.min(BLOCK_ROWS, lastRow - i);
      if (!direct) {
        own.packA(this, i, rows);
      }
      for (int p = firstPanel; p < lastPanel; p++) {
        for (int j = 0; j < rows; j += ROWS) {
          tile(own, direct, i, j, Math.min(ROWS, rows - j), p);
        }
      }
    }
  }

  private void packA(GemmJob job, int row, int rows) {
    int size = Math.ceilDiv(rows, A_WIDTH) * A_WIDTH * job.depth;
    if (packedA.length < size) {
      packedA = new float[size];
    }
    int from = job.aOff + job.item * job.strideA;
    if (job.transA) {
      int at = from + job.firstK * job.lda + row;
      GemmPack.rows(job.depth, rows, A_WIDTH, job.a, at, job.lda, packedA, 0);
    } else {
      int at = from + row * job.lda + job.firstK;
      GemmPack.columns(job.depth, rows, A_WIDTH, job.a, at, job.lda, packedA, 0);
    }
  }

  /// The tile at row `block + row` and the columns of `panel`; one that reaches over the edge goes
  /// through a buffer.
  private void tile(GemmJob own, boolean direct, int block, int row, int rows, int panel) {
    boolean add = accumulate || firstK > 0;
    int columns = Math.min(WIDTH, width - panel * WIDTH);
    boolean whole = rows == ROWS && columns == WIDTH;
    int at = cOff + item * strideC + (block + row) * ldc + firstN + panel * WIDTH;
    if (!whole && add) {
      copy(c, at, ldc, own.tile, 0, WIDTH, rows, columns);
    }
    float[] to = whole ? c : own.tile;
    int toAt = whole ? at : 0;
    int toLd = whole ? ldc : WIDTH;
    float[] init = add ? to : GemmTile.ZEROS;
    int initAt = add ? toAt : 0;
    int initLd = add ? toLd : 0;
    int bo = panel * WIDTH * depth;
    if (direct) {
      int ao = aOff + item * strideA + (block + row) * lda + firstK;
      GemmTile.direct(depth, a, ao, lda, rows, packedB, bo, init, initAt, initLd, to, toAt, toLd);
    } else {
      int ao = row / A_WIDTH * A_WIDTH * depth + row % A_WIDTH;
      GemmTile.packed(depth, own.packedA, ao, packedB, bo, init, initAt, initLd, to, toAt, toLd);
    }
    if (!whole) {
      copy(own.tile, 0, WIDTH, c, at, ldc, rows, columns);
    }
  }

  private static void copy(
      float[] from, int fromAt, int fromLd, float[] to, int toAt, int toLd, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, fromAt + r * fromLd, to, toAt + r * toLd, columns);
    }
  }
}
