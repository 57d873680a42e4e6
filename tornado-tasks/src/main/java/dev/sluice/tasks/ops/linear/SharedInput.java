package dev.sluice.tasks.ops.linear;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Gemm;
import dev.sluice.tasks.host.GemmPieces;
import dev.sluice.tasks.ops.linear.LinearOp.Dimensions;
import java.util.ArrayList;
import java.util.List;

/// Linear maps of one input on the host, with the bits of each alone: `y_i = x·w_iᵀ` and `dW_i =
/// dY_iᵀ·x` are a job each, of all maps. Few rows wait for threads once, and `x` is packed once for
/// all gradients of weights. Nothing is copied, unlike in [JoinedLinear].
final class SharedInput {
  private SharedInput() {}

  /// Appends the maps.
  static List<Tensor> apply(Graph graph, Tensor x, List<Tensor> weights) {
    List<Tensor> outputs = new ArrayList<>();
    for (Tensor weight : weights) {
      int columns = LinearOp.dimensions(graph, x, weight).outputs();
      outputs.add(graph.activation("linear", x.shape().withColumns(columns)));
    }
    List<Tensor> inputs = new ArrayList<>(List.of(x));
    inputs.addAll(weights);
    graph
        .node("linear.forward")
        .reads(inputs)
        .writes(outputs.toArray(Tensor[]::new))
        .lower(t -> forward(t, x, weights, outputs));
    graph.differentiable(inputs, outputs, g -> backward(g, x, weights, outputs));
    return outputs;
  }

  private static void forward(Tasks t, Tensor x, List<Tensor> weights, List<Tensor> outputs) {
    Shape shape = x.shape();
    float[] heapX = t.heap(x);
    var pieces = pieces(t, outputs, weights, outputs, new boolean[outputs.size()]);
    t.host(
        "forward",
        workers -> Gemm.shareLeft(workers, pieces, shape.rows(), shape.columns(), heapX));
  }

  private static void backward(Gradients g, Tensor x, List<Tensor> weights, List<Tensor> outputs) {
    Graph graph = g.graph();
    List<Tensor> gradients = new ArrayList<>();
    List<Destination> results = new ArrayList<>();
    for (int i = outputs.size() - 1; i >= 0; i--) {
      Tensor dY = g.find(outputs.get(i));
      if (dY != null && g.needed(weights.get(i))) {
        gradients.add(dY);
        results.add(g.into(weights.get(i)));
      }
    }
    if (!results.isEmpty()) {
      List<Tensor> inputs = new ArrayList<>(List.of(x));
      inputs.addAll(gradients);
      graph
          .node("linear.backward_weight")
          .reads(inputs)
          .fills(results.toArray(Destination[]::new))
          .lower(t -> backwardWeights(t, x, gradients, results));
    }
    for (int i = outputs.size() - 1; i >= 0; i--) {
      Tensor weight = weights.get(i);
      Tensor dY = g.find(outputs.get(i));
      if (dY != null && g.needed(x)) {
        Dimensions dims = LinearOp.dimensions(graph, x, weight);
        Destination dX = g.into(x);
        graph
            .node("linear.backward_input")
            .reads(weight, dY)
            .fills(dX)
            .lower(t -> LinearOp.backwardInput(t, weight, dY, dX, dims));
      }
    }
  }

  private static void backwardWeights(
      Tasks t, Tensor x, List<Tensor> gradients, List<Destination> results) {
    Shape shape = x.shape();
    float[] heapX = t.heap(x);
    boolean[] accumulate = new boolean[results.size()];
    for (int i = 0; i < accumulate.length; i++) {
      accumulate[i] = results.get(i).accumulate();
    }
    List<Tensor> dW = results.stream().map(Destination::tensor).toList();
    var pieces = pieces(t, gradients, gradients, dW, accumulate);
    t.host(
        "weight",
        workers -> Gemm.shareRight(workers, pieces, shape.columns(), shape.rows(), heapX));
  }

  /// Pieces of as many columns as `sizes` have.
  private static GemmPieces pieces(
      Tasks t,
      List<Tensor> sizes,
      List<Tensor> inputs,
      List<Tensor> outputs,
      boolean[] accumulate) {
    return new GemmPieces(
        sizes.stream().mapToInt(tensor -> tensor.shape().columns()).toArray(),
        inputs.stream().map(t::heap).toArray(float[][]::new),
        outputs.stream().map(t::heap).toArray(float[][]::new),
        accumulate);
  }
}
