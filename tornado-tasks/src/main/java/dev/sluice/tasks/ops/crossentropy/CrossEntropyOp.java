package dev.sluice.tasks.ops.crossentropy;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Gradients;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// Softmax cross-entropy: `loss = labelScale·Σ_{r: labels[r] ≠ −100} (log Σ_v e^{logits[r,v]} −
/// logits[r,labels[r]])`.
///
/// Labels are data: whoever writes them sees to it that they are from 0 to V − 1 or [#IGNORED].
public final class CrossEntropyOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "cross_entropy";

  /// The label of rows that do not count.
  public static final int IGNORED = -100;

  /// Blocks of rows that the loss is summed in; the length of the scratch of [#sum].
  public static final int BLOCKS = 64;

  private record Operands(Tensor logits, Tensor labels, Tensor labelScale, Tensor logSum) {
    int rows() {
      return labels.size();
    }

    int vocabulary() {
      return logits.shape().columns();
    }
  }

  private CrossEntropyOp() {}

  /// Appends the op.
  ///
  /// @param logits `[…, V]`
  /// @param labels `[…]` int32
  /// @param labelScale `[1]`, usually 1 / (number of labels of the whole step)
  /// @return loss `[1]`
  /// @throws GraphException if a shape or the type of the labels does not fit
  public static Tensor apply(Graph graph, Tensor logits, Tensor labels, Tensor labelScale) {
    expectLabels(labels, logits);
    labelScale.expect(Shape.of(1));
    Tensor loss = graph.activation("cross_entropy", Shape.of(1));
    Tensor logSum = graph.activation("cross_entropy.log_sum", Shape.of(labels.size()));
    Tensor rowLoss = graph.activation("cross_entropy.row_loss", Shape.of(labels.size()));
    Tensor partial = graph.activation("cross_entropy.partial", Shape.of(BLOCKS));
    var operands = new Operands(logits, labels, labelScale, logSum);
    var by = graph.choose(NAME, CrossEntropyImplementation.class);
    graph
        .node("cross_entropy.forward")
        .reads(logits, labels, labelScale)
        .writes(loss, logSum)
        .scratch(rowLoss, partial)
        .lower(t -> {
          rows(t, logits, labels, logSum, rowLoss, by);
          boolean grouped = by == CrossEntropyImplementation.GROUPED;
          sum(t, rowLoss, partial, labelScale, loss, grouped);
        });
    graph.differentiable(List.of(logits), List.of(loss), g -> backward(g, operands, loss, by));
    return loss;
  }

  /// Appends the losses of the rows, `log Σ_v e^{logits[r,v]} − logits[r,labels[r]]` and 0 where
  /// the label is ignored, without a gradient.
  ///
  /// @param logits `[…, V]`
  /// @param labels `[…]` int32
  /// @return `[R]`, a loss for each label
  /// @throws GraphException if a shape or the type of the labels does not fit
  public static Tensor ofRows(Graph graph, Tensor logits, Tensor labels) {
    expectLabels(labels, logits);
    Tensor rowLoss = graph.activation("cross_entropy.row_loss", Shape.of(labels.size()));
    Tensor logSum = graph.activation("cross_entropy.log_sum", Shape.of(labels.size()));
    var by = graph.choose(NAME, CrossEntropyImplementation.class);
    graph
        .node("cross_entropy.rows")
        .reads(logits, labels)
        .writes(rowLoss)
        .scratch(logSum)
        .lower(t -> rows(t, logits, labels, logSum, rowLoss, by));
    return rowLoss;
  }

  /// Checks that `labels` has a label for each row of `rows`.
  ///
  /// @throws GraphException naming what does not fit
  public static void expectLabels(Tensor labels, Tensor rows) {
    if (labels.type() != ElementType.INT32) {
      throw new GraphException(
          "labels '" + labels.name() + "' are " + labels.type() + ", not INT32");
    }
    if (labels.size() != rows.shape().rows()) {
      throw new GraphException(
          "labels '%s' have shape %s where '%s' %s needs %d of them"
              .formatted(
                  labels.name(), labels.shape(), rows.name(), rows.shape(), rows.shape().rows()));
    }
  }

  private static void rows(
      Tasks t,
      Tensor logits,
      Tensor labels,
      Tensor logSum,
      Tensor rowLoss,
      CrossEntropyImplementation by) {
    int rows = labels.size();
    int vocabulary = logits.shape().columns();
    switch (by) {
      case HOST ->
          t.host(
              "rows",
              CrossEntropyHost.forward(
                  t.heap(logits),
                  t.heapInts(labels),
                  t.heap(logSum),
                  t.heap(rowLoss),
                  rows,
                  vocabulary));
      case GROUPED ->
          t.task(
              "rows",
              Grid.groups(rows, CrossEntropyKernels.GROUP),
              CrossEntropyKernels::forwardGrouped,
              t.context(),
              t.floats(logits),
              t.ints(labels),
              t.floats(logSum),
              t.floats(rowLoss),
              0,
              vocabulary);
      case PARALLEL ->
          t.task(
              "rows",
              Grid.PARALLEL,
              CrossEntropyKernels::forward,
              t.floats(logits),
              t.ints(labels),
              t.floats(logSum),
              t.floats(rowLoss),
              0,
              rows,
              vocabulary);
    }
  }

  /// Adds the tasks of `loss = labelScale · Σ rowLoss`.
  ///
  /// @param grouped whether by a work-group, which needs no `partial`
  public static void sum(
      Tasks t, Tensor rowLoss, Tensor partial, Tensor labelScale, Tensor loss, boolean grouped) {
    if (grouped) {
      t.task(
          "loss",
          Grid.groups(1, CrossEntropyKernels.GROUP),
          CrossEntropyKernels::sumGrouped,
          t.context(),
          t.floats(rowLoss),
          t.floats(labelScale),
          t.floats(loss),
          rowLoss.size());
      return;
    }
    t.task(
        "partial",
        Grid.PARALLEL,
        CrossEntropyKernels::sumRows,
        t.floats(rowLoss),
        t.floats(partial),
        BLOCKS,
        rowLoss.size());
    t.task(
        "loss",
        Grid.PARALLEL,
        CrossEntropyKernels::sumBlocks,
        t.floats(partial),
        t.floats(labelScale),
        t.floats(loss),
        BLOCKS);
  }

  private static void backward(
      Gradients gradients, Operands o, Tensor loss, CrossEntropyImplementation by) {
    Tensor dLoss = gradients.of(loss);
    Destination dLogits = gradients.into(o.logits());
    gradients
        .graph()
        .node("cross_entropy.backward")
        .reads(o.logits(), o.labels(), o.labelScale(), dLoss, o.logSum())
        .fills(dLogits)
        .lower(t -> {
          if (by == CrossEntropyImplementation.HOST) {
            t.host(
                "logits",
                CrossEntropyHost.backward(
                    t.heap(o.logits()),
                    t.heapInts(o.labels()),
                    t.heap(o.labelScale()),
                    t.heap(dLoss),
                    t.heap(dLogits.tensor()),
                    t.heap(o.logSum()),
                    dLogits.accumulate(),
                    o.rows(),
                    o.vocabulary()));
          } else {
            t.task(
                "logits",
                Grid.PARALLEL,
                CrossEntropyKernels::backward,
                t.floats(o.logits()),
                t.ints(o.labels()),
                t.floats(o.labelScale()),
                t.floats(dLoss),
                t.floats(dLogits.tensor()),
                t.floats(o.logSum()),
                dLogits.beta(),
                0,
                o.rows(),
                o.vocabulary());
          }
        });
  }
}
