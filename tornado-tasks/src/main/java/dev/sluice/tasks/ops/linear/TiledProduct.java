package dev.sluice.tasks.ops.linear;

import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import org.jspecify.annotations.Nullable;

/// Adds products of [TiledKernels] to a graph.
public final class TiledProduct {
  /// Groups that keep a large device busy; a product of fewer tiles has its sum split.
  private static final int GROUPS = 264;

  /// Terms below which splitting a sum does not pay.
  private static final int SHORTEST_PART = 256;

  private TiledProduct() {}

  /// A matrix inside a tensor: element (row, term) lies at `offset + row·rowStride + term·step`.
  public record Operand(Tensor tensor, int offset, int rowStride, int step) {
    /// Rows of `columns` elements, one after the other.
    public static Operand rows(Tensor tensor, int columns) {
      return new Operand(tensor, 0, columns, 1);
    }

    /// The columns of a matrix with `columns` columns, taken as rows.
    public static Operand columns(Tensor tensor, int columns) {
      return new Operand(tensor, 0, 1, columns);
    }

    /// The same from `elements` further on.
    public Operand from(int elements) {
      return new Operand(tensor, offset + elements, rowStride, step);
    }
  }

  /// The extents of a product: `m` rows times `n` columns of sums of `k` terms.
  public record Extents(int m, int n, int k) {
    /// Into how many parts the sum is split, so that small results keep a device busy.
    public int parts() {
      int tiles = tiles(m) * tiles(n);
      return Math.clamp(GROUPS / tiles, 1, Math.max(1, k / SHORTEST_PART));
    }

    private static int tiles(int extent) {
      return (extent + TiledKernels.TILE - 1) / TiledKernels.TILE;
    }
  }

  /// Adds `c = a·bᵀ (+ bias)`, or `c += …` where `accumulate` is 1.
  ///
  /// @param c `[m, n]`, from element `offset` on
  public static void add(
      Tasks tasks,
      String id,
      Operand a,
      Operand b,
      @Nullable Tensor bias,
      Tensor c,
      int offset,
      int accumulate,
      Extents extents) {
    multiply(tasks, id, a, b, bias, c, offset, accumulate, 1, extents);
  }

  /// As [#add] without a bias, the sum split into parts where that pays.
  ///
  /// @param partial `[parts · m · n]`, scratch
  public static void addSplit(
      Tasks tasks,
      String id,
      Operand a,
      Operand b,
      Tensor c,
      Tensor partial,
      int accumulate,
      Extents extents) {
    int parts = extents.parts();
    if (parts == 1) {
      multiply(tasks, id, a, b, null, c, 0, accumulate, 1, extents);
      return;
    }
    multiply(tasks, id, a, b, null, partial, 0, 0, parts, extents);
    tasks.task(
        id + "Sum",
        Grid.PARALLEL,
        LinearKernels::sumBlocks,
        tasks.floats(partial),
        tasks.floats(c),
        accumulate,
        parts,
        extents.m() * extents.n());
  }

  private static void multiply(
      Tasks tasks,
      String id,
      Operand a,
      Operand b,
      @Nullable Tensor bias,
      Tensor c,
      int offset,
      int accumulate,
      int parts,
      Extents extents) {
    int tiles = Extents.tiles(extents.m()) * Extents.tiles(extents.n());
    int depth = TiledKernels.DEPTH;
    int part = ((extents.k() + parts - 1) / parts + depth - 1) / depth * depth;
    tasks.task(
        id,
        Grid.groups(tiles, parts, TiledKernels.GROUP),
        TiledKernels::multiply,
        tasks.context(),
        tasks.floats(a.tensor()),
        tasks.floats(b.tensor()),
        tasks.floats(bias == null ? b.tensor() : bias),
        tasks.floats(c),
        a.offset(),
        a.rowStride(),
        a.step(),
        b.offset(),
        b.rowStride(),
        b.step(),
        offset,
        bias == null ? 0 : 1,
        accumulate,
        part,
        extents.m(),
        extents.n(),
        extents.k());
  }
}
