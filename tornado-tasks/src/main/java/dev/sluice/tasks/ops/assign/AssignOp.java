package dev.sluice.tasks.ops.assign;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;

/// Copies a tensor into a variable, such as a state that the next execution goes on from. No
/// gradient flows through it.
public final class AssignOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "assign";

  private AssignOp() {}

  /// `target = source`
  ///
  /// @param source any shape, float32
  /// @param target a variable with the shape of `source`; Overwritten
  /// @throws GraphException if the shapes differ or `target` is no variable
  public static void apply(Graph graph, Tensor source, Tensor target) {
    target.expect(source.shape());
    if (target.role() != Tensor.Role.VARIABLE) {
      throw new GraphException(
          "tensor '" + target.name() + "' cannot be assigned to: it is no variable");
    }
    graph
        .node("assign")
        .reads(source)
        .writes(target)
        .lower(t ->
            t.task(
                "copy",
                Grid.PARALLEL,
                AssignKernels::copy,
                t.floats(source),
                t.floats(target),
                source.size()));
  }

  /// A new tensor of zeros.
  public static Tensor zeros(Graph graph, Shape shape) {
    return constant(graph, shape, 0);
  }

  /// A new tensor whose elements are all `value`.
  public static Tensor constant(Graph graph, Shape shape, float value) {
    Tensor filled = graph.activation("constant", shape);
    graph
        .node("constant")
        .writes(filled)
        .lower(t ->
            t.task(
                "fill",
                Grid.PARALLEL,
                AssignKernels::fill,
                t.floats(filled),
                value,
                filled.size()));
    return filled;
  }
}
