package dev.sluice.tasks.ops.gatedrmsnorm;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.GatedRmsNorm;
import dev.sluice.tasks.ops.ColumnSums;
import dev.sluice.tasks.ops.RowGroups;
import java.util.Arrays;
import java.util.List;

/// Root-mean-square normalization over the innermost axis with an output gate: `y = x·w·silu(gate)
/// / √(mean x² + eps)`.
///
/// Source: flash-linear-attention's fused norm and gate, as used by GLA and Mamba-2.
public final class GatedRmsNormOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "gated_rms_norm";

  private static final int WEIGHT_BLOCKS = 64;

  private record Operands(
      Tensor x,
      Tensor gate,
      Tensor weight,
      Tensor scale,
      float eps,
      GatedRmsNormImplementation by) {
    boolean grouped() {
      return by == GatedRmsNormImplementation.GROUPED;
    }

    RowGroups groups() {
      return new RowGroups(rows(), columns());
    }

    ColumnSums sums() {
      return new ColumnSums(rows(), columns());
    }

    int rows() {
      return x.shape().rows();
    }

    int columns() {
      return x.shape().columns();
    }
  }

  private GatedRmsNormOp() {}

  /// Appends the op.
  ///
  /// @param x `[…, D]`
  /// @param gate shape of `x`
  /// @param weight `[D]`
  /// @param eps added to the mean square
  /// @return y, shape of `x`
  /// @throws dev.sluice.tasks.graph.GraphException if a shape does not fit
  public static Tensor apply(Graph graph, Tensor x, Tensor gate, Tensor weight, float eps) {
    gate.expect(x.shape());
    weight.expect(Shape.of(x.shape().columns()));
    Tensor y = graph.activation("gated_rms_norm", x.shape());
    Tensor scale = graph.activation("gated_rms_norm.scale", Shape.of(x.shape().rows()));
    var by = graph.choose(NAME, GatedRmsNormImplementation.class);
    var operands = new Operands(x, gate, weight, scale, eps, by);
    if (by == GatedRmsNormImplementation.HOST) {
      graph
          .node("gated_rms_norm.forward")
          .reads(x, gate, weight)
          .writes(y, scale)
          .lower(t -> forwardOnHost(t, operands, y));
      graph.differentiable(
          List.of(x, gate, weight), List.of(y), g -> backwardOnHost(g, operands, g.of(y)));
      return y;
    }
    graph
        .node("gated_rms_norm.forward")
        .reads(x, gate, weight)
        .writes(y, scale)
        .lower(t -> forward(t, operands, y));
    graph.differentiable(List.of(x, gate, weight), List.of(y), g -> backward(g, operands, g.of(y)));
    return y;
  }

  private static void forward(Tasks t, Operands o, Tensor y) {
    if (o.grouped()) {
      t.task(
          "forward",
          o.groups().grid(),
          GatedRmsNormGroupKernels::forward,
          t.context(),
          t.floats(o.x()),
          t.floats(o.gate()),
          t.floats(o.weight()),
          t.floats(y),
          t.floats(o.scale()),
          o.eps(),
          o.groups().lanes(),
          o.rows(),
          o.columns());
      return;
    }
    t.task(
        "forward",
        Grid.PARALLEL,
        GatedRmsNormKernels::forward,
        t.floats(o.x()),
        t.floats(o.gate()),
        t.floats(o.weight()),
        t.floats(y),
        t.floats(o.scale()),
        o.eps(),
        o.rows(),
        o.columns());
  }

  private static void forwardOnHost(Tasks t, Operands o, Tensor y) {
    float[] x = t.heap(o.x());
    float[] weight = t.heap(o.weight());
    float[] gate = t.heap(o.gate());
    float[] heapY = t.heap(y);
    float[] scale = t.heap(o.scale());
    t.host(
        "forward",
        workers ->
            GatedRmsNorm.forward(
                workers,
                o.rows(),
                o.columns(),
                o.eps(),
                x,
                0,
                weight,
                0,
                gate,
                0,
                heapY,
                0,
                scale,
                0));
  }

  /// All gradients in one pass over the rows.
  private static void backwardOnHost(Gradients gradients, Operands o, Tensor dY) {
    Tensor dX = gradients.fresh(o.x());
    Tensor dGate = gradients.fresh(o.gate());
    Destination dW = gradients.into(o.weight());
    gradients
        .graph()
        .node("gated_rms_norm.backward")
        .reads(o.x(), o.gate(), o.weight(), dY, o.scale())
        .writes(dX, dGate)
        .fills(dW)
        .lower(t -> {
          float[] x = t.heap(o.x());
          float[] weight = t.heap(o.weight());
          float[] gate = t.heap(o.gate());
          float[] scale = t.heap(o.scale());
          float[] heapDY = t.heap(dY);
          float[] heapDX = t.heap(dX);
          float[] heapDGate = t.heap(dGate);
          float[] heapDW = t.heap(dW.tensor());
          t.host(
              "backward",
              workers -> {
                if (!dW.accumulate()) {
                  Arrays.fill(heapDW, 0, o.columns(), 0.0f);
                }
                GatedRmsNorm.backward(
                    workers,
                    o.rows(),
                    o.columns(),
                    heapDY,
                    0,
                    x,
                    0,
                    weight,
                    0,
                    gate,
                    0,
                    scale,
                    0,
                    heapDX,
                    0,
                    heapDW,
                    0,
                    heapDGate,
                    0);
              });
        });
  }

  private static void backward(Gradients gradients, Operands o, Tensor dY) {
    if (gradients.needed(o.weight())) {
      backwardWeight(gradients, o, dY);
    }
    if (gradients.needed(o.x()) || gradients.needed(o.gate())) {
      Destination dX = gradients.into(o.x());
      Destination dGate = gradients.into(o.gate());
      gradients
          .graph()
          .node("gated_rms_norm.backward_input")
          .reads(o.x(), o.gate(), o.weight(), dY, o.scale())
          .fills(dX, dGate)
          .lower(t -> backwardInput(t, o, dY, dX, dGate));
    }
  }

  private static void backwardInput(
      Tasks t, Operands o, Tensor dY, Destination dX, Destination dGate) {
    if (o.grouped()) {
      t.task(
          "input",
          o.groups().grid(),
          GatedRmsNormGroupKernels::backwardInput,
          t.context(),
          t.floats(o.x()),
          t.floats(o.gate()),
          t.floats(o.weight()),
          t.floats(dY),
          t.floats(dX.tensor()),
          t.floats(dGate.tensor()),
          t.floats(o.scale()),
          dX.beta(),
          dGate.beta(),
          o.groups().lanes(),
          o.rows(),
          o.columns());
      return;
    }
    t.task(
        "input",
        Grid.PARALLEL,
        GatedRmsNormKernels::backwardInput,
        t.floats(o.x()),
        t.floats(o.gate()),
        t.floats(o.weight()),
        t.floats(dY),
        t.floats(dX.tensor()),
        t.floats(dGate.tensor()),
        t.floats(o.scale()),
        dX.beta(),
        dGate.beta(),
        o.rows(),
        o.columns());
  }

  private static void backwardWeight(Gradients gradients, Operands o, Tensor dY) {
    Graph graph = gradients.graph();
    Destination dW = gradients.into(o.weight());
    Shape blocks = o.grouped() ? o.sums().partial() : Shape.of(WEIGHT_BLOCKS, o.columns());
    Tensor partial = graph.activation("gated_rms_norm.partial", blocks);
    graph
        .node("gated_rms_norm.backward_weight")
        .reads(o.x(), o.gate(), dY, o.scale())
        .scratch(partial)
        .fills(dW)
        .lower(t -> backwardWeight(t, o, dY, partial, dW));
  }

  private static void backwardWeight(
      Tasks t, Operands o, Tensor dY, Tensor partial, Destination dW) {
    if (o.grouped()) {
      t.task(
          "partial",
          o.sums().grid(),
          GatedRmsNormGroupKernels::backwardWeightPartial,
          t.context(),
          t.floats(o.x()),
          t.floats(o.gate()),
          t.floats(dY),
          t.floats(partial),
          t.floats(o.scale()),
          o.sums().blockRows(),
          o.rows(),
          o.columns());
      o.sums().sumBlocks(t, partial, dW);
      return;
    }
    t.task(
        "partial",
        Grid.PARALLEL,
        GatedRmsNormKernels::backwardWeightPartial,
        t.floats(o.x()),
        t.floats(o.gate()),
        t.floats(dY),
        t.floats(partial),
        t.floats(o.scale()),
        WEIGHT_BLOCKS,
        o.rows(),
        o.columns());
    t.task(
        "weight",
        Grid.PARALLEL,
        GatedRmsNormKernels::backwardWeight,
        t.floats(partial),
        t.floats(dW.tensor()),
        dW.beta(),
        WEIGHT_BLOCKS,
        o.columns());
  }
}
