package dev.sluice.tasks.ops.shortconvolution;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.assign.AssignOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The backward pass of [ShortConvolutionOp].
final class ShortConvolutionGradients {
  private static final int WEIGHT_BLOCKS = 64;

  private ShortConvolutionGradients() {}

  static void backward(
      Gradients gradients, ShortConvolutionTensors in, ShortConvolutionOp.Result result) {
    Tensor dY = gradients.find(result.y());
    Tensor dFinal = gradients.find(result.finalState());
    Graph graph = gradients.graph();
    Tensor dPre = dY == null ? AssignOp.zeros(graph, in.x().shape()) : dY;
    if (dY != null && in.dims().silu()) {
      dPre = backwardActivation(graph, in, dY);
    }
    boolean parameters = gradients.needed(in.weight());
    if (in.bias() != null) {
      parameters |= gradients.needed(in.bias());
    }
    if (parameters) {
      backwardParameters(gradients, in, dPre);
    }
    if (gradients.needed(in.x())) {
      backwardInput(graph, in, dPre, dFinal, gradients.into(in.x()));
    }
    if (in.initialState() != null && gradients.needed(in.initialState())) {
      backwardInitial(graph, in, dPre, dFinal, gradients.into(in.initialState()));
    }
  }

  private static Tensor backwardActivation(Graph graph, ShortConvolutionTensors in, Tensor dY) {
    var dims = in.dims();
    Tensor dPre = graph.activation("short_convolution.d_pre", dY.shape());
    List<Tensor> reads = new ArrayList<>(in.all());
    reads.add(dY);
    graph
        .node("short_convolution.backward_activation")
        .reads(reads)
        .writes(dPre)
        .lower(t ->
            t.task(
                "activation",
                Grid.PARALLEL,
                ShortConvolutionKernels::backwardActivation,
                t.floats(in.x()),
                t.floats(in.weight()),
                t.floats(in.biasOrOther()),
                t.floats(in.initialOrOther()),
                in.bounds(t),
                in.sequences(t),
                t.floats(dY),
                t.floats(dPre),
                in.useBias(),
                in.useInitial(),
                in.packed(),
                dims.rows(),
                dims.time(),
                dims.columns(),
                dims.width()));
    return dPre;
  }

  private static void backwardInput(
      Graph graph,
      ShortConvolutionTensors in,
      Tensor dPre,
      @Nullable Tensor dFinal,
      Destination dX) {
    var dims = in.dims();
    graph
        .node("short_convolution.backward_input")
        .reads(with(in, dPre, dFinal))
        .fills(dX)
        .lower(t ->
            t.task(
                "input",
                Grid.PARALLEL,
                ShortConvolutionKernels::backwardInput,
                t.floats(in.weight()),
                in.bounds(t),
                in.sequences(t),
                t.floats(dPre),
                t.floats(dFinal == null ? dPre : dFinal),
                t.floats(dX.tensor()),
                dFinal == null ? 0 : 1,
                in.packed(),
                dX.beta(),
                dims.rows(),
                dims.time(),
                dims.columns(),
                dims.width()));
  }

  private static void backwardInitial(
      Graph graph,
      ShortConvolutionTensors in,
      Tensor dPre,
      @Nullable Tensor dFinal,
      Destination dInitial) {
    var dims = in.dims();
    graph
        .node("short_convolution.backward_initial")
        .reads(with(in, dPre, dFinal))
        .fills(dInitial)
        .lower(t ->
            t.task(
                "initial",
                Grid.PARALLEL,
                ShortConvolutionKernels::backwardInitial,
                t.floats(in.weight()),
                in.bounds(t),
                t.floats(dPre),
                t.floats(dFinal == null ? dPre : dFinal),
                t.floats(dInitial.tensor()),
                dFinal == null ? 0 : 1,
                in.packed(),
                dInitial.beta(),
                dims.sequences(),
                dims.time(),
                dims.columns(),
                dims.width()));
  }

  private static List<Tensor> with(
      ShortConvolutionTensors in, Tensor dPre, @Nullable Tensor dFinal) {
    List<Tensor> reads = new ArrayList<>(in.all());
    reads.add(dPre);
    if (dFinal != null) {
      reads.add(dFinal);
    }
    return reads;
  }

  private static void backwardParameters(
      Gradients gradients, ShortConvolutionTensors in, Tensor dPre) {
    Graph graph = gradients.graph();
    var dims = in.dims();
    Tensor partial =
        graph.activation(
            "short_convolution.partial", Shape.of(WEIGHT_BLOCKS, dims.width() + 1, dims.columns()));
    graph
        .node("short_convolution.backward_partial")
        .reads(with(in, dPre, null))
        .writes(partial)
        .lower(t ->
            t.task(
                "partial",
                Grid.PARALLEL,
                ShortConvolutionKernels::backwardWeightPartial,
                t.floats(in.x()),
                t.floats(in.initialOrOther()),
                in.bounds(t),
                in.sequences(t),
                t.floats(dPre),
                t.floats(partial),
                in.useInitial(),
                in.packed(),
                WEIGHT_BLOCKS,
                dims.rows(),
                dims.time(),
                dims.columns(),
                dims.width()));
    if (gradients.needed(in.weight())) {
      Destination dW = gradients.into(in.weight());
      graph
          .node("short_convolution.backward_weight")
          .reads(partial)
          .fills(dW)
          .lower(t ->
              t.task(
                  "weight",
                  Grid.PARALLEL,
                  ShortConvolutionKernels::backwardWeight,
                  t.floats(partial),
                  t.floats(dW.tensor()),
                  dW.beta(),
                  WEIGHT_BLOCKS,
                  dims.columns(),
                  dims.width()));
    }
    if (in.bias() != null && gradients.needed(in.bias())) {
      Destination dBias = gradients.into(in.bias());
      graph
          .node("short_convolution.backward_bias")
          .reads(partial)
          .fills(dBias)
          .lower(t ->
              t.task(
                  "bias",
                  Grid.PARALLEL,
                  ShortConvolutionKernels::backwardBias,
                  t.floats(partial),
                  t.floats(dBias.tensor()),
                  dBias.beta(),
                  WEIGHT_BLOCKS,
                  dims.columns(),
                  dims.width()));
    }
  }
}
