package dev.sluice.tasks.ops.ssd;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.Sequences;
import dev.sluice.tasks.ops.gla.GateKind;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Mamba-2's scan (state space duality). With `Δ = softplus(delta + deltaBias)`, for each head:
/// `S[t] = e^(Δ[t] a) S[t−1] + Δ[t] B[t] x[t]ᵀ`, `y[t] = C[t]ᵀ S[t] + D x[t]`.
///
/// It is linear attention with one gate a head: queries `C`, keys `B`, values `Δ x`, log gate `Δ
/// a`; that part has the implementations of its family, chosen under [#NAME].
///
/// Source: Dao and Gu, "Transformers are SSMs", 2024.
public final class SsdOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "ssd";

  private static final int BLOCKS = 64;

  private SsdOp() {}

  /// @param output `[B, T, H, P]`
  /// @param finalState `[S, H, N, P]`, the state behind each sequence's last step
  public record Result(Tensor output, Tensor finalState) {}

  private record Dimensions(int rows, int heads, int headSize) {}

  /// Appends the op.
  ///
  /// @param x `[B, T, H, P]`
  /// @param delta `[B, T, H]`, before bias and softplus
  /// @param a `[H]`, at most 0
  /// @param b `[B, T, G, N]`, `H` a multiple of `G`
  /// @param c `[B, T, G, N]`
  /// @param skip `[H]`, the factor `D` of the input, or null for none
  /// @param deltaBias `[H]`, or null for none
  /// @param initialState `[S, H, N, P]`, or null for zero
  /// @param cuSeqlens `[S+1]` int32 bounds of packed sequences (then `B` is 1), or null: `S` is `B`
  /// @throws GraphException if a shape does not fit
  public static Result apply(
      Graph graph,
      Tensor x,
      Tensor delta,
      Tensor a,
      Tensor b,
      Tensor c,
      @Nullable Tensor skip,
      @Nullable Tensor deltaBias,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    Shape shape = x.shape();
    if (shape.rank() != 4 || b.shape().rank() != 4) {
      throw new GraphException(
          "x must be [B, T, H, P] and B [B, T, G, N], not %s and %s".formatted(x, b));
    }
    int heads = shape.extent(2);
    delta.expect(Shape.of(shape.extent(0), shape.extent(1), heads));
    a.expect(Shape.of(heads));
    c.expect(b.shape());
    for (Tensor perHead : Sequences.present(skip, deltaBias)) {
      perHead.expect(Shape.of(heads));
    }
    if (heads % b.shape().extent(2) != 0) {
      throw new GraphException(
          "%d heads cannot share %d groups; make it a multiple"
              .formatted(heads, b.shape().extent(2)));
    }
    var dims = new Dimensions(shape.extent(0) * shape.extent(1), heads, shape.columns());
    Tensor v = graph.activation("ssd.values", shape);
    Tensor gate = graph.activation("ssd.gate", delta.shape());
    prepare(graph, x, delta, a, deltaBias, v, gate, dims);
    GatedLinearAttention.Result result =
        GatedLinearAttention.apply(
            graph,
            NAME,
            spread(graph, c, heads),
            spread(graph, b, heads),
            v,
            gate,
            GateKind.HEAD,
            1,
            initialState,
            cuSeqlens);
    Tensor y = skip == null ? result.output() : skip(graph, result.output(), x, skip, dims);
    return new Result(y, result.finalState());
  }

  private static void prepare(
      Graph graph,
      Tensor x,
      Tensor delta,
      Tensor a,
      @Nullable Tensor bias,
      Tensor v,
      Tensor gate,
      Dimensions dims) {
    Tensor step = graph.activation("ssd.step", delta.shape());
    graph
        .node("ssd.prepare")
        .reads(Sequences.present(x, delta, a, bias))
        .writes(v, gate, step)
        .lower(t -> {
          t.task(
              "gates",
              Grid.PARALLEL,
              SsdKernels::gates,
              t.floats(delta),
              t.floats(a),
              t.floats(bias == null ? a : bias),
              t.floats(step),
              t.floats(gate),
              bias == null ? 0 : 1,
              dims.rows(),
              dims.heads());
          t.task(
              "values",
              Grid.PARALLEL,
              SsdKernels::values,
              t.floats(x),
              t.floats(step),
              t.floats(v),
              dims.rows(),
              dims.heads(),
              dims.headSize());
        });
    graph.differentiable(
        Sequences.present(x, delta, a, bias),
        List.of(v, gate),
        g -> prepareBackward(g, x, delta, a, bias, step, g.find(v), g.find(gate), dims));
  }

  private static void prepareBackward(
      Gradients gradients,
      Tensor x,
      Tensor delta,
      Tensor a,
      @Nullable Tensor bias,
      Tensor step,
      @Nullable Tensor dV,
      @Nullable Tensor dGate,
      Dimensions dims) {
    Graph graph = gradients.graph();
    Tensor dX = gradients.fresh(x);
    Tensor dDelta = gradients.fresh(delta);
    Tensor dA = gradients.fresh(a);
    Tensor dBias = bias == null ? graph.activation("ssd.unused", a.shape()) : gradients.fresh(bias);
    Tensor partial = graph.activation("ssd.partial", Shape.of(BLOCKS, 2 * dims.heads()));
    graph
        .node("ssd.prepare_backward")
        .reads(Sequences.present(x, delta, a, bias, step, dV, dGate))
        .writes(dX, dDelta, dA, dBias)
        .scratch(partial)
        .lower(t -> {
          int gateReached = dGate == null ? 0 : 1;
          t.task(
              "inputs",
              Grid.PARALLEL,
              SsdKernels::backwardInputs,
              t.floats(x),
              t.floats(delta),
              t.floats(a),
              t.floats(bias == null ? a : bias),
              t.floats(step),
              t.floats(dV == null ? x : dV),
              t.floats(dGate == null ? step : dGate),
              t.floats(dX),
              t.floats(dDelta),
              bias == null ? 0 : 1,
              dV == null ? 0 : 1,
              gateReached,
              dims.rows(),
              dims.heads(),
              dims.headSize());
          t.task(
              "partial",
              Grid.PARALLEL,
              SsdKernels::backwardHeadsPartial,
              t.floats(step),
              t.floats(dGate == null ? step : dGate),
              t.floats(dDelta),
              t.floats(partial),
              gateReached,
              BLOCKS,
              dims.rows(),
              dims.heads());
          t.task(
              "heads",
              Grid.PARALLEL,
              SsdKernels::backwardHeads,
              t.floats(partial),
              t.floats(dA),
              t.floats(dBias),
              BLOCKS,
              dims.heads());
        });
  }

  /// `[B, T, G, N]` as `[B, T, H, N]`, each group's projection for all its heads.
  private static Tensor spread(Graph graph, Tensor x, int heads) {
    Shape shape = x.shape();
    int groups = shape.extent(2);
    if (groups == heads) {
      return x;
    }
    int rows = shape.extent(0) * shape.extent(1);
    Tensor y =
        graph.activation(
            "ssd.spread", Shape.of(shape.extent(0), shape.extent(1), heads, shape.columns()));
    graph
        .node("ssd.spread")
        .reads(x)
        .writes(y)
        .lower(t ->
            t.task(
                "spread",
                Grid.PARALLEL,
                SsdKernels::spread,
                t.floats(x),
                t.floats(y),
                rows,
                heads,
                groups,
                shape.columns()));
    graph.differentiable(
        List.of(x),
        List.of(y),
        g -> {
          Tensor dY = g.of(y);
          Tensor dX = g.fresh(x);
          graph
              .node("ssd.spread_backward")
              .reads(dY)
              .writes(dX)
              .lower(t ->
                  t.task(
                      "spread",
                      Grid.PARALLEL,
                      SsdKernels::spreadBackward,
                      t.floats(dY),
                      t.floats(dX),
                      rows,
                      heads,
                      groups,
                      shape.columns()));
        });
    return y;
  }

  private static Tensor skip(Graph graph, Tensor o, Tensor x, Tensor skip, Dimensions dims) {
    Tensor y = graph.activation("ssd", x.shape());
    graph
        .node("ssd.skip")
        .reads(o, x, skip)
        .writes(y)
        .lower(t ->
            t.task(
                "add",
                Grid.PARALLEL,
                SsdKernels::addInput,
                t.floats(o),
                t.floats(x),
                t.floats(skip),
                t.floats(y),
                dims.rows(),
                dims.heads(),
                dims.headSize()));
    graph.differentiable(
        List.of(o, x, skip), List.of(y), g -> skipBackward(g, o, x, skip, g.of(y), dims));
    return y;
  }

  private static void skipBackward(
      Gradients gradients, Tensor o, Tensor x, Tensor skip, Tensor dY, Dimensions dims) {
    Graph graph = gradients.graph();
    gradients.pass(o, dY);
    Tensor dX = gradients.fresh(x);
    Tensor dSkip = gradients.fresh(skip);
    Tensor partial = graph.activation("ssd.partial", Shape.of(BLOCKS, dims.heads()));
    graph
        .node("ssd.skip_backward")
        .reads(x, skip, dY)
        .writes(dX, dSkip)
        .scratch(partial)
        .lower(t -> {
          t.task(
              "input",
              Grid.PARALLEL,
              SsdKernels::addInputBackward,
              t.floats(skip),
              t.floats(dY),
              t.floats(dX),
              dims.rows(),
              dims.heads(),
              dims.headSize());
          t.task(
              "partial",
              Grid.PARALLEL,
              SsdKernels::backwardSkipPartial,
              t.floats(x),
              t.floats(dY),
              t.floats(partial),
              BLOCKS,
              dims.rows(),
              dims.heads(),
              dims.headSize());
          t.task(
              "skip",
              Grid.PARALLEL,
              SsdKernels::backwardSkip,
              t.floats(partial),
              t.floats(dSkip),
              BLOCKS,
              dims.heads());
        });
  }
}
