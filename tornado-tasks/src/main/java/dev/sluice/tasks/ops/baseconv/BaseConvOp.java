package dev.sluice.tasks.ops.baseconv;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.Sequences;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionOp;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.linear.LinearOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Zoology's BaseConv: `y = conv(u) ⊙ (projection u + projectionBias) + u`, the convolution causal.
///
/// The short form's kernel is a parameter (`conv(u) = kernel ∗ u + bias`). The long form's kernel
/// reaches over the whole sequence and is made, for each length, by a network of one hidden layer
/// with ReLU from features of the time step (the implicit parametrisation of their
/// `ImplicitLongConvolution`; see [BaseConvKernels#positionFeatures]); there `conv(u) = filter ∗ u
/// + u`.
///
/// Source: Arora et al., "Zoology: Measuring and Improving Recall in Efficient Language Models",
/// 2023, and their code, from which the added `u` are taken.
public final class BaseConvOp {
  /// The op's name in reports and when an implementation of the long convolution is forced.
  public static final String NAME = "base_conv";

  private BaseConvOp() {}

  /// The product's other side.
  ///
  /// @param weight `[D, D]`
  /// @param bias `[D]`
  public record Projection(Tensor weight, Tensor bias) {}

  /// The network that makes the long kernel.
  ///
  /// @param hidden `[M, E]`, `E` odd and at least 3
  /// @param hiddenBias `[M]`
  /// @param out `[D, M]`
  /// @param outBias `[D]`
  public record FilterNetwork(Tensor hidden, Tensor hiddenBias, Tensor out, Tensor outBias) {}

  /// @param output `[B, T, D]`
  /// @param finalState `[N, K−1, D]`, the last inputs; null where `K` is 1
  public record Result(Tensor output, @Nullable Tensor finalState) {}

  /// Appends the form with a short kernel.
  ///
  /// @param u `[B, T, D]`
  /// @param kernel `[D, K]`
  /// @param bias `[D]`
  /// @param projection the product's other side
  /// @param initialState `[N, K−1, D]`, or null for zero
  /// @param cuSeqlens `[N+1]` int32 bounds of packed sequences (then `B` is 1), or null
  /// @throws GraphException if a shape does not fit
  public static Result withShortKernel(
      Graph graph,
      Tensor u,
      Tensor kernel,
      Tensor bias,
      Projection projection,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    DepthwiseConvolutionOp.Result convolved =
        DepthwiseConvolutionOp.apply(graph, u, kernel, bias, true, initialState, cuSeqlens);
    return new Result(gate(graph, u, convolved.output(), projection), convolved.finalState());
  }

  /// Appends the form with a kernel as long as the sequence.
  ///
  /// @param u `[B, T, D]`
  /// @param network makes the kernel
  /// @param longest the greatest length for which the network is meant, at least `T`
  /// @param projection the product's other side
  /// @param cuSeqlens `[N+1]` int32 bounds of packed sequences (then `B` is 1), or null
  /// @return y `[B, T, D]`
  /// @throws GraphException if a shape does not fit
  public static Tensor withLongKernel(
      Graph graph,
      Tensor u,
      FilterNetwork network,
      int longest,
      Projection projection,
      @Nullable Tensor cuSeqlens) {
    Shape shape = u.shape();
    if (shape.rank() != 3 || shape.extent(1) > longest) {
      throw new GraphException(
          "u must be [B, T, D] with a T of at most %d, not %s".formatted(longest, u));
    }
    Tensor filter = filter(graph, network, longest, shape.extent(1));
    Tensor bounds =
        Sequences.of(graph, shape.extent(0), shape.extent(1), cuSeqlens).rowBounds(graph);
    return gate(graph, u, convolve(graph, u, filter, bounds), projection);
  }

  /// Appends new time steps of the form with a long kernel, for generation: the new inputs go into
  /// a cache, then each step sees all inputs up to its own. No gradients.
  ///
  /// @param u `[B, T, D]`
  /// @param network makes the kernel
  /// @param longest the greatest length for which the network is meant
  /// @param cache `[B, slots, D]`, the inputs of all positions, updated
  /// @param position `[1]` int32: how many time steps are in the cache before; with the new ones
  ///   not more than it holds
  /// @param projection the product's other side
  /// @return y `[B, T, D]`
  /// @throws GraphException if a shape does not fit
  public static Tensor stepsWithLongKernel(
      Graph graph,
      Tensor u,
      FilterNetwork network,
      int longest,
      Tensor cache,
      Tensor position,
      Projection projection) {
    Shape shape = u.shape();
    if (shape.rank() != 3 || cache.shape().rank() != 3) {
      throw new GraphException(
          "u and its cache must be [B, T, D], not %s and %s".formatted(u, cache));
    }
    int slots = cache.shape().extent(1);
    cache.expect(Shape.of(shape.extent(0), slots, shape.columns()));
    position.expect(Shape.of(1));
    Tensor filter = filter(graph, network, longest, slots);
    Tensor y = graph.activation("base_conv.convolved", shape);
    graph
        .node("base_conv.steps")
        .reads(u, filter, position)
        .writes(y)
        .updates(cache)
        .lower(t -> {
          t.task(
              "store",
              Grid.PARALLEL,
              BaseConvKernels::store,
              t.floats(u),
              t.ints(position),
              t.floats(cache),
              shape.extent(0),
              shape.extent(1),
              slots,
              shape.columns());
          t.task(
              "convolve",
              Grid.PARALLEL,
              BaseConvKernels::convolveSteps,
              t.floats(filter),
              t.floats(cache),
              t.ints(position),
              t.floats(y),
              shape.extent(0),
              shape.extent(1),
              slots,
              shape.columns());
        });
    return gate(graph, u, y, projection);
  }

