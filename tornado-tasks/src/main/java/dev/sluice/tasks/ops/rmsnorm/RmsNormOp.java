package dev.sluice.tasks.ops.rmsnorm;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.RmsNorm;
import dev.sluice.tasks.ops.ColumnSums;
import dev.sluice.tasks.ops.RowGroups;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import java.util.Arrays;
import java.util.List;

/// Root-mean-square normalization over the innermost axis: `y = x · w / √(mean x² + eps)`.
///
/// Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
public final class RmsNormOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "rms_norm";

  private static final int WEIGHT_BLOCKS = 64;

  private record Dimensions(int rows, int columns, float eps, RmsNormImplementation by) {
    boolean grouped() {
      return by == RmsNormImplementation.GROUPED;
    }

    RowGroups groups() {
      return new RowGroups(rows, columns);
    }

    ColumnSums sums() {
      return new ColumnSums(rows, columns);
    }
  }

  private RmsNormOp() {}

  /// Appends the op.
  ///
  /// @param x `[…, D]`
  /// @param weight `[D]`
  /// @param eps added to the mean square
  /// @return y, shape of `x`
  /// @throws dev.sluice.tasks.graph.GraphException if the weight is not `[D]`
  public static Tensor apply(Graph graph, Tensor x, Tensor weight, float eps) {
    var by = graph.choose(NAME, RmsNormImplementation.class);
    var dims = new Dimensions(x.shape().rows(), x.shape().columns(), eps, by);
    weight.expect(Shape.of(dims.columns()));
    Tensor y = graph.activation("rms_norm", x.shape());
    Tensor scale = graph.activation("rms_norm.scale", Shape.of(dims.rows()));
    if (by == RmsNormImplementation.HOST) {
      graph
          .node("rms_norm.forward")
          .reads(x, weight)
          .writes(y, scale)
          .lower(t -> forwardOnHost(t, x, weight, y, scale, dims));
      graph.differentiable(
          List.of(x, weight), List.of(y), g -> backwardOnHost(g, x, weight, y, scale, dims));
      return y;
    }
    graph
        .node("rms_norm.forward")
        .reads(x, weight)
        .writes(y, scale)
        .lower(t -> forward(t, x, weight, y, scale, dims));
    graph.differentiable(
        List.of(x, weight), List.of(y), g -> backward(g, x, weight, y, scale, dims));
    return y;
  }

  /// A sum and its normalization.
  ///
  /// @param sum `[…, D]`
  /// @param normalized shape of the sum
  public record Sum(Tensor sum, Tensor normalized) {}

  /// Appends the op over a sum, such as that of a residual stream and what a layer adds to it: `x =
  /// a + b` and [#apply] of `x`, in one task where rows are shared by a group.
  ///
  /// @param a `[…, D]`
  /// @param b shape of `a`
  /// @param weight `[D]`
  /// @param eps added to the mean square
  /// @throws dev.sluice.tasks.graph.GraphException if a shape does not fit
  public static Sum applyToSum(Graph graph, Tensor a, Tensor b, Tensor weight, float eps) {
    var by = graph.choose(NAME, RmsNormImplementation.class);
    if (by != RmsNormImplementation.GROUPED) {
      Tensor x = ElementwiseOp.add(graph, a, b);
      return new Sum(x, apply(graph, x, weight, eps));
    }
    var dims = new Dimensions(a.shape().rows(), a.shape().columns(), eps, by);
    b.expect(a.shape());
    weight.expect(Shape.of(dims.columns()));
    Tensor x = graph.activation("rms_norm.sum", a.shape());
    Tensor y = graph.activation("rms_norm", a.shape());
    Tensor scale = graph.activation("rms_norm.scale", Shape.of(dims.rows()));
    graph
        .node("rms_norm.forward")
        .reads(a, b, weight)
        .writes(x, y, scale)
        .lower(t ->
            t.task(
                "forward_sum",
                dims.groups().grid(),
                RmsNormGroupKernels::forwardSum,
                t.context(),
                t.floats(a),
                t.floats(b),
                t.floats(weight),
                t.floats(x),
                t.floats(y),
                t.floats(scale),
                eps,
                dims.groups().lanes(),
                dims.rows(),
                dims.columns()));
    graph.differentiable(
        List.of(a, b),
        List.of(x),
        g -> {
          g.pass(a, g.of(x));
          g.pass(b, g.of(x));
        });
    graph.differentiable(
        List.of(x, weight), List.of(y), g -> backward(g, x, weight, y, scale, dims));
    return new Sum(x, y);
  }

  private static void forward(
      Tasks t, Tensor x, Tensor weight, Tensor y, Tensor scale, Dimensions dims) {
    if (dims.grouped()) {
      t.task(
          "forward",
          dims.groups().grid(),
          RmsNormGroupKernels::forward,
          t.context(),
          t.floats(x),
          t.floats(weight),
          t.floats(y),
          t.floats(scale),
          dims.eps(),
          dims.groups().lanes(),
          dims.rows(),
          dims.columns());
      return;
    }
    t.task(
        "forward",
        Grid.PARALLEL,
        RmsNormKernels::forward,
        t.floats(x),
        t.floats(weight),
        t.floats(y),
        t.floats(scale),
        dims.eps(),
        dims.rows(),
        dims.columns());
  }

  private static void forwardOnHost(
      Tasks t, Tensor x, Tensor weight, Tensor y, Tensor scale, Dimensions dims) {
    float[] heapX = t.heap(x);
    float[] heapWeight = t.heap(weight);
    float[] heapY = t.heap(y);
    float[] heapScale = t.heap(scale);
    t.host(
        "forward",
        workers ->
            RmsNorm.forward(
                workers,
                dims.rows(),
                dims.columns(),
                dims.eps(),
                heapX,
                0,
                heapWeight,
                0,
                heapY,
                0,
                heapScale,
                0));
  }

  /// Both gradients in one pass over the rows.
  private static void backwardOnHost(
      Gradients gradients, Tensor x, Tensor weight, Tensor y, Tensor scale, Dimensions dims) {
    Tensor dY = gradients.of(y);
    Tensor dX = gradients.fresh(x);
    Destination dW = gradients.into(weight);
    gradients
        .graph()
        .node("rms_norm.backward")
        .reads(x, weight, dY, scale)
        .writes(dX)
        .fills(dW)
        .lower(t -> {
          float[] heapX = t.heap(x);
          float[] heapWeight = t.heap(weight);
          float[] heapDY = t.heap(dY);
          float[] heapScale = t.heap(scale);
          float[] heapDX = t.heap(dX);
          float[] heapDW = t.heap(dW.tensor());
          t.host(
              "backward",
              workers -> {
                if (!dW.accumulate()) {
                  Arrays.fill(heapDW, 0, dims.columns(), 0.0f);
                }
                RmsNorm.backward(
                    workers,
                    dims.rows(),
                    dims.columns(),
                    heapDY,
                    0,
                    heapX,
                    0,
                    heapWeight,
                    0,
                    heapScale,
                    0,
                    heapDX,
                    0,
                    heapDW,
                    0);
              });
        });
  }

  private static void backward(
      Gradients gradients, Tensor x, Tensor weight, Tensor y, Tensor scale, Dimensions dims) {
    Graph graph = gradients.graph();
    Tensor dY = gradients.of(y);
    if (gradients.needed(weight)) {
      Destination dW = gradients.into(weight);
      Shape blocks =
          dims.grouped() ? dims.sums().partial() : Shape.of(WEIGHT_BLOCKS, dims.columns());
      Tensor partial = graph.activation("rms_norm.partial", blocks);
      graph
          .node("rms_norm.backward_weight")
          .reads(x, dY, scale)
          .scratch(partial)
          .fills(dW)
          .lower(t -> backwardWeight(t, x, dY, partial, scale, dW, dims));
    }
    if (gradients.needed(x)) {
      Destination dX = gradients.into(x);
      graph
          .node("rms_norm.backward_input")
          .reads(x, weight, dY, scale)
          .fills(dX)
          .lower(t -> backwardInput(t, x, weight, dY, dX, scale, dims));
    }
  }

  private static void backwardWeight(
      Tasks t, Tensor x, Tensor dY, Tensor partial, Tensor scale, Destination dW, Dimensions dims) {
    if (dims.grouped()) {
      t.task(
          "partial",
          dims.sums().grid(),
          RmsNormGroupKernels::backwardWeightPartial,
          t.context(),
          t.floats(x),
          t.floats(dY),
          t.floats(partial),
          t.floats(scale),
          dims.sums().blockRows(),
          dims.rows(),
          dims.columns());
      dims.sums().sumBlocks(t, partial, dW);
      return;
    }
    t.task(
        "partial",
        Grid.PARALLEL,
        RmsNormKernels::backwardWeightPartial,
        t.floats(x),
        t.floats(dY),
        t.floats(partial),
        t.floats(scale),
        WEIGHT_BLOCKS,
        dims.rows(),
        dims.columns());
    t.task(
        "weight",
        Grid.PARALLEL,
        RmsNormKernels::backwardWeight,
        t.floats(partial),
        t.floats(dW.tensor()),
        dW.beta(),
        WEIGHT_BLOCKS,
        dims.columns());
  }

  private static void backwardInput(
      Tasks t, Tensor x, Tensor weight, Tensor dY, Destination dX, Tensor scale, Dimensions dims) {
    if (dims.grouped()) {
      t.task(
          "input",
          dims.groups().grid(),
          RmsNormGroupKernels::backwardInput,
          t.context(),
          t.floats(x),
          t.floats(weight),
          t.floats(dY),
          t.floats(dX.tensor()),
          t.floats(scale),
          dX.beta(),
          dims.groups().lanes(),
          dims.rows(),
          dims.columns());
      return;
    }
    t.task(
        "input",
        Grid.PARALLEL,
        RmsNormKernels::backwardInput,
        t.floats(x),
        t.floats(weight),
        t.floats(dY),
        t.floats(dX.tensor()),
        t.floats(scale),
        dX.beta(),
        dims.rows(),
        dims.columns());
  }
}
