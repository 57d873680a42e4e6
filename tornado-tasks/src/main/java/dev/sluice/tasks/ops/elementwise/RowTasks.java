package dev.sluice.tasks.ops.elementwise;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import org.jspecify.annotations.Nullable;

/// The tasks of operands that are one row for all others.
final class RowTasks {
  /// Blocks of rows whose sums of a column are made at the same time.
  private static final int ROW_BLOCKS = 64;

  private RowTasks() {}

  /// `y[…, d] = x[…, d] · v[d]`, into `destination`.
  ///
  /// @param host whether the Vector API computes it
  static void product(
      Graph graph, String node, boolean host, Tensor x, Tensor v, Destination destination) {
    graph
        .node(node)
        .reads(x, v)
        .fills(destination)
        .lower(t -> {
          if (host) {
            t.host(
                "multiply",
                ElementwiseHost.multiplyRow(
                    t.heap(x),
                    t.heap(v),
                    t.heap(destination.tensor()),
                    destination.accumulate(),
                    x.shape().rows(),
                    x.shape().columns()));
          } else {
            t.task(
                "multiply",
                Grid.PARALLEL,
                ElementwiseKernels::multiplyRow,
                t.floats(x),
                t.floats(v),
                t.floats(destination.tensor()),
                destination.beta(),
                x.shape().rows(),
                x.shape().columns());
          }
        });
  }

  /// `dv[d] = Σ x[…, d] · dY[…, d]`, or `Σ dY[…, d]` where `x` is null.
  ///
  /// @param host whether the Vector API computes it
  static void backward(
      Gradients gradients, String name, boolean host, @Nullable Tensor x, Tensor v, Tensor dY) {
    Graph graph = gradients.graph();
    Destination dV = gradients.into(v);
    Tensor partial = graph.activation(name + ".partial", Shape.of(ROW_BLOCKS, v.size()));
    Tensor factor = x == null ? dY : x;
    graph
        .node(name + ".backward_row")
        .reads(factor, dY)
        .scratch(partial)
        .fills(dV)
        .lower(t -> {
          if (host) {
            t.host(
                "row",
                ElementwiseHost.backwardRow(
                    x == null ? null : t.heap(x),
                    t.heap(dY),
                    t.heap(partial),
                    t.heap(dV.tensor()),
                    dV.accumulate(),
                    ROW_BLOCKS,
                    dY.shape().rows(),
                    v.size()));
            return;
          }
          t.task(
              "partial",
              Grid.PARALLEL,
              ElementwiseKernels::backwardRowPartial,
              t.floats(factor),
              t.floats(dY),
              t.floats(partial),
              x == null ? 0 : 1,
              ROW_BLOCKS,
              dY.shape().rows(),
              v.size());
          t.task(
              "row",
              Grid.PARALLEL,
              ElementwiseKernels::backwardRow,
              t.floats(partial),
              t.floats(dV.tensor()),
              dV.beta(),
              ROW_BLOCKS,
              v.size());
        });
  }
}
