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

  /// Uses of a block at least, and blocks at most: a use is compared with all of its block.
  private static final int FEWEST_ROWS = 256;

  private static final int MOST_BLOCKS = 64;

  private record Dimensions(int rows, int vocabulary, int columns) {
    int blockRows() {
      return Math.max(FEWEST_ROWS, (rows + MOST_BLOCKS - 1) / MOST_BLOCKS);
    }

    int blocks() {
      return (rows + blockRows() - 1) / blockRows();
    }
  }

  /// What the gradient needs besides its operands: `first` and `next` `[R]`, `heads` `[blocks, V]`,
  /// `partial` `[R, D]`.
  private record Chains(Tensor first, Tensor next, Tensor heads, Tensor partial) {}

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
    Shape uses = Shape.of(dims.rows());
    var chains =
        new Chains(
            graph.activation("embedding.first", uses, ElementType.INT32),
            graph.activation("embedding.next", uses, ElementType.INT32),
            graph.activation(
                "embedding.heads", Shape.of(dims.blocks(), dims.vocabulary()), ElementType.INT32),
            graph.activation("embedding.partial", Shape.of(dims.rows(), dims.columns())));
    graph
        .node("embedding.backward")
        .reads(ids, dY)
        .scratch(chains.first(), chains.next(), chains.heads(), chains.partial())
        .fills(dTable)
        .lower(t -> lower(t, ids, dY, dTable, chains, dims));
  }

  private static void lower(
      Tasks t, Tensor ids, Tensor dY, Destination dTable, Chains chains, Dimensions dims) {
    t.task(
        "clear",
        Grid.PARALLEL,
        EmbeddingKernels::clearHeads,
        t.ints(chains.heads()),
        dims.rows(),
        dims.blocks() * dims.vocabulary());
    t.task(
        "link",
        Grid.PARALLEL,
        EmbeddingKernels::linkUses,
        t.ints(ids),
        t.ints(chains.first()),
        t.ints(chains.next()),
        t.ints(chains.heads()),
        dims.blockRows(),
        dims.rows(),
        dims.vocabulary());
    t.task(
        "chains",
        Grid.PARALLEL,
        EmbeddingKernels::sumUses,
        t.ints(chains.first()),
        t.ints(chains.next()),
        t.floats(dY),
        t.floats(chains.partial()),
        dims.rows(),
        dims.columns());
    t.task(
        "table",
        Grid.PARALLEL,
        EmbeddingKernels::addBlocks,
        t.ints(chains.heads()),
        t.floats(chains.partial()),
        t.floats(dTable.tensor()),
        dTable.beta(),
        dims.blocks(),
        dims.rows(),
        dims.vocabulary(),
        dims.columns());
  }
}
