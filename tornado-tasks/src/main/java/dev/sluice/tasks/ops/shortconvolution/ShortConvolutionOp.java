package dev.sluice.tasks.ops.shortconvolution;

import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Causal depthwise convolution over a few time steps, with silu behind it or not: `y[b,t,d] =
/// f(bias[d] + Σ_j weight[d,j]·x[b, t−(W−1)+j, d])`, inputs before the first being the initial
/// state, or zero.
///
/// Source: Gu and Dao, "Mamba", 2023; flash-linear-attention's `ShortConvolution`.
public final class ShortConvolutionOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "short_convolution";

  private ShortConvolutionOp() {}

  /// What the op gives.
  ///
  /// @param y `[B, T, D]`
  /// @param finalState `[B, W−1, D]` (`[N, W−1, D]` for packed sequences): the last W−1 inputs,
  ///   oldest first
  public record Result(Tensor y, Tensor finalState) {}

  /// Appends the op.
  ///
  /// @param x `[B, T, D]`
  /// @param weight `[D, W]`, W at least 2
  /// @param bias `[D]`, or null for none
  /// @param silu whether silu is applied
  /// @param initialState `[B, W−1, D]` (`[N, W−1, D]` for packed sequences), oldest first, or null
  ///   for zeros
  /// @param cuSeqlens `[N + 1]` int32, bounds of packed sequences (B = 1), ascending from 0 to T,
  ///   or null
  /// @throws GraphException if a shape does not fit
  public static Result apply(
      Graph graph,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      boolean silu,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    if (x.shape().rank() != 3) {
      throw new GraphException(
          "tensor '" + x.name() + "' has shape " + x.shape() + " where [B, T, D] is needed");
    }
    int batch = x.shape().extent(0);
    int columns = x.shape().columns();
    int width = weight.shape().columns();
    weight.expect(Shape.of(columns, width));
    if (width < 2) {
      throw new GraphException(
          "weight '" + weight.name() + "' has shape " + weight.shape() + ": W must be 2 or more");
    }
    if (bias != null) {
      bias.expect(Shape.of(columns));
    }
    if (cuSeqlens != null && batch != 1) {
      throw new GraphException(
          "tensor '%s' has batch size %d; packed sequences need 1".formatted(x.name(), batch));
    }
    int sequences = cuSeqlens == null ? batch : cuSeqlens.size() - 1;
    Shape stateShape = Shape.of(sequences, width - 1, columns);
    if (initialState != null) {
      initialState.expect(stateShape);
    }
    var dims =
        new ShortConvolutionTensors.Dimensions(
            x.shape().rows(), x.shape().extent(1), columns, width, sequences, silu);
    Tensor sequence =
        graph.activation(
            "short_convolution.sequence",
            Shape.of(cuSeqlens == null ? 1 : dims.rows()),
            ElementType.INT32);
    var in = new ShortConvolutionTensors(x, weight, bias, initialState, cuSeqlens, sequence, dims);
    var result =
        new Result(
            graph.activation("short_convolution", x.shape()),
            graph.activation("short_convolution.state", stateShape));
    if (graph.choose(NAME, ShortConvolutionImplementation.class)
        == ShortConvolutionImplementation.HOST) {
      ShortConvolutionOnHost.forward(graph, in, result);
      graph.differentiable(
          in.differentiable(),
          List.of(result.y(), result.finalState()),
          g -> ShortConvolutionOnHost.backward(g, in, result));
      return result;
    }
    if (cuSeqlens != null) {
      graph
          .node("short_convolution.sequences")
          .reads(cuSeqlens)
          .writes(sequence)
          .lower(t ->
              t.task(
                  "find",
                  Grid.PARALLEL,
                  ShortConvolutionKernels::findSequences,
                  t.ints(cuSeqlens),
                  t.ints(sequence),
                  dims.rows(),
                  sequences));
    }
    graph
        .node("short_convolution.forward")
        .reads(in.all())
        .writes(result.y())
        .lower(t -> forward(t, in, result.y()));
    graph
        .node("short_convolution.state")
        .reads(in.all())
        .writes(result.finalState())
        .lower(t -> keepLast(t, in, result.finalState()));
    graph.differentiable(
        in.differentiable(),
        List.of(result.y(), result.finalState()),
        g -> ShortConvolutionGradients.backward(g, in, result));
    return result;
  }

  private static void forward(Tasks t, ShortConvolutionTensors in, Tensor y) {
    var dims = in.dims();
    t.task(
        "forward",
        Grid.PARALLEL,
        ShortConvolutionKernels::forward,
        t.floats(in.x()),
        t.floats(in.weight()),
        t.floats(in.biasOrOther()),
        t.floats(in.initialOrOther()),
        in.bounds(t),
        in.sequences(t),
        t.floats(y),
        in.useBias(),
        in.useInitial(),
        in.packed(),
        dims.silu() ? 1 : 0,
        dims.rows(),
        dims.time(),
        dims.columns(),
        dims.width());
  }

  private static void keepLast(Tasks t, ShortConvolutionTensors in, Tensor finalState) {
    var dims = in.dims();
    t.task(
        "state",
        Grid.PARALLEL,
        ShortConvolutionKernels::keepLast,
        t.floats(in.x()),
        t.floats(in.initialOrOther()),
        in.bounds(t),
        t.floats(finalState),
        in.useInitial(),
        in.packed(),
        dims.sequences(),
        dims.time(),
        dims.columns(),
        dims.width());
  }
}
