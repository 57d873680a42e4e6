package dev.sluice.tasks.ops.l2norm;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// Division of rows by their Euclidean length: `y = x / √(Σ x² + eps)` over the innermost axis.
public final class L2NormOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "l2_norm";

  private L2NormOp() {}

  /// Appends the op.
  ///
  /// @param x `[…, D]`
  /// @param eps added to the sum of squares
  /// @return y, shape of `x`
  public static Tensor apply(Graph graph, Tensor x, float eps) {
    int rows = x.shape().rows();
    int columns = x.shape().columns();
    Tensor y = graph.activation("l2_norm", x.shape());
    Tensor scale = graph.activation("l2_norm.scale", Shape.of(rows));
    boolean host = graph.choose(NAME, L2NormImplementation.class) == L2NormImplementation.HOST;
    graph
        .node("l2_norm.forward")
        .reads(x)
        .writes(y, scale)
        .lower(t -> {
          if (host) {
            t.host(
                "forward",
                L2NormHost.forward(t.heap(x), t.heap(y), t.heap(scale), eps, rows, columns));
          } else {
            t.task(
                "forward",
                Grid.PARALLEL,
                L2NormKernels::forward,
                t.floats(x),
                t.floats(y),
                t.floats(scale),
                eps,
                rows,
                columns);
          }
        });
    graph.differentiable(
        List.of(x),
        List.of(y),
        g -> {
          Tensor dY = g.of(y);
          Destination dX = g.into(x);
          graph
              .node("l2_norm.backward")
              .reads(x, dY, scale)
              .fills(dX)
              .lower(t -> {
                if (host) {
                  t.host(
                      "backward",
                      L2NormHost.backward(
                          t.heap(x),
                          t.heap(dY),
                          t.heap(dX.tensor()),
                          t.heap(scale),
                          dX.accumulate(),
                          rows,
                          columns));
                } else {
                  t.task(
                      "backward",
                      Grid.PARALLEL,
                      L2NormKernels::backward,
                      t.floats(x),
                      t.floats(dY),
                      t.floats(dX.tensor()),
                      t.floats(scale),
                      dX.beta(),
                      rows,
                      columns);
                }
              });
        });
    return y;
  }
}
