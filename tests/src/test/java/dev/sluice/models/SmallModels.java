package dev.sluice.models;

import java.util.Collections;
import java.util.List;

/// Small models for tests.
public final class SmallModels {
  private static final int POSITIONS = 128;
  private static final int CONVOLUTION = 4;

  private SmallModels() {}

  /// A model of one type with its preset.
  ///
  /// @param width `D`
  /// @param layers blocks
  /// @param initializerRange of the weights
  public static ModelConfig of(
      ModelType type, int vocabulary, int width, int layers, double initializerRange) {
    MixerConfig mixer = type.preset().apply(new MixerSizes(width, 2, CONVOLUTION, POSITIONS));
    return of(vocabulary, width, initializerRange, Collections.nCopies(layers, mixer));
  }

  /// A model of given mixers.
  public static ModelConfig of(
      int vocabulary, int width, double initializerRange, List<MixerConfig> mixers) {
    ModelConfig config = ModelConfig.of(vocabulary, width, mixers);
    return new ModelConfig(
        vocabulary,
        width,
        config.intermediate() == 0 ? 0 : width + width / 2,
        config.eps(),
        false,
        initializerRange,
        POSITIONS,
        mixers);
  }

  /// The same model with one table for embeddings and head.
  public static ModelConfig tied(ModelConfig config) {
    return new ModelConfig(
        config.vocabulary(),
        config.width(),
        config.intermediate(),
        config.eps(),
        true,
        config.initializerRange(),
        config.positions(),
        config.mixers());
  }
}
