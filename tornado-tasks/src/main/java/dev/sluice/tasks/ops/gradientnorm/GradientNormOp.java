package dev.sluice.tasks.ops.gradientnorm;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Parameter;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// The Euclidean length of all parameter gradients together: `√(Σ g²)`. It is not finite if one of
/// them is not.
public final class GradientNormOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "gradient_norm";

  private static final int TOGETHER = 8;

  private GradientNormOp() {}

  /// Appends the op, over the gradients of all parameters that the graph's variables have by now.
  ///
  /// @return norm `[1]`
  /// @throws GraphException if there is no parameter
  public static Tensor apply(Graph graph) {
    List<Tensor> gradients =
        graph.variables().parameters().stream().map(Parameter::gradient).toList();
    if (gradients.isEmpty()) {
      throw new GraphException(
          "graph '" + graph.name() + "' has no parameters; build the model first");
    }
    Tensor norm = graph.activation("gradient_norm", Shape.of(1));
    Tensor sums = graph.activation("gradient_norm.sums", Shape.of(GradientNormKernels.LANES));
    var by = graph.choose(NAME, GradientNormImplementation.class);
    graph
        .node("gradient_norm")
        .reads(gradients)
        .writes(norm)
        .scratch(sums)
        .lower(t -> {
          switch (by) {
            case HOST -> host(t, gradients, norm);
            case GROUPED -> {
              squares(t, gradients, sums);
              t.task(
                  "norm",
                  Grid.groups(1, GradientNormKernels.GROUP),
                  GradientNormKernels::finishGrouped,
                  t.context(),
                  t.floats(sums),
                  t.floats(norm));
            }
            case PARALLEL -> {
              squares(t, gradients, sums);
              t.task(
                  "norm",
                  Grid.PARALLEL,
                  GradientNormKernels::finish,
                  t.floats(sums),
                  t.floats(norm));
            }
          }
        });
    return norm;
  }

  private static void host(Tasks t, List<Tensor> gradients, Tensor norm) {
    var host =
        new GradientNormHost(
            gradients.stream().map(t::heap).toArray(float[][]::new),
            gradients.stream().mapToInt(Tensor::size).toArray());
    float[] result = t.heap(norm);
    t.host("norm", workers -> host.run(workers, result));
  }

  private static void squares(Tasks t, List<Tensor> gradients, Tensor sums) {
    for (int i = 0; i < gradients.size(); i += TOGETHER) {
      List<Tensor> some = gradients.subList(i, Math.min(gradients.size(), i + TOGETHER));
      t.task(
          "squares",
          Grid.PARALLEL,
          GradientNormKernels::addSquares,
          t.floats(at(some, 0)),
          t.floats(at(some, 1)),
          t.floats(at(some, 2)),
          t.floats(at(some, 3)),
          t.floats(at(some, 4)),
          t.floats(at(some, 5)),
          t.floats(at(some, 6)),
          t.floats(at(some, 7)),
          t.floats(sums),
          size(some, 0),
          size(some, 1),
          size(some, 2),
          size(some, 3),
          size(some, 4),
          size(some, 5),
          size(some, 6),
          size(some, 7),
          i == 0 ? 0 : 1);
    }
  }

  /// Where there are fewer than eight, the first stands in with size 0.
  private static Tensor at(List<Tensor> some, int index) {
    return some.get(index < some.size() ? index : 0);
  }

  private static int size(List<Tensor> some, int index) {
    return index < some.size() ? some.get(index).size() : 0;
  }
}
