package dev.sluice.tasks.ops.firstchoice;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;

/// Whether a label is the model's first choice: `right[r] = 1` if `labels[r]` is the first of the
/// largest of `logits[r,:]`, else 0. With it an accuracy takes a number a row from the device, not
/// all logits.
///
/// Labels are data: whoever writes them sees to it that they are from 0 to V − 1 or
/// [CrossEntropyOp#IGNORED].
public final class FirstChoiceOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "first_choice";

  private FirstChoiceOp() {}

  /// Appends the op, which has no gradient.
  ///
  /// @param logits `[…, V]`
  /// @param labels `[…]` int32
  /// @return right `[R]`, a number for each label
  /// @throws dev.sluice.tasks.graph.GraphException if a shape or the type of the labels does not
  ///   fit
  public static Tensor apply(Graph graph, Tensor logits, Tensor labels) {
    CrossEntropyOp.expectLabels(labels, logits);
    int rows = labels.size();
    int vocabulary = logits.shape().columns();
    Tensor right = graph.activation(NAME, Shape.of(rows));
    var by = graph.choose(NAME, FirstChoiceImplementation.class);
    graph
        .node(NAME)
        .reads(logits, labels)
        .writes(right)
        .lower(t -> {
          if (by == FirstChoiceImplementation.GROUPED) {
            t.task(
                "rows",
                Grid.groups(rows, FirstChoiceKernels.GROUP),
                FirstChoiceKernels::forwardGrouped,
                t.context(),
                t.floats(logits),
                t.ints(labels),
                t.floats(right),
                vocabulary);
          } else {
            t.task(
                "rows",
                Grid.PARALLEL,
                FirstChoiceKernels::forward,
                t.floats(logits),
                t.ints(labels),
                t.floats(right),
                rows,
                vocabulary);
          }
        });
    return right;
  }
}
