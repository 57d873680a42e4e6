package dev.sluice.tasks.ops.embedding;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Embedding;
import java.util.Arrays;
import java.util.List;

/// Look-up of rows of a table: `y[b,t] = table[ids[b,t]]`.
///
/// Ids are data: whoever writes them sees to it that they are from 0 to V − 1.
public final class EmbeddingOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "embedding";

  private record Dimensions(int rows, int vocabulary, int columns) {}

  private EmbeddingOp() {}

  /// Appends the op.
  ///
  /// @param ids `[B, T]` int32, or any other shape
  /// @param table `[V, D]`
  /// @return y, the shape of `ids` with D behind it
  /// @throws GraphException if the ids are not int32 or the table is not a matrix
  public static Tensor apply(Graph graph, Tensor ids, Tensor table) {
    if (ids.type() != ElementType.INT32) {
      throw new GraphException("ids '" + ids.name() + "' are " + ids.type() + ", not INT32");
    }
    if (table.shape().rank() != 2) {
      throw new GraphException(
          "table '" + table.name() + "' has shape " + table.shape() + " where [V, D] is needed");
    }
    var dims = new Dimensions(ids.size(), table.shape().extent(0), table.shape().extent(1));
    int[] extents = Arrays.copyOf(ids.shape().extents(), ids.shape().rank() + 1);
    extents[extents.length - 1] = dims.columns();
    Tensor y = graph.activation("embedding", Shape.of(extents));
    boolean host =
        graph.choose(NAME, EmbeddingImplementation.class) == EmbeddingImplementation.HOST;
    graph
        .node("embedding.forward")
        .reads(ids, table)
        .writes(y)
        .lower(t -> {
          if (host) {
            forwardOnHost(t, ids, table, y, dims);
          } else {
            t.task(
                "forward",
                Grid.PARALLEL,
                EmbeddingKernels::forward,
                t.ints(ids),
                t.floats(table),
                t.floats(y),
                dims.rows(),
                dims.columns());
          }
        });
    graph.differentiable(
        List.of(table),
        List.of(y),
        g -> {
          if (host) {
            backwardOnHost(g, ids, table, y, dims);
          } else {
            backward(g, ids, table, y, dims);
          }
        });
    return y;
  }

  private static void forwardOnHost(Tasks t, Tensor ids, Tensor table, Tensor y, Dimensions dims) {
    int[] heapIds = t.heapInts(ids);
    float[] heapTable = t.heap(table);
    float[] heapY = t.heap(y);
    t.host(
        "forward",
        workers ->
            Embedding.gather(
                workers, dims.rows(), dims.columns(), heapIds, 0, heapTable, 0, heapY, 0));
  }

  private static void backwardOnHost(
      Gradients gradients, Tensor ids, Tensor table, Tensor y, Dimensions dims) {
    Tensor dY = gradients.of(y);
    Destination dTable = gradients.into(table);
    gradients
        .graph()
        .node("embedding.backward")
        .reads(ids, dY)
        .fills(dTable)
        .lower(t -> {
          int[] heapIds = t.heapInts(ids);
          float[] heapDY = t.heap(dY);
          float[] heapTable = t.heap(dTable.tensor());
          int size = dims.vocabulary() * dims.columns();
          t.host(
              "table",
              workers -> {
                if (!dTable.accumulate()) {
                  Arrays.fill(heapTable, 0, size, 0.0f);
                }
                Embedding.scatterAdd(
                    workers, dims.rows(), dims.columns(), heapIds, 0, heapDY, 0, heapTable, 0);
              });
        });
  }

  private static void backward(
      Gradients gradients, Tensor ids, Tensor table, Tensor y, Dimensions dims) {
    Graph graph = gradients.graph();
    Tensor dY = gradients.of(y);
    Destination dTable = gradients.into(table);
    Tensor first = graph.activation("embedding.first", Shape.of(dims.rows()), ElementType.INT32);
    Tensor next = graph.activation("embedding.next", Shape.of(dims.rows()), ElementType.INT32);
    graph
        .node("embedding.backward")
        .reads(ids, dY)
        .scratch(first, next)
        .fills(dTable)
        .lower(t -> lower(t, ids, dY, dTable, first, next, dims));
  }

  private static void lower(
      Tasks t,
      Tensor ids,
      Tensor dY,
      Destination dTable,
      Tensor first,
      Tensor next,
      Dimensions dims) {
    if (!dTable.accumulate()) {
      t.task(
          "clear",
          Grid.PARALLEL,
          EmbeddingKernels::clear,
          t.floats(dTable.tensor()),
          dims.vocabulary() * dims.columns());
    }
    t.task(
        "link",
        Grid.PARALLEL,
        EmbeddingKernels::linkUses,
        t.ints(ids),
        t.ints(first),
        t.ints(next),
        dims.rows());
    t.task(
        "table",
        Grid.PARALLEL,
        EmbeddingKernels::backward,
        t.ints(ids),
        t.ints(first),
        t.ints(next),
        t.floats(dY),
        t.floats(dTable.tensor()),
        dims.rows(),
        dims.columns());
  }
}
