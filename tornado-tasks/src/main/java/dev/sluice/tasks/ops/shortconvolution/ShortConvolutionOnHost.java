package dev.sluice.tasks.ops.shortconvolution;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.shortconvolution.ShortConvolutionHostBackward.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The nodes of [ShortConvolutionHost] and [ShortConvolutionHostBackward].
final class ShortConvolutionOnHost {
  private ShortConvolutionOnHost() {}

  static void forward(Graph graph, ShortConvolutionTensors in, ShortConvolutionOp.Result result) {
    graph
        .node("short_convolution.forward")
        .reads(reads(in))
        .writes(result.y())
        .lower(t -> {
          ShortConvolutionHost host = host(t, in);
          float[] y = t.heap(result.y());
          t.host("forward", workers -> host.forward(workers, y));
        });
    graph
        .node("short_convolution.state")
        .reads(reads(in))
        .writes(result.finalState())
        .lower(t -> {
          ShortConvolutionHost host = host(t, in);
          float[] finalState = t.heap(result.finalState());
          t.host("state", workers -> host.keepLast(finalState));
        });
  }

  static void backward(
      Gradients gradients, ShortConvolutionTensors in, ShortConvolutionOp.Result result) {
    Tensor dY = gradients.find(result.y());
    Tensor dFinal = gradients.find(result.finalState());
    Destination dX = into(gradients, in.x());
    Destination dW = into(gradients, in.weight());
    Destination dBias = into(gradients, in.bias());
    Destination dInitial = into(gradients, in.initialState());
    Graph graph = gradients.graph();
    Tensor partial =
        graph.activation(
            "short_convolution.partial",
            Shape.of(ShortConvolutionHostBackward.partialSize(in.dims())));
    List<Tensor> reads = new ArrayList<>(reads(in));
    Stream.of(dY, dFinal).filter(Objects::nonNull).forEach(reads::add);
    graph
        .node("short_convolution.backward")
        .reads(reads)
        .scratch(partial)
        .fills(
            Stream.of(dX, dW, dBias, dInitial).filter(Objects::nonNull).toArray(Destination[]::new))
        .lower(t -> {
          var host =
              new ShortConvolutionHostBackward(
                  host(t, in),
                  new Targets(
                      heap(t, dY),
                      heap(t, dFinal),
                      heap(t, dX),
                      adds(dX),
                      heap(t, dW),
                      adds(dW),
                      heap(t, dBias),
                      adds(dBias),
                      heap(t, dInitial),
                      adds(dInitial),
                      t.heap(partial)));
          t.host("backward", host::run);
        });
  }

  private static List<Tensor> reads(ShortConvolutionTensors in) {
    List<Tensor> reads = new ArrayList<>(in.differentiable());
    if (in.cuSeqlens() != null) {
      reads.add(in.cuSeqlens());
    }
    return reads;
  }

  private static @Nullable Destination into(Gradients gradients, @Nullable Tensor tensor) {
    return tensor != null && gradients.needed(tensor) ? gradients.into(tensor) : null;
  }

  private static boolean adds(@Nullable Destination destination) {
    return destination != null && destination.accumulate();
  }

  private static float @Nullable [] heap(Tasks t, @Nullable Destination destination) {
    return destination == null ? null : t.heap(destination.tensor());
  }

  private static float @Nullable [] heap(Tasks t, @Nullable Tensor tensor) {
    return tensor == null ? null : t.heap(tensor);
  }

  private static ShortConvolutionHost host(Tasks t, ShortConvolutionTensors in) {
    return new ShortConvolutionHost(
        in.dims(),
        t.heap(in.x()),
        t.heap(in.weight()),
        heap(t, in.bias()),
        heap(t, in.initialState()),
        in.cuSeqlens() == null ? null : t.heapInts(in.cuSeqlens()));
  }
}
