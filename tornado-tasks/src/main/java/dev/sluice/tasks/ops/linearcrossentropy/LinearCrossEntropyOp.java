package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import dev.sluice.tasks.ops.firstchoice.FirstChoiceOp;
import dev.sluice.tasks.ops.linear.LinearOp;
import java.util.List;

/// Softmax cross-entropy of the affine map `x·weightᵀ`: the head and the loss of a language model
/// in one, so that logits `[rows, V]` never exist for more than a block of rows.
///
/// While a block's logits are there, their gradients for a gradient of the loss of 1 follow at once
/// and become those of `x` and `weight`; the backward pass only multiplies them by the gradient of
/// the loss, whatever it is. This costs `[R, D]` and `[V, D]` of memory and saves computing all
/// logits twice, a quarter of the work. A graph without a backward pass computes the loss alone.
///
/// Source of the idea: Hsu and others, "Liger Kernel", 2024.
public final class LinearCrossEntropyOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "linear_cross_entropy";

  /// What a model is judged by, a number for each label.
  ///
  /// @param loss `[R]`, as [CrossEntropyOp#ofRows]
  /// @param right `[R]`, as [FirstChoiceOp#apply]
  public record Rows(Tensor loss, Tensor right) {}

  private LinearCrossEntropyOp() {}

  /// Appends the op.
  ///
  /// @param x `[…, D]`
  /// @param weight `[V, D]`
  /// @param labels `[…]` int32, from 0 to V − 1 or [CrossEntropyOp#IGNORED]
  /// @param labelScale `[1]`, usually 1 / (number of labels of the whole step)
  /// @return loss `[1]`
  /// @throws dev.sluice.tasks.graph.GraphException if a shape or the type of the labels does not
  ///   fit
  public static Tensor apply(
      Graph graph, Tensor x, Tensor weight, Tensor labels, Tensor labelScale) {
    int rows = x.shape().rows();
    int columns = x.shape().columns();
    int vocabulary = weight.shape().extent(0);
    weight.expect(Shape.of(vocabulary, columns));
    CrossEntropyOp.expectLabels(labels, x);
    labelScale.expect(Shape.of(1));
    var by = graph.choose(NAME, LinearCrossEntropyImplementation.class);
    int block = LinearCrossEntropyTasks.block(by, rows, vocabulary);
    String name = "linear_cross_entropy";
    Shape transposed =
        LinearCrossEntropyTasks.transposing(by, columns, vocabulary)
            ? Shape.of(columns, vocabulary)
            : Shape.of(1);
    boolean wide = by != LinearCrossEntropyImplementation.CUBLAS_BF16;
    var parts = LinearCrossEntropyParts.of(block, vocabulary);
    Shape logits = wide ? Shape.of(block, vocabulary) : Shape.of(1);
    var tasks =
        new LinearCrossEntropyTasks(
            by,
            x,
            weight,
            labels,
            labelScale,
            graph.activation(name, Shape.of(1)),
            graph.activation(name + ".unit_input", Shape.of(rows, columns)),
            graph.activation(name + ".unit_weight", weight.shape()),
            graph.activation(
                name + ".logits", by.host() ? Shape.of(vocabulary, parts.stride()) : logits),
            graph.activation(
                name + ".gathered",
                Shape.of(
                    by.host() ? (1 + parts.chunks()) * block : by.cublas() ? block : 1, columns)),
            graph.activation(name + ".transposed", transposed),
            graph.activation(name + ".row_loss", Shape.of(rows)),
            graph.activation(name + ".log_sum", Shape.of(rows)),
            graph.activation(name + ".chosen", Shape.of(rows), ElementType.INT32),
            graph.activation(
                name + ".partial",
                by.host() ? parts.statistics() : Shape.of(CrossEntropyOp.BLOCKS)),
            LinearCrossEntropyReducedTasks.of(graph, name, weight.shape(), block),
            block);
    graph
        .node(name + ".forward")
        .reads(x, weight, labels, labelScale)
        .writes(tasks.loss, tasks.unitDX, tasks.unitDW)
        .scratch(tasks.scratch())
        .lower(tasks::lower);
    graph.differentiable(List.of(x, weight), List.of(tasks.loss), g -> backward(g, tasks));
    return tasks.loss;
  }

  /// Appends the losses of the rows of `x·weightᵀ`, and whether their labels are its first choice,
  /// without a gradient. On the host logits exist for a block of rows at most, elsewhere for all.
  ///
  /// @param x `[…, D]`
  /// @param weight `[V, D]`
  /// @param labels `[…]` int32, from 0 to V − 1 or [CrossEntropyOp#IGNORED]
  /// @throws dev.sluice.tasks.graph.GraphException if a shape or the type of the labels does not
  ///   fit
  public static Rows ofRows(Graph graph, Tensor x, Tensor weight, Tensor labels) {
    int rows = x.shape().rows();
    int columns = x.shape().columns();
    int vocabulary = weight.shape().extent(0);
    weight.expect(Shape.of(vocabulary, columns));
    CrossEntropyOp.expectLabels(labels, x);
    var by = graph.choose(NAME, LinearCrossEntropyImplementation.class);
    if (!by.host()) {
      Tensor logits = LinearOp.apply(graph, x, weight, null);
      return new Rows(
          CrossEntropyOp.ofRows(graph, logits, labels), FirstChoiceOp.apply(graph, logits, labels));
    }
    String name = "linear_cross_entropy.rows";
    int block = LinearCrossEntropyTasks.block(by, rows, vocabulary);
    Tensor loss = graph.activation(name + ".loss", Shape.of(rows));
    Tensor right = graph.activation(name + ".right", Shape.of(rows));
    Tensor logits = graph.activation(name + ".logits", Shape.of(block, vocabulary));
    Tensor gathered = graph.activation(name + ".gathered", Shape.of(block, columns));
    Tensor chosen = graph.activation(name + ".chosen", Shape.of(rows), ElementType.INT32);
    graph
        .node(name)
        .reads(x, weight, labels)
        .writes(loss, right)
        .scratch(logits, gathered, chosen)
        .lower(t -> {
          var buffers =
              new LinearCrossEntropyRowsHost.Buffers(
                  t.heap(x),
                  t.heap(weight),
                  t.heapInts(labels),
                  t.heap(loss),
                  t.heap(right),
                  t.heap(logits),
                  t.heap(gathered),
                  t.heapInts(chosen));
          t.host(
              "rows",
              new LinearCrossEntropyRowsHost(buffers, block, rows, columns, vocabulary)::run);
        });
    return new Rows(loss, right);
  }

  private static void backward(Gradients gradients, LinearCrossEntropyTasks tasks) {
    tasks.wantGradients();
    Tensor dLoss = gradients.of(tasks.loss);
    if (gradients.needed(tasks.weight)) {
      scale(gradients.graph(), tasks, tasks.unitDW, dLoss, gradients.into(tasks.weight));
    }
    if (gradients.needed(tasks.x)) {
      scale(gradients.graph(), tasks, tasks.unitDX, dLoss, gradients.into(tasks.x));
    }
  }

  private static void scale(
      Graph graph, LinearCrossEntropyTasks tasks, Tensor unit, Tensor dLoss, Destination to) {
    graph
        .node("linear_cross_entropy.backward")
        .reads(unit, dLoss)
        .fills(to)
        .lower(t -> {
          if (tasks.by.host()) {
            float[] heapUnit = t.heap(unit);
            float[] heapDLoss = t.heap(dLoss);
            float[] heapTo = t.heap(to.tensor());
            t.host(
                "scale",
                workers ->
                    LinearCrossEntropyHost.scaleUnit(
                        workers, heapUnit, heapDLoss, heapTo, to.accumulate(), unit.size()));
          } else {
            t.task(
                "scale",
                Grid.PARALLEL,
                LinearCrossEntropyKernels::scaleUnit,
                t.floats(unit),
                t.floats(dLoss),
                t.floats(to.tensor()),
                to.beta(),
                unit.size());
          }
        });
  }
}
