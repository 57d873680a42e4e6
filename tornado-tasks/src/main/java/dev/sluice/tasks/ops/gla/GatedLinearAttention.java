package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the ops of the family share: `S ← diag(e^g) S + k vᵀ`, `o = (scale·q)ᵀ S`.
public final class GatedLinearAttention {
  private GatedLinearAttention() {}

  /// What the ops give.
  ///
  /// @param output `[B, T, H, V]`
  /// @param finalState `[N, H, K, V]`, `N` being `B` where sequences are not packed
  public record Result(Tensor output, Tensor finalState) {}

  /// Appends an op of the family.
  ///
  /// @param op the op's name, by which an implementation is forced
  /// @param q queries `[B, T, H, K]`
  /// @param k keys `[B, T, H, K]`
  /// @param v values `[B, T, H, V]`
  /// @param g log gate, at most 0, of the shape that `gate` says
  /// @param gate what the gate depends on
  /// @param scale factor of the queries
  /// @param initialState `[N, H, K, V]`, or null for zero
  /// @param offsets `[N + 1]` int32: sequence `n` is time steps `offsets[n] … offsets[n+1]−1` of
  ///   the one batch entry, the last offset being `T`; null where sequences are not packed
  /// @throws dev.sluice.tasks.graph.GraphException if a shape does not fit
  public static Result apply(
      Graph graph,
      String op,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor g,
      GateKind gate,
      float scale,
      @Nullable Tensor initialState,
      @Nullable Tensor offsets) {
    var inputs = new GlaInputs(q, k, v, g, initialState, offsets);
    var dims = GlaDimensions.of(inputs, gate, scale);
    GlaForm form = graph.choose(op, GlaImplementation.class).form();
    Tensor output = graph.activation(op, v.shape());
    Tensor finalState = graph.activation(op + ".state", dims.stateShape());
    List<Tensor> saved = form.forward(graph, inputs, output, finalState, dims);
    graph.differentiable(
        inputs.differentiable(),
        List.of(output, finalState),
        gradients -> backward(gradients, form, inputs, saved, output, finalState, dims));
    return new Result(output, finalState);
  }

  private static void backward(
      Gradients gradients,
      GlaForm form,
      GlaInputs in,
      List<Tensor> saved,
      Tensor output,
      Tensor finalState,
      GlaDimensions dims) {
    Graph graph = gradients.graph();
    Tensor dO = gradients.find(output);
    if (dO == null) {
      dO = zeros(graph, output.shape());
    }
    Tensor initialState = in.initialState();
    boolean gate = dims.gate() != GateKind.FIXED && gradients.needed(in.g());
    var out =
        new GlaGradients(
            dO,
            gradients.find(finalState),
            gradients.fresh(in.q()),
            gradients.fresh(in.k()),
            gradients.fresh(in.v()),
            gate ? gradients.fresh(in.g()) : null,
            initialState == null ? null : gradients.fresh(initialState));
    form.backward(graph, in, saved, out, dims);
  }

  private static Tensor zeros(Graph graph, Shape shape) {
    Tensor zeros = graph.activation("gla.zeros", shape);
    graph
        .node("gla.clear")
        .writes(zeros)
        .lower(
            t -> t.task("clear", Grid.PARALLEL, GlaKernels::clear, t.floats(zeros), zeros.size()));
    return zeros;
  }
}