  private static Tensor gate(Graph graph, Tensor u, Tensor convolved, Projection projection) {
    Tensor projected = LinearOp.apply(graph, u, projection.weight(), projection.bias());
    return ElementwiseOp.add(graph, ElementwiseOp.multiply(graph, convolved, projected), u);
  }

  private static Tensor filter(Graph graph, FilterNetwork network, int longest, int length) {
    int width = network.hidden().shape().columns();
    if (width < 3 || width % 2 == 0) {
      throw new GraphException(
          "a long kernel needs an odd number of position features, 3 or more, not " + width);
    }
    Tensor features = graph.activation("base_conv.features", Shape.of(length, width));
    graph
        .node("base_conv.features")
        .writes(features)
        .lower(t ->
            t.task(
                "features",
                Grid.PARALLEL,
                BaseConvKernels::positionFeatures,
                t.floats(features),
                longest,
                length,
                width / 2));
    Tensor inner = LinearOp.apply(graph, features, network.hidden(), network.hiddenBias());
    return LinearOp.apply(graph, rectify(graph, inner), network.out(), network.outBias());
  }

  private static Tensor rectify(Graph graph, Tensor x) {
    Tensor y = graph.activation("base_conv.hidden", x.shape());
    graph
        .node("base_conv.rectify")
        .reads(x)
        .writes(y)
        .lower(t ->
            t.task(
                "rectify",
                Grid.PARALLEL,
                BaseConvKernels::rectify,
                t.floats(x),
                t.floats(y),
                x.size()));
    graph.differentiable(
        List.of(x),
        List.of(y),
        g -> {
          Tensor dY = g.of(y);
          Tensor dX = g.fresh(x);
          graph
              .node("base_conv.rectify_backward")
              .reads(x, dY)
              .writes(dX)
              .lower(t ->
                  t.task(
                      "rectify",
                      Grid.PARALLEL,
                      BaseConvKernels::rectifyBackward,
                      t.floats(x),
                      t.floats(dY),
                      t.floats(dX),
                      x.size()));
        });
    return y;
  }

  private static Tensor convolve(Graph graph, Tensor u, Tensor filter, Tensor bounds) {
    BaseConvImplementation form = graph.choose(NAME, BaseConvImplementation.class);
    Tensor y = graph.activation("base_conv.convolved", u.shape());
    int rows = u.shape().rows();
    int columns = u.shape().columns();
    graph
        .node("base_conv.convolve")
        .reads(u, filter, bounds)
        .writes(y)
        .lower(t -> {
          if (form == BaseConvImplementation.HOST) {
            BaseConvHost.convolve(t, u, filter, bounds, y, rows, columns);
            return;
          }
          t.task(
              "convolve",
              Grid.PARALLEL,
              BaseConvKernels::convolve,
              t.floats(u),
              t.floats(filter),
              t.ints(bounds),
              t.floats(y),
              rows,
              columns);
        });
    graph.differentiable(
        List.of(u, filter), List.of(y), g -> convolveBackward(g, form, u, filter, bounds, y));
    return y;
  }

  private static void convolveBackward(
      Gradients gradients,
      BaseConvImplementation form,
      Tensor u,
      Tensor filter,
      Tensor bounds,
      Tensor y) {
    Tensor dY = gradients.of(y);
    Tensor dU = gradients.fresh(u);
    Tensor dFilter = gradients.fresh(filter);
    int rows = u.shape().rows();
    int columns = u.shape().columns();
    int length = filter.shape().rows();
    gradients
        .graph()
        .node("base_conv.convolve_backward")
        .reads(u, filter, bounds, dY)
        .writes(dU, dFilter)
        .lower(t -> {
          if (form == BaseConvImplementation.HOST) {
            BaseConvHost.backwardInput(t, filter, bounds, dY, dU, rows, columns);
            BaseConvHost.backwardFilter(t, u, bounds, dY, dFilter, rows, length, columns);
            return;
          }
          t.task(
              "input",
              Grid.PARALLEL,
              BaseConvKernels::convolveBackwardInput,
              t.floats(filter),
              t.ints(bounds),
              t.floats(dY),
              t.floats(dU),
              rows,
              columns);
          t.task(
              "filter",
              Grid.PARALLEL,
              BaseConvKernels::convolveBackwardFilter,
              t.floats(u),
              t.ints(bounds),
              t.floats(dY),
              t.floats(dFilter),
              rows,
              length,
              columns);
        });
  }
}
