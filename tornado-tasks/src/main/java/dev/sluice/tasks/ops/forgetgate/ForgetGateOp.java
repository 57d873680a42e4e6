package dev.sluice.tasks.ops.forgetgate;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.Sequences;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The forget gate `e^g = bound + (1 − bound) σ(x)`, as its logarithm `g`, and what it leaves for
/// the input, `1 − e^g`. The bound of layer `i` is the sum of the shares of layers 1 to `i` in a
/// softmax over all layers: 0 for the first layer, growing with depth, never 1.
///
/// Source: Qin, Yang and Zhong, "Hierarchically Gated Recurrent Neural Network for Sequence
/// Modeling", 2023.
public final class ForgetGateOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "forget_gate";

  private static final int ROW_BLOCKS = 64;

  private ForgetGateOp() {}

  /// @param logGate `g`, shape of `x`
  /// @param rest `1 − e^g`, shape of `x`
  public record Result(Tensor logGate, Tensor rest) {}

  private record Call(
      Graph graph,
      Tensor x,
      @Nullable Tensor logits,
      @Nullable Tensor bound,
      int layer,
      Result result) {
    int bounded() {
      return bound == null ? 0 : 1;
    }

    /// The bound, or an array that the task reads anyway and is told to ignore in this place.
    Tensor boundOrInput() {
      return bound == null ? x : bound;
    }
  }

  /// Appends the op.
  ///
  /// @param x `[…, D]`
  /// @param logits `[L, D]`, from which the bounds of all layers follow, or null for none
  /// @param layer which layer this is, from 0
  /// @throws GraphException if a shape does not fit or there is no such layer
  public static Result apply(Graph graph, Tensor x, @Nullable Tensor logits, int layer) {
    Tensor bound = logits == null ? null : bound(graph, logits, layer, x.shape().columns());
    var result =
        new Result(
            graph.activation("forget_gate", x.shape()),
            graph.activation("forget_gate.rest", x.shape()));
    var call = new Call(graph, x, logits, bound, layer, result);
    forward(call);
    graph.differentiable(
        logits == null ? List.of(x) : List.of(x, logits),
        List.of(result.logGate(), result.rest()),
        g -> backward(g, call));
    return result;
  }

  private static Tensor bound(Graph graph, Tensor logits, int layer, int columns) {
    int layers = logits.shape().extent(0);
    logits.expect(Shape.of(layers, columns));
    if (layer < 0 || layer >= layers) {
      throw new GraphException("layer %d is not one of %d".formatted(layer, layers));
    }
    Tensor bound = graph.activation("forget_gate.bound", Shape.of(2, columns));
    graph
        .node("forget_gate.bound")
        .reads(logits)
        .writes(bound)
        .lower(t ->
            t.task(
                "bound",
                Grid.PARALLEL,
                ForgetGateKernels::sumShares,
                t.floats(logits),
                t.floats(bound),
                layer,
                layers,
                columns));
    return bound;
  }

  private static void forward(Call call) {
    Tensor x = call.x();
    Result result = call.result();
    call.graph()
        .node("forget_gate.forward")
        .reads(Sequences.present(x, call.bound()))
        .writes(result.logGate(), result.rest())
        .lower(t ->
            t.task(
                "forward",
                Grid.PARALLEL,
                ForgetGateKernels::forward,
                t.floats(x),
                t.floats(call.boundOrInput()),
                t.floats(result.logGate()),
                t.floats(result.rest()),
                call.bounded(),
                x.shape().rows(),
                x.shape().columns()));
  }

  private static void backward(Gradients gradients, Call call) {
    Tensor x = call.x();
    Tensor dLogGate = gradients.find(call.result().logGate());
    Tensor dRest = gradients.find(call.result().rest());
    if (dLogGate == null || dRest == null) {
      throw new GraphException("both results of '%s' must be used".formatted(NAME));
    }
    if (gradients.needed(x)) {
      backwardInput(gradients, call, dLogGate, dRest);
    }
    Tensor logits = call.logits();
    Tensor bound = call.bound();
    if (logits != null && bound != null && gradients.needed(logits)) {
      backwardLogits(gradients, call, logits, bound, dLogGate, dRest);
    }
  }

  private static void backwardInput(Gradients gradients, Call call, Tensor dLogGate, Tensor dRest) {
    Tensor x = call.x();
    Destination dX = gradients.into(x);
    call.graph()
        .node("forget_gate.backward_input")
        .reads(Sequences.present(x, call.bound(), dLogGate, dRest))
        .fills(dX)
        .lower(t ->
            t.task(
                "input",
                Grid.PARALLEL,
                ForgetGateKernels::backwardInput,
                t.floats(x),
                t.floats(call.boundOrInput()),
                t.floats(dLogGate),
                t.floats(dRest),
                t.floats(dX.tensor()),
                dX.beta(),
                call.bounded(),
                x.shape().rows(),
                x.shape().columns()));
  }

  private static void backwardLogits(
      Gradients gradients, Call call, Tensor logits, Tensor bound, Tensor dLogGate, Tensor dRest) {
    Tensor x = call.x();
    Tensor logGate = call.result().logGate();
    Destination dLogits = gradients.into(logits);
    int columns = x.shape().columns();
    Tensor partial = call.graph().activation("forget_gate.partial", Shape.of(ROW_BLOCKS, columns));
    call.graph()
        .node("forget_gate.backward_logits")
        .reads(x, logits, bound, logGate, dLogGate, dRest)
        .scratch(partial)
        .fills(dLogits)
        .lower(t -> {
          t.task(
              "partial",
              Grid.PARALLEL,
              ForgetGateKernels::backwardBoundPartial,
              t.floats(x),
              t.floats(bound),
              t.floats(logGate),
              t.floats(dLogGate),
              t.floats(dRest),
              t.floats(partial),
              ROW_BLOCKS,
              x.shape().rows(),
              columns);
          t.task(
              "logits",
              Grid.PARALLEL,
              ForgetGateKernels::backwardLogits,
              t.floats(logits),
              t.floats(bound),
              t.floats(partial),
              t.floats(dLogits.tensor()),
              dLogits.beta(),
              call.layer(),
              ROW_BLOCKS,
              logits.shape().extent(0),
              columns);
        });
  }
}
