package dev.sluice.tasks.ops.hgrn;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.Sequences;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The elementwise gated recurrence: `h[t] = e^g[t] ⊙ h[t−1] + x[t]`, output `h`.
///
/// Source: Qin, Yang and Zhong, "Hierarchically Gated Recurrent Neural Network", 2023.
public final class HgrnOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "hgrn";

  private static final int CHUNK = 32;

  private HgrnOp() {}

  /// @param output `[B, T, D]`, the state at each time step
  /// @param finalState `[N, D]`, the state behind each sequence's last step
  public record Result(Tensor output, Tensor finalState) {}

  /// What both passes need.
  private record Call(
      Graph graph,
      HgrnImplementation form,
      Tensor x,
      Tensor g,
      @Nullable Tensor initialState,
      Sequences sequences,
      Tensor output,
      Tensor finalState,
      int columns) {
    int initial() {
      return initialState == null ? 0 : 1;
    }

    /// The initial state, or an array that the task reads anyway and is told to ignore in this
    /// place (TornadoVM never ends ordering a task that has one array both to read and to write).
    Tensor initialOr(Tensor placeholder) {
      return initialState == null ? placeholder : initialState;
    }
  }

  /// What the chunked form keeps for the backward pass.
  private record Saved(Sequences.Chunks chunks, Tensor states) {}

  /// Appends the op.
  ///
  /// @param x `[B, T, D]`
  /// @param g `[B, T, D]`, log gates, at most 0
  /// @param initialState `[N, D]`, or null for zero
  /// @param cuSeqlens `[N+1]` int32 bounds of packed sequences (then `B` is 1), or null: `N` is `B`
  /// @throws GraphException if a shape does not fit
  public static Result apply(
      Graph graph, Tensor x, Tensor g, @Nullable Tensor initialState, @Nullable Tensor cuSeqlens) {
    if (x.shape().rank() != 3) {
      throw new GraphException("tensor '%s' must be [B, T, D]".formatted(x));
    }
    int length = x.shape().extent(1);
    int columns = x.shape().columns();
    g.expect(x.shape());
    Sequences sequences = Sequences.of(graph, x.shape().extent(0), length, cuSeqlens);
    Shape stateShape = Shape.of(sequences.count(), columns);
    if (initialState != null) {
      initialState.expect(stateShape);
    }
    HgrnImplementation chosen = graph.choose(NAME, HgrnImplementation.class);
    var call =
        new Call(
            graph,
            chosen == HgrnImplementation.CHUNKED && length == 1
                ? HgrnImplementation.RECURRENT
                : chosen,
            x,
            g,
            initialState,
            sequences,
            graph.activation("hgrn", x.shape()),
            graph.activation("hgrn.state", stateShape),
            columns);
    List<Tensor> inputs = Sequences.present(x, g, initialState);
    List<Tensor> outputs = List.of(call.output(), call.finalState());
    if (call.form() == HgrnImplementation.CHUNKED) {
      Saved saved = chunkedForward(call);
      graph.differentiable(inputs, outputs, gradients -> chunkedBackward(gradients, call, saved));
    } else {
      recurrentForward(call);
      graph.differentiable(inputs, outputs, gradients -> recurrentBackward(gradients, call));
    }
    return new Result(call.output(), call.finalState());
  }

  private static void recurrentForward(Call call) {
    Tensor offsets = call.sequences().offsets();
    call.graph()
        .node("hgrn.forward")
        .reads(Sequences.present(call.x(), call.g(), call.initialState(), offsets))
        .writes(call.output(), call.finalState())
        .lower(t -> {
          Tensor h0 = call.initialOr(call.x());
          if (call.form() == HgrnImplementation.HOST) {
            HgrnHost.forward(
                t,
                call.x(),
                call.g(),
                h0,
                offsets,
                call.output(),
                call.finalState(),
                call.initial(),
                call.sequences().count(),
                call.columns());
            return;
          }
          t.task(
              "forward",
              Grid.PARALLEL,
              HgrnKernels::recurrentForward,
              t.floats(call.x()),
              t.floats(call.g()),
              t.floats(h0),
              t.ints(offsets),
              t.floats(call.output()),
              t.floats(call.finalState()),
              call.initial(),
              call.sequences().count(),
              call.columns());
        });
  }

  private static void recurrentBackward(Gradients gradients, Call call) {
    Tensor dO = gradients.find(call.output());
    Tensor dHt = gradients.find(call.finalState());
    Tensor offsets = call.sequences().offsets();
    Tensor dX = gradients.fresh(call.x());
    Tensor dG = gradients.fresh(call.g());
    Tensor dH0 = initialGradient(gradients, call);
    call.graph()
        .node("hgrn.backward")
        .reads(Sequences.present(call.g(), call.initialState(), call.output(), offsets, dO, dHt))
        .writes(dX, dG, dH0)
        .lower(t -> {
          Tensor h0 = call.initialOr(call.g());
          Tensor fromOutput = dO == null ? call.g() : dO;
          Tensor fromState = dHt == null ? call.g() : dHt;
          int hasOutput = dO == null ? 0 : 1;
          int hasState = dHt == null ? 0 : 1;
          if (call.form() == HgrnImplementation.HOST) {
            HgrnHost.backward(
                t,
                call.g(),
                h0,
                call.output(),
                offsets,
                fromOutput,
                fromState,
                dX,
                dG,
                dH0,
                call.initial(),
                hasOutput,
                hasState,
                call.sequences().count(),
                call.columns());
            return;
          }
          t.task(
              "backward",
              Grid.PARALLEL,
              HgrnKernels::recurrentBackward,
              t.floats(call.g()),
              t.floats(h0),
              t.floats(call.output()),
              t.ints(offsets),
              t.floats(fromOutput),
              t.floats(fromState),
              t.floats(dX),
              t.floats(dG),
              t.floats(dH0),
              call.initial(),
              hasOutput,
              hasState,
              call.sequences().count(),
              call.columns());
        });
  }

  private static Saved chunkedForward(Call call) {
    Graph graph = call.graph();
    Sequences.Chunks chunks = call.sequences().chunks(graph, CHUNK);
    Shape shape = Shape.of(chunks.count(), call.columns());
    Tensor decay = graph.activation("hgrn.decay", shape);
    Tensor states = graph.activation("hgrn.states", shape);
    graph
        .node("hgrn.forward")
        .reads(
            Sequences.present(
                call.x(), call.g(), call.initialState(), chunks.bounds(), chunks.first()))
        .writes(call.output(), call.finalState(), states)
        .scratch(decay)
        .lower(t -> {
          t.task(
              "states",
              Grid.PARALLEL,
              HgrnKernels::chunkStates,
              t.floats(call.x()),
              t.floats(call.g()),
              t.ints(chunks.bounds()),
              t.floats(decay),
              t.floats(states),
              chunks.count(),
              call.columns());
          t.task(
              "pass",
              Grid.PARALLEL,
              HgrnKernels::passStates,
              t.floats(call.initialOr(decay)),
              t.ints(chunks.first()),
              t.floats(decay),
              t.floats(states),
              t.floats(call.finalState()),
              call.initial(),
              call.sequences().count(),
              call.columns());
          t.task(
              "outputs",
              Grid.PARALLEL,
              HgrnKernels::chunkOutputs,
              t.floats(call.x()),
              t.floats(call.g()),
              t.ints(chunks.bounds()),
              t.floats(states),
              t.floats(call.output()),
              chunks.count(),
              call.columns());
        });
    return new Saved(chunks, states);
  }

  private static void chunkedBackward(Gradients gradients, Call call, Saved saved) {
    Graph graph = call.graph();
    Sequences.Chunks chunks = saved.chunks();
    Tensor dO = gradients.find(call.output());
    Tensor dHt = gradients.find(call.finalState());
    Tensor dX = gradients.fresh(call.x());
    Tensor dG = gradients.fresh(call.g());
    Tensor dH0 = initialGradient(gradients, call);
    Shape shape = saved.states().shape();
    Tensor decay = graph.activation("hgrn.decay", shape);
    Tensor dStates = graph.activation("hgrn.d_states", shape);
    int hasOutput = dO == null ? 0 : 1;
    graph
        .node("hgrn.backward")
        .reads(
            Sequences.present(
                call.g(), call.output(), saved.states(), chunks.bounds(), chunks.first(), dO, dHt))
        .writes(dX, dG, dH0)
        .scratch(decay, dStates)
        .lower(t -> {
          Tensor fromOutput = dO == null ? call.g() : dO;
          t.task(
              "states",
              Grid.PARALLEL,
              HgrnKernels::chunkStateGradients,
              t.floats(call.g()),
              t.ints(chunks.bounds()),
              t.floats(fromOutput),
              t.floats(decay),
              t.floats(dStates),
              hasOutput,
              chunks.count(),
              call.columns());
          t.task(
              "pass",
              Grid.PARALLEL,
              HgrnKernels::passStateGradients,
              t.floats(dHt == null ? decay : dHt),
              t.ints(chunks.first()),
              t.floats(decay),
              t.floats(dStates),
              t.floats(dH0),
              dHt == null ? 0 : 1,
              call.sequences().count(),
              call.columns());
          t.task(
              "inputs",
              Grid.PARALLEL,
              HgrnKernels::chunkGradients,
              t.floats(call.g()),
              t.floats(call.output()),
              t.floats(saved.states()),
              t.ints(chunks.bounds()),
              t.floats(fromOutput),
              t.floats(dStates),
              t.floats(dX),
              t.floats(dG),
              hasOutput,
              chunks.count(),
              call.columns());
        });
  }

  private static Tensor initialGradient(Gradients gradients, Call call) {
    return call.initialState() == null
        ? call.graph().activation("d.hgrn.initial", call.finalState().shape(), ElementType.FLOAT32)
        : gradients.fresh(call.initialState());
  }
}
