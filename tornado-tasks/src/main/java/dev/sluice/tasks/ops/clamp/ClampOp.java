package dev.sluice.tasks.ops.clamp;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// Keeps elements between two bounds: `y = min(max(x, low), high)`. No gradient flows through an
/// element beyond a bound.
public final class ClampOp {
  /// The op's name in reports.
  public static final String NAME = "clamp";

  private ClampOp() {}

  /// A lower limit alone.
  ///
  /// @param minimum a constant of the graph
  /// @return y, shape of `x`
  public static Tensor atLeast(Graph graph, Tensor x, float minimum) {
    return apply(graph, x, minimum, Float.MAX_VALUE);
  }

  /// Appends the op.
  ///
  /// @param x any shape
  /// @param low a constant of the graph
  /// @param high a constant of the graph, at least `low`
  /// @return y, shape of `x`
  /// @throws GraphException if the bounds are not in order
  public static Tensor apply(Graph graph, Tensor x, float low, float high) {
    if (!(low <= high)) {
      throw new GraphException("clamp needs bounds in order, not %s and %s".formatted(low, high));
    }
    Tensor y = graph.activation(NAME, x.shape());
    graph
        .node("clamp.forward")
        .reads(x)
        .writes(y)
        .lower(t ->
            t.task(
                "forward",
                Grid.PARALLEL,
                ClampKernels::forward,
                t.floats(x),
                t.floats(y),
                low,
                high,
                x.size()));
    graph.differentiable(
        List.of(x),
        List.of(y),
        g -> {
          Tensor dY = g.of(y);
          Destination dX = g.into(x);
          graph
              .node("clamp.backward")
              .reads(x, dY)
              .fills(dX)
              .lower(t ->
                  t.task(
                      "backward",
                      Grid.PARALLEL,
                      ClampKernels::backward,
                      t.floats(x),
                      t.floats(dY),
                      t.floats(dX.tensor()),
                      low,
                      high,
                      dX.beta(),
                      x.size()));
        });
    return y;
  }
}
