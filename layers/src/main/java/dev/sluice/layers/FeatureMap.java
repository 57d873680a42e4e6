package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What linear attention does to queries and keys before they meet, a head: `[…, K]` → `[…, K]`.
/// Names as in flash-linear-attention.
public enum FeatureMap {
  /// `(W₁ x + b₁) ⊙ (W₂ x + b₂)`, with `layer1` and `layer2` `[K, K]` and their biases.
  ELEMENTWISE_PRODUCT {
    @Override
    Tensor forward(Scope scope, Tensor x, Initializer initializer) {
      int size = x.shape().columns();
      Linear map = new Linear(size, size, true, initializer);
      return ElementwiseOp.multiply(
          scope.graph(),
          map.forward(scope.child("layer1"), x),
          map.forward(scope.child("layer2"), x));
    }
  },
  /// `x + 1` above 0, `e^x` below.
  ELU {
    @Override
    Tensor forward(Scope scope, Tensor x, Initializer initializer) {
      return Activation.ELU.forward(scope.graph(), x);
    }
  },
  /// `max(x, 0)`
  RELU {
    @Override
    Tensor forward(Scope scope, Tensor x, Initializer initializer) {
      return Activation.RELU.forward(scope.graph(), x);
    }
  },
  /// `max(W x, 0)`, with `layer` `[K, K]`.
  T2R {
    @Override
    Tensor forward(Scope scope, Tensor x, Initializer initializer) {
      int size = x.shape().columns();
      Graph graph = scope.graph();
      Linear map = Linear.withoutBias(size, size, initializer);
      return ElementwiseOp.relu(graph, map.forward(scope.child("layer"), x));
    }
  },
  /// `x`
  IDENTITY {
    @Override
    Tensor forward(Scope scope, Tensor x, Initializer initializer) {
      return x;
    }
  };

  /// Appends the map.
  abstract Tensor forward(Scope scope, Tensor x, Initializer initializer);

  /// The value of `feature_map` in a configuration.
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The map with this value of `feature_map`, if there is one.
  public static Optional<FeatureMap> find(String id) {
    return Arrays.stream(values()).filter(map -> map.id().equals(id)).findFirst();
  }

  /// All values of `feature_map`.
  public static List<String> ids() {
    return Arrays.stream(values()).map(FeatureMap::id).toList();
  }
}
