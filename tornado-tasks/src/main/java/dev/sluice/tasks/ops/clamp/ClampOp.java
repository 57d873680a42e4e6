package dev.sluice.tasks.ops.clamp;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// A lower limit of elements: `y = max(x, minimum)`.
public final class ClampOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "clamp";

  private ClampOp() {}

  /// Appends the op.
  ///
  /// @param minimum a constant of the graph
  /// @return y, shape of `x`
  public static Tensor atLeast(Graph graph, Tensor x, float minimum) {
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
                minimum,
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
                      minimum,
                      dX.beta(),
                      x.size()));
        });
    return y;
  }
}
