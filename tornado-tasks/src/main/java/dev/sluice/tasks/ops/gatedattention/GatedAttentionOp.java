package dev.sluice.tasks.ops.gatedattention;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.attention.AttentionOp;
import dev.sluice.tasks.ops.attention.AttentionOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Softmax attention with a sigmoid gate behind it: `y = attention(q, k, v) ⊙ σ(gate)`.
///
/// Source: Qiu et al., "Gated Attention for Large Language Models", 2025 (the gate after the scaled
/// dot product, element-wise or head-wise).
public final class GatedAttentionOp {
  /// The op's name in reports and when an implementation of the gate is forced.
  public static final String NAME = "gated_attention";

  private record Dimensions(int rows, int columns, int gates) {}

  private GatedAttentionOp() {}

  /// Appends attention and, where there is one, the gate.
  ///
  /// @param q `[B, T, H, D]`
  /// @param k `[B, T, KV, D]`
  /// @param v `[B, T, KV, D]`
  /// @param options which keys a query sees, and the scale
  /// @param gate before the sigmoid: `[B, T, H, D]` for a gate an element, any shape of `B·T·H`
  ///   elements for a gate a head, null for none
  /// @param cuSeqlens `[N+1]` int32 bounds of packed sequences (then `B` is 1), or null
  /// @return y `[B, T, H, D]`
  /// @throws GraphException if a shape does not fit
  public static Tensor apply(
      Graph graph,
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionOptions options,
      @Nullable Tensor gate,
      @Nullable Tensor cuSeqlens) {
    Tensor o = AttentionOp.apply(graph, q, k, v, options, cuSeqlens);
    return gate == null ? o : gate(graph, o, gate);
  }

  /// Appends the gate alone: `y = o ⊙ σ(gate)`.
  ///
  /// @param o `[…, H, D]`
  /// @param gate as many elements as `o`, or one for each of its rows
  /// @return y, shape of `o`
  /// @throws GraphException if the gate has another number of elements
  public static Tensor gate(Graph graph, Tensor o, Tensor gate) {
    int rows = o.shape().rows();
    if (gate.size() != o.size() && gate.size() != rows) {
      throw new GraphException(
          "gate '%s' must have one element for each of %d heads or of %d elements"
              .formatted(gate, rows, o.size()));
    }
    var dims = new Dimensions(rows, o.shape().columns(), gate.size() / rows);
    GatedAttentionImplementation form = graph.choose(NAME, GatedAttentionImplementation.class);
    Tensor y = graph.activation("gated_attention", o.shape());
    graph
        .node("gated_attention.forward")
        .reads(o, gate)
        .writes(y)
        .lower(t -> {
          if (form == GatedAttentionImplementation.HOST) {
            GatedAttentionHost.forward(t, o, gate, y, dims.rows(), dims.columns(), dims.gates());
            return;
          }
          t.task(
              "forward",
              Grid.PARALLEL,
              GatedAttentionKernels::forward,
              t.floats(o),
              t.floats(gate),
              t.floats(y),
              dims.rows(),
              dims.columns(),
              dims.gates());
        });
    graph.differentiable(List.of(o, gate), List.of(y), g -> backward(g, form, o, gate, y, dims));
    return y;
  }

  private static void backward(
      Gradients gradients,
      GatedAttentionImplementation form,
      Tensor o,
      Tensor gate,
      Tensor y,
      Dimensions dims) {
    Tensor dY = gradients.of(y);
    Tensor dO = gradients.fresh(o);
    Tensor dGate = gradients.fresh(gate);
    gradients
        .graph()
        .node("gated_attention.backward")
        .reads(o, gate, dY)
        .writes(dO, dGate)
        .lower(t -> {
          if (form == GatedAttentionImplementation.HOST) {
            GatedAttentionHost.backward(
                t, o, gate, dY, dO, dGate, dims.rows(), dims.columns(), dims.gates());
            return;
          }
          t.task(
              "backward",
              Grid.PARALLEL,
              GatedAttentionKernels::backward,
              t.floats(o),
              t.floats(gate),
              t.floats(dY),
              t.floats(dO),
              t.floats(dGate),
              dims.rows(),
              dims.columns(),
              dims.gates());
        });
  }
}
