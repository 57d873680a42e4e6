package dev.sluice.models;

import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.Map;

/// What a configuration says about a mixer: a record of its keys, so that two are equal if they
/// build the same. Each has a static [ModelType] that reads it.
public interface MixerConfig {
  /// What reads it and what it is called.
  ModelType type();

  /// Checks that the keys go together with the width.
  ///
  /// @throws ModelException naming the keys
  void check(int width);

  /// The mixer of layer `layer`.
  ///
  /// @param model the model that it is in: width, layers, eps, initializer
  /// @param root the scope of the whole model, for parameters that its layers share
  Mixer mixer(ModelConfig model, int layer, Scope root);

  /// Puts its keys into a configuration, so that reading them gives an equal record.
  void write(Map<String, Object> keys);

  /// Puts the keys that flash-linear-attention does not have into `sluice.json`; they are read from
  /// [ConfigReader#own].
  default void writeOwn(Map<String, Object> keys) {}
}
