package dev.sluice.tasks.ops.embedding;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Look-up of rows. The gradient of a row of the table is summed in a fixed order, without atomics:
/// the uses are cut into blocks; [#linkUses] chains the uses of each row in a block, [#sumUses]
/// walks each chain from its head, and [#addBlocks] adds up the chains of a row.
public final class EmbeddingKernels {
  private EmbeddingKernels() {}

  /// `y[r,d] = table[ids[r],d]`
  ///
  /// @param ids `[R]`, Read
  /// @param table `[V, D]`, Read
  /// @param y `[R, D]`, Overwritten
  public static void forward(IntArray ids, FloatArray table, FloatArray y, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        y.set(r * D + d, table.get(ids.get(r) * D + d));
      }
    }
  }

  /// Marks that no block of rows uses any row of the table.
  ///
  /// @param heads `[size]`, Overwritten with R
  public static void clearHeads(IntArray heads, int R, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      heads.set(i, R);
    }
  }

  /// For each use of a row of the table: whether it is the first of its block of uses, and which is
  /// the next one there. The loop has no early exit, which device compilers take badly.
  ///
  /// @param ids `[R]`, Read
  /// @param first `[R]`, Overwritten: 1 for the first use of a row in a block, else 0
  /// @param next `[R]`, Overwritten: the next use of the same row in the block, R if there is none
  /// @param heads `[blocks, V]`, Overwritten where the block uses the row: its first use
  /// @param rows uses of a block
  public static void linkUses(
      IntArray ids, IntArray first, IntArray next, IntArray heads, int rows, int R, int V) {
    for (@Parallel int r = 0; r < R; r++) {
      int id = ids.get(r);
      int block = r / rows;
      int end = Math.min(R, (block + 1) * rows);
      int before = 0;
      int after = R;
      for (int s = block * rows; s < end; s++) {
        if (ids.get(s) == id) {
          if (s < r) {
            before++;
          }
          if (s > r) {
            after = Math.min(after, s);
          }
        }
      }
      next.set(r, after);
      if (before == 0) {
        first.set(r, 1);
        heads.set(block * V + id, r);
      } else {
        first.set(r, 0);
      }
    }
  }

  /// The sums of the chains: `partial[r,d] = Σ dY[s,d]` over the uses s of r's chain, where r is
  /// the first of them.
  ///
  /// @param first `[R]`, Read; of [#linkUses]
  /// @param next `[R]`, Read; of [#linkUses]
  /// @param dY `[R, D]`, Read
  /// @param partial `[R, D]`, Overwritten in the rows of heads
  public static void sumUses(
      IntArray first, IntArray next, FloatArray dY, FloatArray partial, int R, int D) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        if (first.get(r) == 1) {
          float sum = 0.0f;
          int use = r;
          while (use < R) {
            sum += dY.get(use * D + d);
            use = next.get(use);
          }
          partial.set(r * D + d, sum);
        }
      }
    }
  }

  /// `dTable[v,d] (+)= Σ_b partial[heads[b,v],d]` over the blocks that use row v
  ///
  /// @param heads `[blocks, V]`, Read; of [#linkUses]
  /// @param partial `[R, D]`, Read; of [#sumUses]
  /// @param dTable `[V, D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void addBlocks(
      IntArray heads,
      FloatArray partial,
      FloatArray dTable,
      int accumulate,
      int blocks,
      int R,
      int V,
      int D) {
    for (@Parallel int v = 0; v < V; v++) {
      for (@Parallel int d = 0; d < D; d++) {
        float sum = accumulate == 1 ? dTable.get(v * D + d) : 0.0f;
        for (int b = 0; b < blocks; b += 4) {
          // Four at once: one after the other, each would wait for the memory.
          int head0 = heads.get(b * V + v);
          int head1 = R;
          int head2 = R;
          int head3 = R;
          if (b + 3 < blocks) {
            head1 = heads.get((b + 1) * V + v);
            head2 = heads.get((b + 2) * V + v);
            head3 = heads.get((b + 3) * V + v);
          } else {
            if (b + 1 < blocks) {
              head1 = heads.get((b + 1) * V + v);
            }
            if (b + 2 < blocks) {
              head2 = heads.get((b + 2) * V + v);
            }
          }
          if (head0 < R) {
            sum += partial.get(head0 * D + d);
          }
          if (head1 < R) {
            sum += partial.get(head1 * D + d);
          }
          if (head2 < R) {
            sum += partial.get(head2 * D + d);
          }
          if (head3 < R) {
            sum += partial.get(head3 * D + d);
          }
        }
        dTable.set(v * D + d, sum);
      }
    }
  }
}
