package dev.sluice.tasks.ops.depthwiseconvolution;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.Sequences;
import org.jspecify.annotations.Nullable;

/// Convolution over time of each channel with its own kernel: `y[t,c] = bias[c] + Σ_j w[c,j] x[t −
/// left + j, c]`, `left = K−1` if causal, else `(K−1)/2`. Over images: [DepthwiseImageOp].
///
/// The order of taps is that of PyTorch's `Conv1d` with `groups = C`.
public final class DepthwiseConvolutionOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "depthwise_convolution";

  /// Blocks of rows over which weight gradients are summed first.
  static final int BLOCKS = 64;

  private DepthwiseConvolutionOp() {}

  /// @param output `[B, T, C]`
  /// @param finalState `[N, K−1, C]`, the last `K−1` inputs of each sequence; null if not causal or
  ///   if `K` is 1
  public record Result(Tensor output, @Nullable Tensor finalState) {}

  private record Dimensions(int rows, int columns, int size, int left, int sequences) {}

  private record Call(
      Graph graph,
      DepthwiseConvolutionImplementation form,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      @Nullable Tensor history,
      Sequences sequences,
      Tensor bounds,
      Tensor output,
      @Nullable Tensor state,
      Dimensions dims) {
    int biased() {
      return bias == null ? 0 : 1;
    }

    int initial() {
      return history == null ? 0 : 1;
    }
  }

  /// Appends the op.
  ///
  /// @param x `[B, T, C]`
  /// @param weight `[C, K]`
  /// @param bias `[C]`, or null for none
  /// @param causal whether the kernel reaches back only; else it is centred and `K` must be odd
  /// @param initialState `[N, K−1, C]`, the inputs before each sequence, the last one last; null
  ///   for zero; of the causal form only
  /// @param cuSeqlens `[N+1]` int32 bounds of packed sequences (then `B` is 1), or null: `N` is `B`
  /// @throws GraphException if a shape does not fit
  public static Result apply(
      Graph graph,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      boolean causal,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    Shape shape = x.shape();
    if (shape.rank() != 3 || weight.shape().rank() != 2) {
      throw new GraphException(
          "x must be [B, T, C] and its kernels [C, K], not %s and %s".formatted(x, weight));
    }
    int columns = shape.columns();
    int size = weight.shape().columns();
    weight.expect(Shape.of(columns, size));
    if (bias != null) {
      bias.expect(Shape.of(columns));
    }
    if (!causal && (size % 2 == 0 || initialState != null)) {
      throw new GraphException(
          "a centred convolution needs a kernel of odd size, not %d, and has no initial state"
              .formatted(size));
    }
    Sequences sequences = Sequences.of(graph, shape.extent(0), shape.extent(1), cuSeqlens);
    if (initialState != null) {
      initialState.expect(Shape.of(sequences.count(), size - 1, columns));
    }
    var call =
        new Call(
            graph,
            graph.choose(NAME, DepthwiseConvolutionImplementation.class),
            x,
            weight,
            bias,
            initialState,
            sequences,
            sequences.rowBounds(graph),
            graph.activation(NAME, shape),
            causal && size > 1
                ? graph.activation(NAME + ".state", Shape.of(sequences.count(), size - 1, columns))
                : null,
            new Dimensions(
                shape.rows(),
                columns,
                size,
                causal ? size - 1 : (size - 1) / 2,
                sequences.count()));
    forward(call);
    if (call.state() != null) {
      state(call, call.state());
    }
    graph.differentiable(
        Sequences.present(x, weight, bias, initialState),
        Sequences.present(call.output(), call.state()),
        g -> backward(g, call));
    return new Result(call.output(), call.state());
  }

  private static void forward(Call call) {
    Dimensions dims = call.dims();
    call.graph()
        .node("depthwise_convolution.forward")
        .reads(
            Sequences.present(call.x(), call.weight(), call.bias(), call.history(), call.bounds()))
        .writes(call.output())
        .lower(t -> {
          Tensor bias = OptionalTensors.or(call.bias(), call.weight());
          Tensor history = OptionalTensors.or(call.history(), call.x());
          if (call.form() == DepthwiseConvolutionImplementation.HOST) {
            DepthwiseConvolutionHost.forward(
                t,
                call.x(),
                call.weight(),
                bias,
                history,
                call.output(),
                call.bias() != null,
                geometry(t, call),
                dims.rows(),
                dims.columns(),
                dims.size());
            return;
          }
          t.task(
              "forward",
              Grid.PARALLEL,
              DepthwiseConvolutionKernels::forward,
              t.floats(call.x()),
              t.floats(call.weight()),
              t.floats(bias),
              t.floats(history),
              t.ints(call.bounds()),
              t.floats(call.output()),
              call.biased(),
              call.initial(),
              dims.left(),
              dims.rows(),
              dims.columns(),
              dims.size());
        });
  }

  private static DepthwiseConvolutionHost.Geometry geometry(Tasks t, Call call) {
    return new DepthwiseConvolutionHost.SequenceRows(
        t.heapInts(call.bounds()), call.history() != null, call.dims().left(), call.dims().size());
  }

  private static void state(Call call, Tensor state) {
    Dimensions dims = call.dims();
    Tensor offsets = call.sequences().offsets();
    call.graph()
        .node("depthwise_convolution.state")
        .reads(Sequences.present(call.x(), call.history(), offsets))
        .writes(state)
        .lower(t ->
            t.task(
                "state",
                Grid.PARALLEL,
                DepthwiseConvolutionKernels::lastInputs,
                t.floats(call.x()),
                t.floats(OptionalTensors.or(call.history(), call.x())),
                t.ints(offsets),
                t.floats(state),
                call.initial(),
                dims.sequences(),
                dims.columns(),
                dims.size()));
  }

  private static void backward(Gradients gradients, Call call) {
    Tensor dY = gradients.find(call.output());
    Tensor dState = call.state() == null ? null : gradients.find(call.state());
    if (gradients.needed(call.x())) {
      backwardInput(call, dY, dState, gradients.fresh(call.x()));
    }
    if (call.history() != null && gradients.needed(call.history())) {
      backwardHistory(call, dY, dState, gradients.fresh(call.history()));
    }
    boolean bias = call.bias() != null && gradients.needed(call.bias());
    if (dY != null && (gradients.needed(call.weight()) || bias)) {
      Tensor dBias =
          call.bias() == null
              ? call.graph()
                  .activation("depthwise_convolution.unused", Shape.of(call.dims().columns()))
              : gradients.fresh(call.bias());
      backwardWeight(call, dY, gradients.fresh(call.weight()), dBias);
    }
  }

  private static void backwardInput(
      Call call, @Nullable Tensor dY, @Nullable Tensor dState, Tensor dX) {
    Dimensions dims = call.dims();
    call.graph()
        .node("depthwise_convolution.backward_input")
        .reads(Sequences.present(call.weight(), call.bounds(), dY, dState))
        .writes(dX)
        .lower(t -> {
          if (call.form() == DepthwiseConvolutionImplementation.HOST
              && dY != null
              && dState == null) {
            DepthwiseConvolutionHost.backwardInput(
                t,
                call.weight(),
                dY,
                dX,
                geometry(t, call),
                dims.rows(),
                dims.columns(),
                dims.size());
            return;
          }
          t.task(
              "input",
              Grid.PARALLEL,
              DepthwiseConvolutionKernels::backwardInput,
              t.floats(call.weight()),
              t.ints(call.bounds()),
              t.floats(OptionalTensors.or(dY, call.weight())),
              t.floats(OptionalTensors.or(dState, call.weight())),
              t.floats(dX),
              dY == null ? 0 : 1,
              dState == null ? 0 : 1,
              dims.left(),
              dims.rows(),
              dims.columns(),
              dims.size());
        });
  }

  private static void backwardHistory(
      Call call, @Nullable Tensor dY, @Nullable Tensor dState, Tensor dHistory) {
    Dimensions dims = call.dims();
    Tensor offsets = call.sequences().offsets();
    call.graph()
        .node("depthwise_convolution.backward_history")
        .reads(Sequences.present(call.weight(), offsets, dY, dState))
        .writes(dHistory)
        .lower(t ->
            t.task(
                "history",
                Grid.PARALLEL,
                DepthwiseConvolutionKernels::backwardHistory,
                t.floats(call.weight()),
                t.ints(offsets),
                t.floats(OptionalTensors.or(dY, call.weight())),
                t.floats(OptionalTensors.or(dState, call.weight())),
                t.floats(dHistory),
                dY == null ? 0 : 1,
                dState == null ? 0 : 1,
                dims.sequences(),
                dims.columns(),
                dims.size()));
  }

  private static void backwardWeight(Call call, Tensor dY, Tensor dW, Tensor dBias) {
    Dimensions dims = call.dims();
    Tensor partial =
        call.graph()
            .activation(
                "depthwise_convolution.partial", Shape.of(BLOCKS, dims.columns(), dims.size() + 1));
    call.graph()
        .node("depthwise_convolution.backward_weight")
        .reads(Sequences.present(call.x(), call.history(), call.bounds(), dY))
        .writes(dW, dBias)
        .scratch(partial)
        .lower(t -> {
          Tensor history = OptionalTensors.or(call.history(), call.x());
          if (call.form() == DepthwiseConvolutionImplementation.HOST) {
            DepthwiseConvolutionHost.backwardWeightPartial(
                t,
                call.x(),
                history,
                dY,
                partial,
                geometry(t, call),
                BLOCKS,
                dims.rows(),
                dims.columns(),
                dims.size());
          } else {
            t.task(
                "partial",
                Grid.PARALLEL,
                DepthwiseConvolutionKernels::backwardWeightPartial,
                t.floats(call.x()),
                t.floats(history),
                t.ints(call.bounds()),
                t.floats(dY),
                t.floats(partial),
                call.initial(),
                dims.left(),
                BLOCKS,
                dims.rows(),
                dims.columns(),
                dims.size());
          }
          t.task(
              "weight",
              Grid.PARALLEL,
              DepthwiseConvolutionKernels::backwardWeight,
              t.floats(partial),
              t.floats(dW),
              t.floats(dBias),
              BLOCKS,
              dims.columns(),
              dims.size());
        });
  }
}
