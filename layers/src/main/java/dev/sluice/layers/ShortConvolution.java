package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.shortconvolution.ShortConvolutionOp;
import org.jspecify.annotations.Nullable;

/// A causal depthwise convolution over a few steps, with SiLU: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters: `weight` `[D, 1, width]`, begun by `initializer`; `bias` `[D]` if asked for. State:
/// the last `width − 1` inputs, `[B, width − 1, D]`.
///
/// @param channels `D`
/// @param width steps that an output depends on
/// @param bias begins the bias, null for none
/// @param silu whether SiLU follows
/// @param initializer begins the weight
public record ShortConvolution(
    int channels, int width, @Nullable Initializer bias, boolean silu, Initializer initializer) {
  private static final String STATE = "conv";

  /// A convolution whose bias, if there is one, begins at zero.
  public ShortConvolution(
      int channels, int width, boolean bias, boolean silu, Initializer initializer) {
    this(channels, width, bias ? Initializers.zeros() : null, silu, initializer);
  }

  /// Appends the layer.
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Tensor weight = scope.parameter("weight", Shape.of(channels, 1, width), initializer);
    @Nullable Tensor shift =
        bias == null ? null : scope.parameter("bias", Shape.of(channels), bias);
    Shape stateShape = Shape.of(x.shape().extent(0), width - 1, channels);
    ShortConvolutionOp.Result result =
        ShortConvolutionOp.apply(
            scope.graph(),
            x,
            weight.view(channels, width),
            shift,
            silu,
            sequence.state(scope, STATE, stateShape),
            sequence.offsets());
    sequence.keep(scope, STATE, result.finalState());
    return result.y();
  }
}
