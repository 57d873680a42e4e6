package dev.sluice.tasks.ops.gnconv;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.columns.ColumnsOp;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionOp;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseImageOp;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.linear.LinearOp;
import org.jspecify.annotations.Nullable;

/// The recursive gated convolution, a composition of other ops. With `[p, f] = in(x)` and `[d_0, …,
/// d_n−1] = scale · (kernel ∗ f + kernelBias)`: `p_0 = p ⊙ d_0`, `p_i = step_i(p_i−1) ⊙ d_i`, `y =
/// out(p_n−1)`.
///
/// Source: Rao et al., "HorNet: Efficient High-Order Spatial Interactions with Recursive Gated
/// Convolutions", 2022; the scale is on convolution plus bias, as in their code.
public final class GnConvOp {
  /// The op's name in reports.
  public static final String NAME = "gnconv";

  /// The scale of HorNet's models.
  public static final float SCALE = 1.0f / 3.0f;

  private GnConvOp() {}

  /// @param output `[B, T, C]`
  /// @param finalState `[N, K−1, S]`, the last inputs of the convolution
  public record Result(Tensor output, Tensor finalState) {}

  /// Appends the op over images, the kernel centred.
  ///
  /// @param x `[B, height, width, C]`
  /// @param weights parameters, with a kernel `[S, K, K]`
  /// @param scale factor of convolution plus bias
  /// @return y, shape of `x`
  /// @throws GraphException if a shape does not fit
  public static Tensor image(Graph graph, Tensor x, GnConvWeights weights, float scale) {
    int columns = x.shape().columns();
    weights.expect(columns);
    Tensor projected = LinearOp.apply(graph, x, weights.inWeight(), weights.inBias());
    Tensor features = features(graph, projected, weights, columns);
    Tensor convolved =
        DepthwiseImageOp.apply(graph, features, weights.kernel(), weights.kernelBias());
    return gated(graph, projected, convolved, weights, columns, scale);
  }

  /// Appends the op over sequences, the kernel causal.
  ///
  /// @param x `[B, T, C]`
  /// @param weights parameters, with a kernel `[S, K]`, `K` at least 2
  /// @param scale factor of convolution plus bias
  /// @param initialState `[N, K−1, S]`, or null for zero
  /// @param cuSeqlens `[N+1]` int32 bounds of packed sequences (then `B` is 1), or null
  /// @throws GraphException if a shape does not fit
  public static Result sequence(
      Graph graph,
      Tensor x,
      GnConvWeights weights,
      float scale,
      @Nullable Tensor initialState,
      @Nullable Tensor cuSeqlens) {
    int columns = x.shape().columns();
    weights.expect(columns);
    Tensor projected = LinearOp.apply(graph, x, weights.inWeight(), weights.inBias());
    Tensor features = features(graph, projected, weights, columns);
    DepthwiseConvolutionOp.Result convolved =
        DepthwiseConvolutionOp.apply(
            graph, features, weights.kernel(), weights.kernelBias(), true, initialState, cuSeqlens);
    Tensor state = convolved.finalState();
    if (state == null) {
      throw new GraphException("gnconv over sequences needs a kernel of size 2 or more");
    }
    return new Result(gated(graph, projected, convolved.output(), weights, columns, scale), state);
  }

  private static Tensor features(
      Graph graph, Tensor projected, GnConvWeights weights, int columns) {
    int first = GnConvWeights.widths(weights.steps().size() + 1, columns)[0];
    return ColumnsOp.slice(graph, projected, first, 2 * columns);
  }

  private static Tensor gated(
      Graph graph,
      Tensor projected,
      Tensor convolved,
      GnConvWeights weights,
      int columns,
      float scale) {
    int[] widths = GnConvWeights.widths(weights.steps().size() + 1, columns);
    Tensor scaled = ElementwiseOp.scale(graph, convolved, scale);
    Tensor p = ColumnsOp.slice(graph, projected, 0, widths[0]);
    p = ElementwiseOp.multiply(graph, p, ColumnsOp.slice(graph, scaled, 0, widths[0]));
    int at = widths[0];
    for (int i = 1; i < widths.length; i++) {
      GnConvWeights.Step step = weights.steps().get(i - 1);
      Tensor next = LinearOp.apply(graph, p, step.weight(), step.bias());
      p = ElementwiseOp.multiply(graph, next, ColumnsOp.slice(graph, scaled, at, at + widths[i]));
      at += widths[i];
    }
    return LinearOp.apply(graph, p, weights.outWeight(), weights.outBias());
  }
}
