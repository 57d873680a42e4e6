package dev.sluice.tasks.ops.depthwiseconvolution;

import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.Sequences;
import org.jspecify.annotations.Nullable;

/// Convolution over images of each channel with its own kernel, zero outside: `y[b,i,j,c] = bias[c]
/// + Σ_{p,q} w[c,p,q] x[b, i+p−P, j+q−P, c]`, `P = (K−1)/2`.
public final class DepthwiseImageOp {
  private record Dimensions(int pixels, int height, int width, int columns, int size) {
    int taps() {
      return size * size;
    }
  }

  private record Call(
      Graph graph,
      DepthwiseConvolutionImplementation form,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Tensor output,
      Dimensions dims) {
    /// The bias, or an array that the kernel is told to ignore.
    Tensor biasOr(Tensor placeholder) {
      return bias == null ? placeholder : bias;
    }

    DepthwiseConvolutionHost.Geometry geometry() {
      return new DepthwiseConvolutionHost.Pixels(dims.height(), dims.width(), dims.size());
    }
  }

  private DepthwiseImageOp() {}

  /// Appends the op; its implementation is chosen as [DepthwiseConvolutionOp#NAME].
  ///
  /// @param x `[B, height, width, C]`
  /// @param weight `[C, K, K]`, `K` odd
  /// @param bias `[C]`, or null for none
  /// @return y, shape of `x`
  /// @throws GraphException if a shape does not fit
  public static Tensor apply(Graph graph, Tensor x, Tensor weight, @Nullable Tensor bias) {
    Shape shape = x.shape();
    if (shape.rank() != 4 || weight.shape().rank() != 3) {
      throw new GraphException(
          "x must be [B, height, width, C] and its kernels [C, K, K], not %s and %s"
              .formatted(x, weight));
    }
    int size = weight.shape().columns();
    weight.expect(Shape.of(shape.columns(), size, size));
    if (size % 2 == 0) {
      throw new GraphException(
          "a centred convolution needs a kernel of odd size, not %d".formatted(size));
    }
    if (bias != null) {
      bias.expect(Shape.of(shape.columns()));
    }
    var call =
        new Call(
            graph,
            graph.choose(DepthwiseConvolutionOp.NAME, DepthwiseConvolutionImplementation.class),
            x,
            weight,
            bias,
            graph.activation("depthwise_image", shape),
            new Dimensions(shape.rows(), shape.extent(1), shape.extent(2), shape.columns(), size));
    forward(call);
    graph.differentiable(
        Sequences.present(x, weight, bias),
        java.util.List.of(call.output()),
        g -> backward(g, call));
    return call.output();
  }

  private static void forward(Call call) {
    Dimensions dims = call.dims();
    call.graph()
        .node("depthwise_image.forward")
        .reads(Sequences.present(call.x(), call.weight(), call.bias()))
        .writes(call.output())
        .lower(t -> {
          Tensor bias = call.biasOr(call.weight());
          if (call.form() == DepthwiseConvolutionImplementation.HOST) {
            DepthwiseConvolutionHost.forward(
                t,
                call.x(),
                call.weight(),
                bias,
                call.x(),
                call.output(),
                call.bias() != null,
                call.geometry(),
                dims.pixels(),
                dims.columns(),
                dims.taps());
            return;
          }
          t.task(
              "forward",
              Grid.PARALLEL,
              DepthwiseImageKernels::forward,
              t.floats(call.x()),
              t.floats(call.weight()),
              t.floats(bias),
              t.floats(call.output()),
              call.bias() == null ? 0 : 1,
              dims.pixels(),
              dims.height(),
              dims.width(),
              dims.columns(),
              dims.size());
        });
  }

  private static void backward(Gradients gradients, Call call) {
    Tensor dY = gradients.of(call.output());
    if (gradients.needed(call.x())) {
      backwardInput(call, dY, gradients.fresh(call.x()));
    }
    Tensor bias = call.bias();
    if (gradients.needed(call.weight()) || (bias != null && gradients.needed(bias))) {
      Tensor dBias =
          bias == null
              ? call.graph().activation("depthwise_image.unused", Shape.of(call.dims().columns()))
              : gradients.fresh(bias);
      backwardWeight(call, dY, gradients.fresh(call.weight()), dBias);
    }
  }

  private static void backwardInput(Call call, Tensor dY, Tensor dX) {
    Dimensions dims = call.dims();
    call.graph()
        .node("depthwise_image.backward_input")
        .reads(call.weight(), dY)
        .writes(dX)
        .lower(t -> {
          if (call.form() == DepthwiseConvolutionImplementation.HOST) {
            DepthwiseConvolutionHost.backwardInput(
                t,
                call.weight(),
                dY,
                dX,
                call.geometry(),
                dims.pixels(),
                dims.columns(),
                dims.taps());
            return;
          }
          t.task(
              "input",
              Grid.PARALLEL,
              DepthwiseImageKernels::backwardInput,
              t.floats(call.weight()),
              t.floats(dY),
              t.floats(dX),
              dims.pixels(),
              dims.height(),
              dims.width(),
              dims.columns(),
              dims.size());
        });
  }

  private static void backwardWeight(Call call, Tensor dY, Tensor dW, Tensor dBias) {
    Dimensions dims = call.dims();
    int blocks = DepthwiseConvolutionOp.BLOCKS;
    Tensor partial =
        call.graph()
            .activation(
                "depthwise_image.partial", Shape.of(blocks, dims.columns(), dims.taps() + 1));
    call.graph()
        .node("depthwise_image.backward_weight")
        .reads(call.x(), dY)
        .writes(dW, dBias)
        .scratch(partial)
        .lower(t -> {
          if (call.form() == DepthwiseConvolutionImplementation.HOST) {
            DepthwiseConvolutionHost.backwardWeightPartial(
                t,
                call.x(),
                call.x(),
                dY,
                partial,
                call.geometry(),
                blocks,
                dims.pixels(),
                dims.columns(),
                dims.taps());
          } else {
            t.task(
                "partial",
                Grid.PARALLEL,
                DepthwiseImageKernels::backwardWeightPartial,
                t.floats(call.x()),
                t.floats(dY),
                t.floats(partial),
                blocks,
                dims.pixels(),
                dims.height(),
                dims.width(),
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
              blocks,
              dims.columns(),
              dims.taps());
        });
  }
}
