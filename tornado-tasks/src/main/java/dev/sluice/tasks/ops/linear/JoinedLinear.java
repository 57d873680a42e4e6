package dev.sluice.tasks.ops.linear;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.linear.LinearOp.Dimensions;
import java.util.ArrayList;
import java.util.List;

/// Linear maps of one input whose gradients are computed together.
///
/// The gradients of the results are copied side by side, `dY = [dY_1, dY_2, …]`, and the weights
/// one below the other. Then `dX = dY·w` is one product where each would add to the last one's, and
/// `dW = dYᵀ·x` is one, whose rows are added to the weights' gradients: small products of a GPU
/// take as long as their starts, and one with a sum over many rows is split, with a kernel more
/// that adds up.
final class JoinedLinear {
  /// Maps that the kernels take at most.
  static final int MOST = JoinKernels.PIECES;

  private JoinedLinear() {}

  /// Appends 2 to [#MOST] maps.
  static List<Tensor> apply(Graph graph, Tensor x, List<Tensor> weights) {
    List<Tensor> outputs = new ArrayList<>();
    for (Tensor weight : weights) {
      outputs.add(LinearOp.product(graph, x, weight, null, LinearOp.dimensions(graph, x, weight)));
    }
    List<Tensor> inputs = new ArrayList<>(List.of(x));
    inputs.addAll(weights);
    graph.differentiable(inputs, outputs, g -> backward(g, x, weights, outputs));
    return outputs;
  }

  private static void backward(Gradients g, Tensor x, List<Tensor> weights, List<Tensor> outputs) {
    List<Tensor> used = new ArrayList<>();
    List<Tensor> gradients = new ArrayList<>();
    int columns = 0;
    for (int i = 0; i < outputs.size(); i++) {
      Tensor dY = g.find(outputs.get(i));
      if (dY != null) {
        used.add(weights.get(i));
        gradients.add(dY);
        columns += dY.shape().columns();
      }
    }
    Graph graph = g.graph();
    var each = LinearOp.dimensions(graph, x, weights.getFirst());
    var dims = new Dimensions(each.rows(), each.inputs(), columns, each.by());
    Tensor dY = graph.activation("linear.joined", Shape.of(dims.rows(), columns));
    graph
        .node("linear.backward_join")
        .reads(gradients)
        .writes(dY)
        .lower(t -> joinColumns(t, gradients, dY, dims));
    if (used.stream().anyMatch(g::needed)) {
      backwardWeights(g, x, used, dY, dims);
    }
    if (g.needed(x)) {
      Destination dX = g.into(x);
      Tensor joined = graph.activation("linear.weights", Shape.of(columns, dims.inputs()));
      graph
          .node("linear.backward_input")
          .reads(with(used, dY))
          .scratch(joined)
          .fills(dX)
          .lower(t -> {
            joinRows(t, used, joined);
            LinearOp.backwardInput(t, joined, dY, dX, dims);
          });
    }
  }

  private static void backwardWeights(
      Gradients g, Tensor x, List<Tensor> weights, Tensor dY, Dimensions dims) {
    Graph graph = g.graph();
    Tensor all =
        graph.activation("linear.weight_gradients", Shape.of(dims.outputs(), dims.inputs()));
    LinearOp.backwardWeight(graph, x, dY, new Destination(all, false), dims);
    Destination[] parts = weights.stream().map(g::into).toArray(Destination[]::new);
    // Each of the kernel's arrays is written, so that none may stand in for another.
    Tensor[] spare = new Tensor[MOST - parts.length];
    for (int i = 0; i < spare.length; i++) {
      spare[i] = graph.activation("linear.spare", Shape.of(1));
    }
    graph
        .node("linear.backward_part")
        .reads(all)
        .scratch(spare)
        .fills(parts)
        .lower(t -> addRows(t, all, parts, spare));
  }

  private static List<Tensor> with(List<Tensor> list, Tensor tensor) {
    List<Tensor> longer = new ArrayList<>(list);
    longer.add(tensor);
    return longer;
  }

  /// Where there are fewer than [#MOST], the first stands in with no columns.
  private static Tensor at(List<Tensor> list, int i) {
    return list.get(i < list.size() ? i : 0);
  }

  private static int columns(List<Tensor> list, int i) {
    return i < list.size() ? list.get(i).shape().columns() : 0;
  }

  private static int size(List<Tensor> list, int i) {
    return i < list.size() ? list.get(i).size() : 0;
  }

  private static void joinColumns(Tasks t, List<Tensor> parts, Tensor joined, Dimensions dims) {
    t.task(
        "join",
        Grid.PARALLEL,
        JoinKernels::joinColumns,
        t.floats(at(parts, 0)),
        t.floats(at(parts, 1)),
        t.floats(at(parts, 2)),
        t.floats(at(parts, 3)),
        t.floats(at(parts, 4)),
        t.floats(joined),
        columns(parts, 0),
        columns(parts, 1),
        columns(parts, 2),
        columns(parts, 3),
        columns(parts, 4),
        (dims.rows() + JoinKernels.ROWS - 1) / JoinKernels.ROWS * dims.outputs(),
        dims.rows(),
        dims.outputs());
  }

  private static void joinRows(Tasks t, List<Tensor> parts, Tensor joined) {
    t.task(
        "join",
        Grid.PARALLEL,
        JoinKernels::joinRows,
        t.floats(at(parts, 0)),
        t.floats(at(parts, 1)),
        t.floats(at(parts, 2)),
        t.floats(at(parts, 3)),
        t.floats(at(parts, 4)),
        t.floats(joined),
        size(parts, 0),
        size(parts, 1),
        size(parts, 2),
        size(parts, 3),
        joined.size());
  }

  private static void addRows(Tasks t, Tensor all, Destination[] parts, Tensor[] spare) {
    List<Tensor> arrays = new ArrayList<>();
    int[] sizes = new int[MOST];
    int[] betas = new int[MOST];
    for (int i = 0; i < MOST; i++) {
      boolean there = i < parts.length;
      arrays.add(there ? parts[i].tensor() : spare[i - parts.length]);
      sizes[i] = there ? parts[i].tensor().size() : 0;
      betas[i] = there ? parts[i].beta() : 0;
    }
    t.task(
        "add",
        Grid.PARALLEL,
        JoinKernels::addRows,
        t.floats(all),
        t.floats(arrays.get(0)),
        t.floats(arrays.get(1)),
        t.floats(arrays.get(2)),
        t.floats(arrays.get(3)),
        t.floats(arrays.get(4)),
        sizes[0],
        sizes[1],
        sizes[2],
        sizes[3],
        sizes[4],
        betas[0],
        betas[1],
        betas[2],
        betas[3],
        betas[4],
        all.size());
  }
}
