package dev.sluice.tasks.ops.dropout;

import dev.sluice.tasks.graph.Destination;
import dev.sluice.tasks.graph.ElementType;
import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.Grid;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import java.util.List;

/// Dropout: `y = x/(1 − probability)` for elements that are kept, 0 for the others, each dropped
/// with `probability`, rounded to a multiple of 2⁻¹⁶. Whether element i is kept is a function of
/// (seed, step, micro-step, site, i) alone, the same on every device; the backward pass makes the
/// same mask again.
///
/// Sources: Srivastava and others, "Dropout", 2014; Salmon and others, "Parallel random numbers: as
/// easy as 1, 2, 3", 2011.
public final class DropoutOp {
  /// The op's name in reports and when an implementation is forced.
  public static final String NAME = "dropout";

  private record Settings(float factor, int threshold, int site) {}

  private DropoutOp() {}

  /// Appends the op; with `probability` 0 it is `x` itself.
  ///
  /// @param x any shape
  /// @param probability of an element to be dropped, from 0 to below 1
  /// @param randomKey `[4]` int32: seed low, seed high, step, micro-step
  /// @param site a number of its own for each use in a model
  /// @return y, shape of `x`
  /// @throws GraphException if the probability is out of range or the key is not four int32
  public static Tensor apply(Graph graph, Tensor x, float probability, Tensor randomKey, int site) {
    if (!(probability >= 0.0f && probability < 1.0f)) {
      throw new GraphException(
          "dropout probability " + probability + ": must be from 0 to below 1");
    }
    randomKey.expect(Shape.of(4));
    if (randomKey.type() != ElementType.INT32) {
      throw new GraphException(
          "random key '" + randomKey.name() + "' is " + randomKey.type() + ", not INT32");
    }
    if (probability == 0.0f) {
      return x;
    }
    var settings =
        new Settings(
            DropoutReference.factor(probability), DropoutReference.threshold(probability), site);
    Tensor y = graph.activation("dropout", x.shape());
    mask(graph, "dropout.forward", x, randomKey, settings, new Destination(y, false));
    graph.differentiable(
        List.of(x),
        List.of(y),
        g -> mask(graph, "dropout.backward", g.of(y), randomKey, settings, g.into(x)));
    return y;
  }

  private static void mask(
      Graph graph, String node, Tensor x, Tensor key, Settings settings, Destination y) {
    boolean host = graph.choose(NAME, DropoutImplementation.class) == DropoutImplementation.HOST;
    graph
        .node(node)
        .reads(x, key)
        .fills(y)
        .lower(t -> {
          if (host) {
            t.host(
                "mask",
                DropoutHost.mask(
                    t.heap(x),
                    t.heapInts(key),
                    t.heap(y.tensor()),
                    settings.factor(),
                    settings.threshold(),
                    settings.site(),
                    y.accumulate(),
                    x.size()));
          } else {
            t.task(
                "mask",
                Grid.PARALLEL,
                DropoutKernels::mask,
                t.floats(x),
                t.ints(key),
                t.floats(y.tensor()),
                settings.factor(),
                settings.threshold(),
                settings.site(),
                y.beta(),
                x.size());
          }
        });
  }
}
