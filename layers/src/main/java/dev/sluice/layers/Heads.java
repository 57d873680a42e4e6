package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.columns.ColumnsOp;

/// Views of a layer's columns as heads.
final class Heads {
  private Heads() {}

  /// The columns of `x` as heads: `[B, T, H·S]` → `[B, T, H, S]`.
  static Tensor split(Tensor x, int heads) {
    return x.view(x.shape().extent(0), x.shape().extent(1), heads, x.shape().columns() / heads);
  }

  /// Each head `times` times, so that query head `h` finds its key head `⌊h / times⌋` at `h`: `[B,
  /// T, KV, S]` → `[B, T, KV·times, S]`.
  static Tensor repeat(Graph graph, Tensor x, int times) {
    Tensor y = x;
    for (int i = 1; i < times; i++) {
      y = ColumnsOp.concat(graph, y, x);
    }
    return y.view(
        x.shape().extent(0), x.shape().extent(1), x.shape().extent(2) * times, x.shape().columns());
  }
}
