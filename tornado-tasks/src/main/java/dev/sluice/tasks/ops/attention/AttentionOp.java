package dev.sluice.tasks.ops.attention;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.Sequences;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Softmax attention: `o[t,h] = Σ_s softmax_s(scale · q[t,h] · k[s,h']) v[s,h']`, query head `h`
/// using key head `h' = ⌊h / (H/KV)⌋`. Memory is linear in time.
///
/// Source: Vaswani et al., "Attention Is All You Need", 2017; the running softmax: Rabe and Staats,
/// "Self-attention Does Not Need O(n²) Memory", 2021, and Dao et al., "FlashAttention", 2022.
public final class AttentionOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "attention";

  /// Queries, and keys, of a block on the host.
  static final int BLOCK = 64;

  private AttentionOp() {}

  /// Sizes of one call.
  record Dimensions(int rows, int heads, int keyHeads, int headSize, AttentionOptions options) {
    int causal() {
      return options.causal() ? 1 : 0;
    }
  }

  /// What both passes need. `blocks` is there in the host form only.
  record Call(
      Graph graph,
      AttentionImplementation form,
      Tensor q,
      Tensor k,
      Tensor v,
      Sequences sequences,
      Tensor bounds,
      Sequences.@Nullable Chunks blocks,
      Tensor o,
      Tensor l,
      Dimensions dims) {}

  /// Appends the op.
  ///
  /// @param q `[B, T, H, D]`
  /// @param k `[B, T, KV, D]`, `H` a multiple of `KV`
  /// @param v `[B, T, KV, D]`
  /// @param options which keys a query sees, and the scale
  /// @param cuSeqlens `[N+1]` int32 bounds of packed sequences (then `B` is 1), or null
  /// @return o `[B, T, H, D]`
  /// @throws GraphException if a shape does not fit
  public static Tensor apply(
      Graph graph,
      Tensor q,
      Tensor k,
      Tensor v,
      AttentionOptions options,
      @Nullable Tensor cuSeqlens) {
    Shape shape = q.shape();
    if (shape.rank() != 4 || k.shape().rank() != 4) {
      throw new GraphException(
          "queries and keys must be [B, T, H, D], not %s and %s".formatted(q, k));
    }
    int keyHeads = k.shape().extent(2);
    k.expect(Shape.of(shape.extent(0), shape.extent(1), keyHeads, shape.columns()));
    v.expect(k.shape());
    int heads = shape.extent(2);
    if (heads % keyHeads != 0) {
      throw new GraphException(
          "%d query heads cannot share %d key heads; make it a multiple"
              .formatted(heads, keyHeads));
    }
    int rows = shape.extent(0) * shape.extent(1);
    Sequences sequences = Sequences.of(graph, shape.extent(0), shape.extent(1), cuSeqlens);
    AttentionImplementation form = graph.choose(NAME, AttentionImplementation.class);
    var call =
        new Call(
            graph,
            form,
            q,
            k,
            v,
            sequences,
            sequences.rowBounds(graph),
            form == AttentionImplementation.HOST ? sequences.chunks(graph, BLOCK) : null,
            graph.activation("attention", shape),
            graph.activation("attention.log_sum", Shape.of(rows, heads)),
            new Dimensions(rows, heads, keyHeads, shape.columns(), options));
    forward(call);
    graph.differentiable(List.of(q, k, v), List.of(call.o()), g -> backward(g, call));
    return call.o();
  }

  private static void forward(Call call) {
    Sequences.Chunks blocks = call.blocks();
    Dimensions dims = call.dims();
    AttentionOptions options = dims.options();
    call.graph()
        .node("attention.forward")
        .reads(
            Sequences.present(
                call.q(),
                call.k(),
                call.v(),
                call.bounds(),
                blocks == null ? null : blocks.bounds()))
        .writes(call.o(), call.l())
        .lower(t -> {
          if (blocks != null) {
            AttentionHost.forward(t, call, blocks);
            return;
          }
          t.task(
              "forward",
              Grid.PARALLEL,
              AttentionKernels::forward,
              t.floats(call.q()),
              t.floats(call.k()),
              t.floats(call.v()),
              t.ints(call.bounds()),
              t.floats(call.o()),
              t.floats(call.l()),
              options.scale(),
              dims.causal(),
              options.window(),
              dims.rows(),
              dims.heads(),
              dims.keyHeads(),
              dims.headSize());
        });
  }

  private static void backward(Gradients gradients, Call call) {
    Graph graph = call.graph();
    Dimensions dims = call.dims();
    Tensor dO = gradients.of(call.o());
    Tensor dQ = gradients.fresh(call.q());
    Tensor dK = gradients.fresh(call.k());
    Tensor dV = gradients.fresh(call.v());
    Tensor delta = graph.activation("attention.mean", Shape.of(dims.rows(), dims.heads()));
    boolean host = call.form() == AttentionImplementation.HOST;
    graph
        .node("attention.backward")
        .reads(
            call.q(),
            call.k(),
            call.v(),
            host ? call.sequences().offsets() : call.bounds(),
            call.o(),
            call.l(),
            dO)
        .writes(dQ, dK, dV)
        .scratch(delta)
        .lower(t -> {
          t.task(
              "mean",
              Grid.PARALLEL,
              AttentionKernels::backwardMean,
              t.floats(call.o()),
              t.floats(dO),
              t.floats(delta),
              dims.rows(),
              dims.heads(),
              dims.headSize());
          if (host) {
            AttentionHostBackward.append(t, call, dO, delta, dQ, dK, dV);
          } else {
            streamingBackward(t, call, dO, delta, dQ, dK, dV);
          }
        });
  }

  private static void streamingBackward(
      Tasks t, Call call, Tensor dO, Tensor delta, Tensor dQ, Tensor dK, Tensor dV) {
    Dimensions dims = call.dims();
    AttentionOptions options = dims.options();
    t.task(
        "queries",
        Grid.PARALLEL,
        AttentionKernels::backwardQueries,
        t.floats(call.q()),
        t.floats(call.k()),
        t.floats(call.v()),
        t.ints(call.bounds()),
        t.floats(dO),
        t.floats(dQ),
        t.floats(call.l()),
        t.floats(delta),
        options.scale(),
        dims.causal(),
        options.window(),
        dims.rows(),
        dims.heads(),
        dims.keyHeads(),
        dims.headSize());
    t.task(
        "keys",
        Grid.PARALLEL,
        AttentionKernels::backwardKeys,
        t.floats(call.q()),
        t.floats(call.k()),
        t.floats(call.v()),
        t.ints(call.bounds()),
        t.floats(dO),
        t.floats(dK),
        t.floats(dV),
        t.floats(call.l()),
        t.floats(delta),
        options.scale(),
        dims.causal(),
        options.window(),
        dims.rows(),
        dims.heads(),
        dims.keyHeads(),
        dims.headSize());
  }
}
