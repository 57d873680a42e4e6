package dev.sluice.tasks.ops.swiglu;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Elementwise;
import java.util.List;

/// The gated unit `y = silu(gate)·up`.
///
/// Source: Shazeer, "GLU Variants Improve Transformer", 2020.
public final class SwigluOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "swiglu";

  private SwigluOp() {}

  /// Appends the op.
  ///
  /// @param gate any shape
  /// @param up shape of `gate`
  /// @return y, shape of `gate`
  /// @throws dev.sluice.tasks.graph.GraphException if the shapes differ
  public static Tensor apply(Graph graph, Tensor gate, Tensor up) {
    up.expect(gate.shape());
    Tensor y = graph.activation("swiglu", gate.shape());
    if (graph.choose(NAME, SwigluImplementation.class) == SwigluImplementation.HOST) {
      graph
          .node("swiglu.forward")
          .reads(gate, up)
          .writes(y)
          .lower(t -> forwardOnHost(t, gate, up, y));
      graph.differentiable(List.of(gate, up), List.of(y), g -> backwardOnHost(g, gate, up, y));
      return y;
    }
    graph
        .node("swiglu.forward")
        .reads(gate, up)
        .writes(y)
        .lower(t ->
            t.task(
                "forward",
                Grid.PARALLEL,
                SwigluKernels::forward,
                t.floats(gate),
                t.floats(up),
                t.floats(y),
                SwigluKernels.items(gate.size()),
                gate.size()));
    graph.differentiable(List.of(gate, up), List.of(y), g -> backward(g, gate, up, y));
    return y;
  }

  private static void forwardOnHost(Tasks t, Tensor gate, Tensor up, Tensor y) {
    int size = gate.size();
    float[] heapGate = t.heap(gate);
    float[] heapUp = t.heap(up);
    float[] heapY = t.heap(y);
    t.host(
        "forward", workers -> Elementwise.swiglu(workers, size, heapGate, 0, heapUp, 0, heapY, 0));
  }

  private static void backwardOnHost(Gradients gradients, Tensor gate, Tensor up, Tensor y) {
    Tensor dY = gradients.of(y);
    Tensor dGate = gradients.fresh(gate);
    Tensor dUp = gradients.fresh(up);
    int size = gate.size();
    gradients
        .graph()
        .node("swiglu.backward")
        .reads(gate, up, dY)
        .writes(dGate, dUp)
        .lower(t -> {
          float[] heapGate = t.heap(gate);
          float[] heapUp = t.heap(up);
          float[] heapDY = t.heap(dY);
          float[] heapDGate = t.heap(dGate);
          float[] heapDUp = t.heap(dUp);
          t.host(
              "backward",
              workers ->
                  Elementwise.swigluBackward(
                      workers, size, heapDY, 0, heapGate, 0, heapUp, 0, heapDGate, 0, heapDUp, 0));
        });
  }

  private static void backward(Gradients gradients, Tensor gate, Tensor up, Tensor y) {
    Tensor dY = gradients.of(y);
    Destination dGate = gradients.into(gate);
    Destination dUp = gradients.into(up);
    gradients
        .graph()
        .node("swiglu.backward")
        .reads(gate, up, dY)
        .fills(dGate, dUp)
        .lower(t ->
            t.task(
                "backward",
                Grid.PARALLEL,
                SwigluKernels::backward,
                t.floats(gate),
                t.floats(up),
                t.floats(dY),
                t.floats(dGate.tensor()),
                t.floats(dUp.tensor()),
                dGate.beta(),
                dUp.beta(),
                SwigluKernels.items(gate.size()),
                gate.size()));
  }
}
