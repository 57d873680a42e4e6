package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.function.IntConsumer;

/// How a [GemmCall] is shared out to threads. One a thread, with that thread's buffers, so that a
/// call allocates nothing.
final class GemmJob extends GemmCall implements IntConsumer {
  private static final int ROWS = GemmTile.ROWS;
  private static final int WIDTH = GemmTile.WIDTH;

  /// Multiply-adds a part should have; less is not worth handing over.
  private static final long PART_WORK = 1L << 19;

  /// Most parts a thread, so that one that was held up leaves some to the others.
  private static final int PARTS_PER_THREAD = 4;

  /// Times of copying a number into a panel, and of turning it round, over that of a multiply-add:
  /// 11 and 21 with two 512-bit multiply-adds a cycle, half of it with one.
  private static final int COPYING = 9;

  private static final int TURNING = 18;

  /// Packing that threads do twice, in multiply-adds, from which on they rather share it: what
  /// waiting for each other once more costs.
  private static final long SHARED_WORK = 1L << 19;

  /// Most numbers of packed `B` that threads share.
  private static final int SHARED_SIZE = 1 << 22;

  /// Rows of the shared `B` that a part packs.
  private static final int SHARED_DEPTH = 128;

  /// Rows that a part has at least where `B` is shared: enough for a panel of `B` to be worth
  /// loading.
  private static final int SHARED_ROWS = 96;

  /// More parts are taken if they cost no more than a 64th.
  private static final int SLACK = 64;

  private static final ThreadLocal<GemmJob> OF_THREAD = ThreadLocal.withInitial(GemmJob::new);
  private static final float[] NONE = {};

  private final GemmBlocks blocks = new GemmBlocks();

  /// The packed `B` that threads share.
  private float[] packedB = NONE;

  /// Elements from panel to panel of it.
  private int stepB;

  private int batch;

  /// Products of a part, or 0 where parts are of one product, number `item`.
  private int group;

  private int item;
  private int rowParts;
  private int columnParts;

  /// Whether threads share one packed `B`, that of this job, and which of its columns it holds.
  private boolean shared;

  private int firstColumn;
  private int width;

  /// Whether parts pack `B`; else they multiply.
  private boolean packing;

  private GemmJob() {}

  static GemmJob ofThread() {
    return OF_THREAD.get();
  }

  /// Computes all products of a batch with the arguments set before.
  void run(Workers workers, int products) {
    batch = products;
    shared = false;
    packing = false;
    inPlace = nearEnough();
    long work = (long) m * n * k;
    int threads = workers.threads();
    if (products > 1 && threads > 1 && work < PART_WORK * 2 * threads) {
      group = Math.clamp(PART_WORK / work, 1, products);
      workers.run(Math.ceilDiv(products, group), this);
    } else if (shares(threads)) {
      group = 0;
      for (item = 0; item < products; item++) {
        share(workers);
      }
    } else {
      group = 0;
      plan(threads == 1 ? 1 : Math.clamp(work / PART_WORK, 1, PARTS_PER_THREAD * threads), threads);
      for (item = 0; item < products; item++) {
        workers.run(rowParts * columnParts, this);
      }
    }
    forget();
  }

  /// Whether what threads would pack twice is worth sharing; sets the parts of the rows if so.
  private boolean shares(int threads) {
    long packA = direct() ? 0 : (long) COPYING * m;
    long packB = (long) (transB ? TURNING : COPYING) * n;
    long twice = Math.min(packA, packB);
    rowParts = Math.min(m / SHARED_ROWS, PARTS_PER_THREAD * threads) / threads * threads;
    shared =
        threads > 1
            && !inPlace
            && alpha == 1f
            && rowParts > 0
            && twice * k * (threads - 1) / threads >= SHARED_WORK
            && (long) k * WIDTH + GemmPack.LINE <= SHARED_SIZE;
    return shared;
  }

  /// Packs some columns of `B` together, then multiplies them by parts of the rows.
  private void share(Workers workers) {
    stepB = k * WIDTH + GemmPack.LINE;
    int most = Math.min(GemmBlocks.COLUMNS, SHARED_SIZE / stepB * WIDTH);
    for (firstColumn = 0; firstColumn < n; firstColumn += width) {
      width = Math.min(most, n - firstColumn);
      int count = Math.ceilDiv(width, WIDTH);
      if (packedB.length < count * stepB) {
        packedB = new float[count * stepB];
      }
      packing = true;
      workers.run(transB ? count : Math.ceilDiv(k, SHARED_DEPTH), this);
      packing = false;
      workers.run(rowParts, this);
    }
  }

  /// A part of packing the shared `B`: a panel where it is turned round, else some rows.
  private void packShared(int part) {
    int from = bOff + item * strideB;
    if (transB) {
      int j = part * WIDTH;
      int at = from + (firstColumn + j) * ldb;
      int columns = Math.min(WIDTH, width - j);
      GemmPack.columns(k, columns, WIDTH, b, at, ldb, packedB, part * stepB, stepB);
    } else {
      int first = part * SHARED_DEPTH;
      int depth = Math.min(SHARED_DEPTH, k - first);
      int at = from + firstColumn + first * ldb;
      GemmPack.rows(depth, width, WIDTH, b, at, ldb, packedB, first * WIDTH, stepB);
    }
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

  @Override
  public void accept(int part) {
    if (shared && packing) {
      packShared(part);
      return;
    }
    GemmJob own = OF_THREAD.get();
    if (group == 0) {
      own.part(this, part);
      return;
    }
    int last = Math.min(batch, (part + 1) * group);
    for (int i = part * group; i < last; i++) {
      own.blocks.rectangle(this, i, 0, m, 0, n);
    }
  }

  private void part(GemmJob job, int part) {
    int rowPanels = Math.ceilDiv(job.m, ROWS);
    int r = job.shared ? part : part / job.columnParts;
    int top = (int) ((long) rowPanels * r / job.rowParts) * ROWS;
    int bottom = Math.min(job.m, (int) ((long) rowPanels * (r + 1) / job.rowParts) * ROWS);
    if (job.shared) {
      blocks.sharedRows(
          job, job.item, job.packedB, job.stepB, top, bottom, job.firstColumn, job.width);
      return;
    }
    int q = part % job.columnParts;
    int count = Math.ceilDiv(job.n, WIDTH);
    int left = (int) ((long) count * q / job.columnParts) * WIDTH;
    int right = Math.min(job.n, (int) ((long) count * (q + 1) / job.columnParts) * WIDTH);
    blocks.rectangle(job, job.item, top, bottom, left, right);
  }
}
