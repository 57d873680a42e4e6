package dev.sluice.tasks.ops.columns;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// Parts of rows, and rows put together of parts; copies through which gradients flow.
public final class ColumnsOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "columns";

  private ColumnsOp() {}

  /// `y[…, e] = x[…, from + e]`
  ///
  /// @param x `[…, D]`
  /// @param from first column taken
  /// @param to first column behind those taken
  /// @return y `[…, to − from]`
  /// @throws GraphException if the columns are not of `x`
  public static Tensor slice(Graph graph, Tensor x, int from, int to) {
    int columns = x.shape().columns();
    if (from < 0 || to <= from || to > columns) {
      throw new GraphException(
          "columns %d to %d of tensor '%s' %s: it has columns 0 to %d"
              .formatted(from, to - 1, x.name(), x.shape(), columns - 1));
    }
    Tensor y = graph.activation("slice", x.shape().withColumns(to - from));
    take(graph, "slice.forward", x, from, to - from, new Destination(y, false));
    graph.differentiable(List.of(x), List.of(y), g -> backwardSlice(g, x, from, g.of(y)));
    return y;
  }

  private static void backwardSlice(Gradients gradients, Tensor x, int from, Tensor dY) {
    Destination dX = gradients.into(x);
    gradients
        .graph()
        .node("slice.backward")
        .reads(dY)
        .fills(dX)
        .lower(t ->
            t.task(
                "backward",
                Grid.PARALLEL,
                ColumnsKernels::backwardTake,
                t.floats(dY),
                t.floats(dX.tensor()),
                from,
                dX.beta(),
                x.shape().rows(),
                x.shape().columns(),
                dY.shape().columns()));
  }

  /// Rows of `a` with the rows of `b` behind them: `y = [a, b]`.
  ///
  /// @param a `[…, D]`
  /// @param b `[…, E]`
  /// @return y `[…, D + E]`
  /// @throws GraphException if the shapes differ elsewhere than in the innermost axis
  public static Tensor concat(Graph graph, Tensor a, Tensor b) {
    int columnsA = a.shape().columns();
    int columnsB = b.shape().columns();
    b.expect(a.shape().withColumns(columnsB));
    Tensor y = graph.activation("concat", a.shape().withColumns(columnsA + columnsB));
    graph
        .node("concat.forward")
        .reads(a, b)
        .writes(y)
        .lower(t -> {
          int rows = a.shape().rows();
          int columns = columnsA + columnsB;
          t.task(
              "first",
              Grid.PARALLEL,
              ColumnsKernels::put,
              t.floats(a),
              t.floats(y),
              0,
              rows,
              columns,
              columnsA);
          t.task(
              "second",
              Grid.PARALLEL,
              ColumnsKernels::put,
              t.floats(b),
              t.floats(y),
              columnsA,
              rows,
              columns,
              columnsB);
        });
    graph.differentiable(
        List.of(a, b),
        List.of(y),
        g -> {
          if (g.needed(a)) {
            take(graph, "concat.backward", g.of(y), 0, columnsA, g.into(a));
          }
          if (g.needed(b)) {
            take(graph, "concat.backward", g.of(y), columnsA, columnsB, g.into(b));
          }
        });
    return y;
  }

  private static void take(
      Graph graph, String node, Tensor x, int from, int width, Destination to) {
    graph
        .node(node)
        .reads(x)
        .fills(to)
        .lower(t ->
            t.task(
                "take",
                Grid.PARALLEL,
                ColumnsKernels::take,
                t.floats(x),
                t.floats(to.tensor()),
                from,
                to.beta(),
                x.shape().rows(),
                x.shape().columns(),
                width));
  }
}
