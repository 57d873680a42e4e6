package dev.sluice.models;

import dev.sluice.layers.Initializers;
import dev.sluice.layers.Scope;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;

/// The parameter from which the lower bounds of HGRN's and HGRN2's forget gates follow, shared by
/// all layers: `ROOT.lower_bounds` `[layers, D]`, begun at zero.
final class LowerBounds {
  private LowerBounds() {}

  /// The parameter, for layer `layer`.
  ///
  /// @param root scope of the whole model
  /// @param gates width of the layer's forget gates
  /// @throws ModelException if they are not as wide as the bounds, and the layer has one
  static Tensor of(ModelConfig model, int layer, Scope root, int gates) {
    if (layer > 0 && gates != model.width()) {
      throw new ModelException(
          "config key 'expand_ratio' gives %d forget gates, but 'use_lower_bound' needs 'hidden_size' %d"
              .formatted(gates, model.width()));
    }
    return root.parameter(
        "lower_bounds", Shape.of(model.layers(), model.width()), Initializers.zeros());
  }
}
