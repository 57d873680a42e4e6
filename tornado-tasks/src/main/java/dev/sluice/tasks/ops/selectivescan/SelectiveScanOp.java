package dev.sluice.tasks.ops.selectivescan;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.Sequences;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Mamba's selective scan. With `Δ = softplus(delta + bias)`, for each channel `d`: `x[t] =
/// e^(Δ[t,d] A[d]) ⊙ x[t−1] + Δ[t,d] B[t] u[t,d]`, `y[t,d] = (C[t]·x[t] + D[d] u[t,d])
/// silu(z[t,d])`.
///
/// Source: Gu and Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023.
public final class SelectiveScanOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "selective_scan";

  private SelectiveScanOp() {}

  /// What the scan reads.
  ///
  /// @param u `[B, T, D]`
  /// @param delta `[B, T, D]`, before bias and softplus
  /// @param a `[D, N]`, at most 0
  /// @param b `[B, T, N]`
  /// @param c `[B, T, N]`
  /// @param skip `[D]`, the factor `D` of the input
  /// @param z `[B, T, D]`, or null for no gate
  /// @param deltaBias `[D]`, or null for none
  /// @param initialState `[S, D, N]`, or null for zero
  record Inputs(
      Tensor u,
      Tensor delta,
      Tensor a,
      Tensor b,
      Tensor c,
      Tensor skip,
      @Nullable Tensor z,
      @Nullable Tensor deltaBias,
      @Nullable Tensor initialState) {
    List<Tensor> present() {
      return Sequences.present(u, delta, a, b, c, skip, z, deltaBias, initialState);
    }
  }

  /// @param output `[B, T, D]`
  /// @param finalState `[S, D, N]`, the state behind each sequence's last step
  public record Result(Tensor output, Tensor finalState) {}

  /// Sizes of one call.
  record Dimensions(int rows, int columns, int states, int sequences) {
    int stateElements() {
      return columns * states;
    }
  }

  /// What both passes need. `sum` is the output before the gate; where there is none, the output.
  record Call(
      Graph graph,
      SelectiveScanImplementation form,
      Inputs in,
      Sequences sequences,
      Sequences.Chunks chunks,
      Tensor step,
      Tensor states,
      Tensor sum,
      Tensor output,
      Tensor finalState,
      Dimensions dims) {
    int gated() {
      return in.z() == null ? 0 : 1;
    }

    int biased() {
      return in.deltaBias() == null ? 0 : 1;
    }

    int initial() {
      return in.initialState() == null ? 0 : 1;
    }
  }

  /// Appends the op.
  ///
  /// @param u `[B, T, D]`
  /// @param delta `[B, T, D]`, before bias and softplus
  /// @param a `[D, N]`, at most 0
  /// @param b `[B, T, N]`
  /// @param c `[B, T, N]`
  /// @param skip `[D]`, the factor `D` of the input
  /// @param z `[B, T, D]`, or null for no gate
  /// @param deltaBias `[D]`, or null for none
  /// @param initialState `[S, D, N]`, or null for zero
  /// @param cuSeqlens `[S+1]` int32 bounds of packed sequences (then `B` is 1), or null: `S` is `B`
  /// @throws GraphException if a shape does not fit
  public static Result apply(
      Graph graph,
      Tensor u,
      Tensor delta,
      Tensor a,
      Tensor b,
      Tensor c,
      Tensor skip,
      @Nullable Tensor z,
      @Nullable Tensor deltaBias,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    Shape shape = u.shape();
    if (shape.rank() != 3 || a.shape().rank() != 2) {
      throw new GraphException("u must be [B, T, D] and A [D, N], not %s and %s".formatted(u, a));
    }
    int length = shape.extent(1);
    Sequences sequences = Sequences.of(graph, shape.extent(0), length, cuSeqlens);
    var dims =
        new Dimensions(shape.rows(), shape.columns(), a.shape().columns(), sequences.count());
    var in = new Inputs(u, delta, a, b, c, skip, z, deltaBias, initialState);
    check(in, dims);
    SelectiveScanImplementation chosen = graph.choose(NAME, SelectiveScanImplementation.class);
    Sequences.Chunks chunks = sequences.chunks(graph, SelectiveScanGradientKernels.CHUNK);
    Tensor sum = graph.activation("selective_scan.sum", shape);
    var call =
        new Call(
            graph,
            chosen == SelectiveScanImplementation.CHUNKED && length == 1
                ? SelectiveScanImplementation.RECURRENT
                : chosen,
            in,
            sequences,
            chunks,
            graph.activation("selective_scan.step", shape),
            graph.activation(
                "selective_scan.states", Shape.of(chunks.count(), dims.columns(), dims.states())),
            sum,
            z == null ? sum : graph.activation("selective_scan", shape),
            graph.activation(
                "selective_scan.state", Shape.of(dims.sequences(), dims.columns(), dims.states())),
            dims);
    forward(call);
    graph.differentiable(
        in.present(),
        List.of(call.output(), call.finalState()),
        g -> SelectiveScanGradients.append(g, call));
    return new Result(call.output(), call.finalState());
  }

  private static void check(Inputs in, Dimensions dims) {
    Shape shape = in.u().shape();
    in.delta().expect(shape);
    in.a().expect(Shape.of(dims.columns(), dims.states()));
    in.b().expect(shape.withColumns(dims.states()));
    in.c().expect(shape.withColumns(dims.states()));
    in.skip().expect(Shape.of(dims.columns()));
    if (in.z() != null) {
      in.z().expect(shape);
    }
    if (in.deltaBias() != null) {
      in.deltaBias().expect(Shape.of(dims.columns()));
    }
    if (in.initialState() != null) {
      in.initialState().expect(Shape.of(dims.sequences(), dims.columns(), dims.states()));
    }
  }

  private static void forward(Call call) {
    Graph graph = call.graph();
    Inputs in = call.in();
    Dimensions dims = call.dims();
    Sequences.Chunks chunks = call.chunks();
    Tensor total =
        graph.activation("selective_scan.total", Shape.of(chunks.count(), dims.columns()));
    List<Tensor> reads = in.present();
    reads.add(chunks.bounds());
    reads.add(chunks.first());
    var node = graph.node("selective_scan.forward").reads(reads).scratch(total);
    if (in.z() == null) {
      node.writes(call.sum(), call.finalState(), call.step(), call.states());
    } else {
      node.writes(call.sum(), call.finalState(), call.step(), call.states(), call.output());
    }
    node.lower(t -> {
      if (call.form() == SelectiveScanImplementation.HOST) {
        SelectiveScanHost.forward(t, call);
        return;
      }
      t.task(
          "steps",
          Grid.PARALLEL,
          SelectiveScanKernels::steps,
          t.floats(in.delta()),
          t.floats(OptionalTensors.or(in.deltaBias(), in.skip())),
          t.floats(call.step()),
          call.biased(),
          dims.rows(),
          dims.columns());
      if (call.form() == SelectiveScanImplementation.RECURRENT) {
        recurrent(t, call);
      } else {
        chunked(t, call, total);
      }
      t.task(
          "skip",
          Grid.PARALLEL,
          SelectiveScanKernels::addInput,
          t.floats(in.u()),
          t.floats(in.skip()),
          t.floats(call.sum()),
          dims.rows(),
          dims.columns());
      if (in.z() != null) {
        t.task(
            "gate",
            Grid.PARALLEL,
            SelectiveScanKernels::gate,
            t.floats(in.z()),
            t.floats(call.sum()),
            t.floats(call.output()),
            dims.rows() * dims.columns());
      }
    });
  }

  private static void recurrent(Tasks t, Call call) {
    Inputs in = call.in();
    Dimensions dims = call.dims();
    t.task(
        "scan",
        Grid.PARALLEL,
        SelectiveScanKernels::recurrent,
        t.floats(in.u()),
        t.floats(call.step()),
        t.floats(in.a()),
        t.floats(in.b()),
        t.floats(in.c()),
        t.floats(OptionalTensors.or(in.initialState(), in.a())),
        t.ints(call.chunks().bounds()),
        t.ints(call.chunks().first()),
        t.floats(call.sum()),
        t.floats(call.finalState()),
        t.floats(call.states()),
        call.initial(),
        dims.sequences(),
        dims.columns(),
        dims.states());
  }

  private static void chunked(Tasks t, Call call, Tensor total) {
    Inputs in = call.in();
    Dimensions dims = call.dims();
    Sequences.Chunks chunks = call.chunks();
    t.task(
        "states",
        Grid.PARALLEL,
        SelectiveScanKernels::chunkStates,
        t.floats(in.u()),
        t.floats(call.step()),
        t.floats(in.a()),
        t.floats(in.b()),
        t.ints(chunks.bounds()),
        t.floats(total),
        t.floats(call.states()),
        chunks.count(),
        dims.columns(),
        dims.states());
    t.task(
        "pass",
        Grid.PARALLEL,
        SelectiveScanKernels::passStates,
        t.floats(in.a()),
        t.floats(OptionalTensors.or(in.initialState(), in.a())),
        t.ints(chunks.first()),
        t.floats(total),
        t.floats(call.states()),
        t.floats(call.finalState()),
        call.initial(),
        dims.sequences(),
        dims.columns(),
        dims.states());
    t.task(
        "outputs",
        Grid.PARALLEL,
        SelectiveScanKernels::chunkOutputs,
        t.floats(in.u()),
        t.floats(call.step()),
        t.floats(in.a()),
        t.floats(in.b()),
        t.floats(in.c()),
        t.ints(chunks.bounds()),
        t.floats(call.states()),
        t.floats(call.sum()),
        chunks.count(),
        dims.columns(),
        dims.states());
  }
}
