package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gated delta rule, with a state `S` `[K, V]` a value head:
///
///     S ← e^g S;   u = β (v − Sᵀk);   S ← S + k uᵀ;   o = scale · Sᵀq
///
/// `k` should be of unit length, or `β |k|² ≤ 2`, or the state grows: [QkNorm#L2] has the op divide
/// the rows of `q` and `k` by their length first, and their gradients are those of the rows as given.
///
/// Source: Yang, Kautz and Hatamizadeh, "Gated Delta Networks", 2024.
public final class GatedDeltaRuleOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "gated_delta_rule";

  /// The name under which the op goes where there is no gate.
  public static final String UNGATED_NAME = "delta_rule";

  private GatedDeltaRuleOp() {}

  /// What the op gives.
  ///
  /// @param output `[B, T, HV, V]`
  /// @param finalState `[N, HV, K, V]`
  public record Result(Tensor output, Tensor finalState) {}

  /// Appends the op.
  ///
  /// @param q `[B, T, H, K]`
  /// @param k `[B, T, H, K]`
  /// @param v `[B, T, HV, V]`; value head `j` uses key head `j / (HV/H)`
  /// @param g `[B, T, HV]` log gate, at most 0; null for none (the delta rule)
  /// @param beta `[B, T, HV]`
  /// @param norm of the rows of `q` and `k`
  /// @param scale factor of the output
  /// @param initialState `[N, HV, K, V]` or null for zero; `N` is `B` where not packed
  /// @param cuSeqlens `[N+1]` int: sequence `n` of a batch of 1 is the tokens `cuSeqlens[n]` to
  ///   `cuSeqlens[n+1]`, the last being `T`; sequences may be empty. Null if not packed.
  /// @throws dev.sluice.tasks.graph.GraphException if the shapes do not go together
  public static Result apply(
      Graph graph,
      Tensor q,
      Tensor k,
      Tensor v,
      @Nullable Tensor g,
      Tensor beta,
      QkNorm norm,
      float scale,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    String name = g == null ? UNGATED_NAME : NAME;
    var dims = GatedDeltaRuleDimensions.of(name, q, v, norm, scale, cuSeqlens);
    k.expect(dims.keys());
    beta.expect(dims.gates());
    if (g != null) {
      g.expect(dims.gates());
    }
    if (initialState != null) {
      initialState.expect(dims.states());
    }
    var in = new GatedDeltaRuleForm.Inputs(name, q, k, v, g, beta, initialState, cuSeqlens);
    Tensor output = graph.activation(name, dims.values());
    Tensor last = graph.activation(name + ".state", dims.states());
    GatedDeltaRuleForm form =
        graph
            .choose(
                name,
                GatedDeltaRuleImplementation.class,
                candidate -> candidate.takes(dims),
                "K %d, V %d".formatted(dims.keySize(), dims.valueSize()))
            .form();
    List<Tensor> saved = form.forward(graph, in, output, last, dims);
    graph.differentiable(
        GatedDeltaRuleForm.present(q, k, v, g, beta, initialState),
        List.of(output, last),
        gradients -> backward(gradients, form, in, output, last, saved, dims));
    return new Result(output, last);
  }

  private static void backward(
      Gradients gradients,
      GatedDeltaRuleForm form,
      GatedDeltaRuleForm.Inputs in,
      Tensor output,
      Tensor last,
      List<Tensor> saved,
      GatedDeltaRuleDimensions dims) {
    Graph graph = gradients.graph();
    Tensor dO = gradients.find(output);
    var d =
        new GatedDeltaRuleForm.Cotangents(
            dO != null ? dO : zero(graph, in.name() + ".d_output", dims.values()),
            gradients.find(last),
            gradients.fresh(in.q()),
            gradients.fresh(in.k()),
            gradients.fresh(in.v()),
            in.g() == null ? null : gradients.fresh(in.g()),
            gradients.fresh(in.beta()),
            in.initial() == null
                ? graph.activation(in.name() + ".d_state", dims.states())
                : gradients.fresh(in.initial()));
    form.backward(graph, in, saved, d, dims);
  }

  private static Tensor zero(Graph graph, String name, Shape shape) {
    Tensor zero = graph.activation(name, shape);
    graph
        .node(name)
        .writes(zero)
        .lower(t ->
            t.task(
                "clear", Grid.PARALLEL, GatedDeltaRuleKernels::clear, t.floats(zero), zero.size()));
    return zero;
  }
}
