package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.linear.LinearOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A linear map of the innermost axis: `y = x Wᵀ + b`, `[…, inputs]` → `[…, outputs]`.
///
/// Parameters: `weight` `[outputs, inputs]`, begun by `initializer`; `bias` `[outputs]` if asked
/// for, begun at zero.
///
/// @param inputs innermost extent of the input
/// @param outputs innermost extent of the output
/// @param bias whether there is a bias
/// @param initializer begins the weight
public record Linear(int inputs, int outputs, boolean bias, Initializer initializer) {
  /// A linear map without bias.
  public static Linear withoutBias(int inputs, int outputs, Initializer initializer) {
    return new Linear(inputs, outputs, false, initializer);
  }

  /// A layer and where it stands.
  record Placed(Linear linear, Scope scope) {
    Tensor weight() {
      return linear.weight(scope);
    }
  }

  /// This layer at a place, for [#together].
  Placed at(Scope scope) {
    return new Placed(this, scope);
  }

  /// Appends layers without bias that have their input in common.
  static List<Tensor> together(Tensor x, List<Placed> layers) {
    Graph graph = layers.getFirst().scope().graph();
    return LinearOp.applyTogether(graph, x, layers.stream().map(Placed::weight).toList());
  }

  /// Appends the layer.
  public Tensor forward(Scope scope, Tensor x) {
    Tensor weight = weight(scope);
    @Nullable Tensor shift =
        bias ? scope.parameter("bias", Shape.of(outputs), Initializers.zeros()) : null;
    return LinearOp.apply(scope.graph(), x, weight, shift);
  }

  private Tensor weight(Scope scope) {
    return scope.parameter("weight", Shape.of(outputs, inputs), initializer);
  }
}
