package dev.sluice.tasks.ops.linear;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.ColumnSums;
import dev.sluice.tasks.ops.linear.TiledProduct.Extents;
import dev.sluice.tasks.ops.linear.TiledProduct.Operand;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An affine map of the innermost axis: `y = x·wᵀ + bias`.
public final class LinearOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "linear";

  private static final int BIAS_BLOCKS = 64;

  record Dimensions(int rows, int inputs, int outputs, LinearImplementation by) {
    /// Whether the bias's gradient is summed by work-groups.
    boolean grouped() {
      return by.joins();
    }

    ColumnSums sums() {
      return new ColumnSums(rows, outputs);
    }
  }

  private LinearOp() {}

  /// Appends the op.
  ///
  /// @param x `[…, I]`
  /// @param weight `[O, I]`
  /// @param bias `[O]`, or null for none
  /// @return y `[…, O]`
  /// @throws dev.sluice.tasks.graph.GraphException if a shape does not fit
  public static Tensor apply(Graph graph, Tensor x, Tensor weight, @Nullable Tensor bias) {
    var dims = dimensions(graph, x, weight);
    if (bias != null) {
      bias.expect(Shape.of(dims.outputs()));
    }
    Tensor y = product(graph, x, weight, bias, dims);
    List<Tensor> inputs = new ArrayList<>(List.of(x, weight));
    if (bias != null) {
      inputs.add(bias);
    }
    graph.differentiable(inputs, List.of(y), g -> backward(g, x, weight, bias, y, dims));
    return y;
  }

  /// Appends several maps of one input, without bias: `y_i = x·w_iᵀ`. Where products of more
  /// columns are faster, their gradients are those of one map, `[w_1; w_2; …]`; on the host they
  /// share jobs.
  ///
  /// @param x `[…, I]`
  /// @param weights `[O_i, I]`
  /// @return y_i `[…, O_i]`
  /// @throws dev.sluice.tasks.graph.GraphException if a shape does not fit
  public static List<Tensor> applyTogether(Graph graph, Tensor x, List<Tensor> weights) {
    LinearImplementation by = graph.choose(NAME, LinearImplementation.class);
    if (by == LinearImplementation.HOST && weights.size() > 1) {
      return SharedInput.apply(graph, x, weights);
    }
    boolean joined = by.joins();
    List<Tensor> all = new ArrayList<>();
    for (int from = 0; from < weights.size(); from += JoinedLinear.MOST) {
      List<Tensor> some = weights.subList(from, Math.min(weights.size(), from + JoinedLinear.MOST));
      if (joined && some.size() > 1) {
        all.addAll(JoinedLinear.apply(graph, x, some));
      } else {
        some.forEach(weight -> all.add(apply(graph, x, weight, null)));
      }
    }
    return all;
  }

  static Dimensions dimensions(Graph graph, Tensor x, Tensor weight) {
    int outputs = weight.shape().extent(0);
    weight.expect(Shape.of(outputs, x.shape().columns()));
    return new Dimensions(
        x.shape().rows(),
        x.shape().columns(),
        outputs,
        graph.choose(NAME, LinearImplementation.class));
  }

  /// Appends the forward pass.
  static Tensor product(
      Graph graph, Tensor x, Tensor weight, @Nullable Tensor bias, Dimensions dims) {
    Tensor y = graph.activation("linear", x.shape().withColumns(dims.outputs()));
    List<Tensor> inputs = new ArrayList<>(List.of(x, weight));
    if (bias != null) {
      inputs.add(bias);
    }
    graph
        .node("linear.forward")
        .reads(inputs)
        .writes(y)
        .lower(t -> forward(t, x, weight, bias, y, dims));
    return y;
  }

  private static void forward(
      Tasks t, Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y, Dimensions dims) {
    switch (dims.by()) {
      case HOST -> {
        float[] heapX = t.heap(x);
        float[] heapWeight = t.heap(weight);
        float[] heapY = t.heap(y);
        t.host(
            "forward",
            workers ->
                LinearHost.forward(
                    workers, heapX, heapWeight, heapY, dims.rows(), dims.inputs(), dims.outputs()));
        if (bias != null) {
          float[] heapBias = t.heap(bias);
          t.host(
              "bias",
              workers ->
                  LinearHost.addBias(
                      workers, heapBias, heapY, BIAS_BLOCKS, dims.rows(), dims.outputs()));
        }
      }
      case CUBLAS, CUBLAS_TF32 -> {
        cublas(t, dims)
            .forward("forward", x, weight, y, dims.rows(), dims.inputs(), dims.outputs());
        if (bias != null) {
          t.task(
              "bias",
              Grid.PARALLEL,
              LinearKernels::addBias,
              t.floats(bias),
              t.floats(y),
              dims.rows(),
              dims.outputs());
        }
      }
      case TILED ->
          TiledProduct.add(
              t,
              "forward",
              Operand.rows(x, dims.inputs()),
              Operand.rows(weight, dims.inputs()),
              bias,
              y,
              0,
              0,
              new Extents(dims.rows(), dims.outputs(), dims.inputs()));
      case PARALLEL ->
          t.task(
              "forward",
              Grid.PARALLEL,
              LinearKernels::forward,
              t.floats(x),
              t.floats(weight),
              t.floats(bias == null ? weight : bias),
              t.floats(y),
              bias == null ? 0 : 1,
              dims.rows(),
              dims.inputs(),
              dims.outputs());
    }
  }

  private static CublasProduct cublas(Tasks t, Dimensions dims) {
    return new CublasProduct(t, dims.by() == LinearImplementation.CUBLAS_TF32);
  }

  private static void backward(
      Gradients gradients,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Tensor y,
      Dimensions dims) {
    Graph graph = gradients.graph();
    Tensor dY = gradients.of(y);
    if (gradients.needed(weight)) {
      backwardWeight(graph, x, dY, gradients.into(weight), dims);
    }
    if (bias != null && gradients.needed(bias)) {
      backwardBias(graph, dY, gradients.into(bias), dims);
    }
    if (gradients.needed(x)) {
      Destination dX = gradients.into(x);
      graph
          .node("linear.backward_input")
          .reads(weight, dY)
          .fills(dX)
          .lower(t -> backwardInput(t, weight, dY, dX, dims));
    }
  }

  static void backwardInput(Tasks t, Tensor weight, Tensor dY, Destination dX, Dimensions dims) {
    switch (dims.by()) {
      case HOST -> {
        float[] heapWeight = t.heap(weight);
        float[] heapDY = t.heap(dY);
        float[] heapDX = t.heap(dX.tensor());
        t.host(
            "input",
            workers ->
                LinearHost.backwardInput(
                    workers,
                    heapWeight,
                    heapDY,
                    heapDX,
                    dX.accumulate(),
                    dims.rows(),
                    dims.inputs(),
                    dims.outputs()));
      }
      case CUBLAS, CUBLAS_TF32 ->
          cublas(t, dims)
              .backwardInput(
                  "input",
                  weight,
                  dY,
                  dX.tensor(),
                  dX.beta(),
                  dims.rows(),
                  dims.inputs(),
                  dims.outputs());
      case TILED ->
          TiledProduct.add(
              t,
              "input",
              Operand.rows(dY, dims.outputs()),
              Operand.columns(weight, dims.inputs()),
              null,
              dX.tensor(),
              0,
              dX.beta(),
              new Extents(dims.rows(), dims.inputs(), dims.outputs()));
      case PARALLEL ->
          t.task(
              "input",
              Grid.PARALLEL,
              LinearKernels::backwardInput,
              t.floats(weight),
              t.floats(dY),
              t.floats(dX.tensor()),
              dX.beta(),
              dims.rows(),
              dims.inputs(),
              dims.outputs());
    }
  }

  static void backwardWeight(Graph graph, Tensor x, Tensor dY, Destination dW, Dimensions dims) {
    var node = graph.node("linear.backward_weight").reads(x, dY).fills(dW);
    switch (dims.by()) {
      case HOST ->
          node.lower(t -> {
            float[] heapX = t.heap(x);
            float[] heapDY = t.heap(dY);
            float[] heapDW = t.heap(dW.tensor());
            t.host(
                "weight",
                workers ->
                    LinearHost.backwardWeight(
                        workers,
                        heapX,
                        heapDY,
                        heapDW,
                        dW.accumulate(),
                        dims.rows(),
                        dims.inputs(),
                        dims.outputs()));
          });
      case CUBLAS, CUBLAS_TF32 ->
          node.lower(t ->
              cublas(t, dims)
                  .backwardWeight(
                      "weight",
                      x,
                      dY,
                      dW.tensor(),
                      dW.beta(),
                      dims.rows(),
                      dims.inputs(),
                      dims.outputs()));
      case TILED -> {
        var extents = new Extents(dims.outputs(), dims.inputs(), dims.rows());
        int parts = extents.parts();
        Tensor partial =
            graph.activation(
                "linear.partial",
                Shape.of(parts == 1 ? 1 : parts * dims.outputs() * dims.inputs()));
        node.scratch(partial)
            .lower(t ->
                TiledProduct.addSplit(
                    t,
                    "weight",
                    Operand.columns(dY, dims.outputs()),
                    Operand.columns(x, dims.inputs()),
                    dW.tensor(),
                    partial,
                    dW.beta(),
                    extents));
      }
      case PARALLEL ->
          node.lower(t ->
              t.task(
                  "weight",
                  Grid.PARALLEL,
                  LinearKernels::backwardWeight,
                  t.floats(x),
                  t.floats(dY),
                  t.floats(dW.tensor()),
                  dW.beta(),
                  dims.rows(),
                  dims.inputs(),
                  dims.outputs()));
    }
  }

  private static void backwardBias(Graph graph, Tensor dY, Destination dBias, Dimensions dims) {
    Shape blocks = dims.grouped() ? dims.sums().partial() : Shape.of(BIAS_BLOCKS, dims.outputs());
    Tensor partial = graph.activation("linear.partial", blocks);
    graph
        .node("linear.backward_bias")
        .reads(dY)
        .scratch(partial)
        .fills(dBias)
        .lower(t -> backwardBias(t, dY, partial, dBias, dims));
  }

  private static void backwardBias(
      Tasks t, Tensor dY, Tensor partial, Destination dBias, Dimensions dims) {
    if (dims.by() == LinearImplementation.HOST) {
      float[] heapDY = t.heap(dY);
      float[] heapPartial = t.heap(partial);
      float[] heapDBias = t.heap(dBias.tensor());
      t.host(
          "bias",
          workers ->
              LinearHost.backwardBias(
                  workers,
                  heapDY,
                  heapPartial,
                  heapDBias,
                  dBias.accumulate(),
                  BIAS_BLOCKS,
                  dims.rows(),
                  dims.outputs()));
      return;
    }
    if (dims.grouped()) {
      dims.sums().sumRows(t, dY, partial);
      dims.sums().sumBlocks(t, partial, dBias);
      return;
    }
    t.task(
        "partial",
        Grid.PARALLEL,
        LinearKernels::backwardBiasPartial,
        t.floats(dY),
        t.floats(partial),
        BIAS_BLOCKS,
        dims.rows(),
        dims.outputs());
    t.task(
        "bias",
        Grid.PARALLEL,
        LinearKernels::sumBlocks,
        t.floats(partial),
        t.floats(dBias.tensor()),
        dBias.beta(),
        BIAS_BLOCKS,
        dims.outputs());
  }
}
