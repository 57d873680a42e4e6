package dev.sluice.tasks.ceiling;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;

/// The end of a graph that is measured: one number that comes to the host, for which the device
/// must have ended everything before, while all other results stay where they are.
public final class Finish {
  private Finish() {}

  /// Appends the end; the results named before stay on the device.
  public static void append(Graph graph) {
    Tensor done = graph.output(graph.activation("done", Shape.of(1)));
    graph
        .node("finish")
        .writes(done)
        .lower(t -> t.task("run", Grid.PARALLEL, CeilingKernels::finish, t.floats(done), 1));
  }
}
