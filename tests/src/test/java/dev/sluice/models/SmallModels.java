package dev.sluice.models;

import java.util.List;
import java.util.stream.Stream;

/// Small models for tests.
public final class SmallModels {
  private static final int POSITIONS = 128;
  private static final int CONVOLUTION = 4;

  private SmallModels() {}

  /// All mixers, and mixtures that flash-linear-attention has a key for and has none for.
  public static List<String> patterns() {
    return Stream.concat(
            ModelTypes.mixers().stream(), Stream.of("gla,attention", "delta_net,gated_attention"))
        .toList();
  }

  /// A model of mixers in a pattern with their presets.
  ///
  /// @param width `D`
  /// @param layers blocks
  /// @param initializerRange of the weights
  public static ModelConfig of(
      String pattern, int vocabulary, int width, int layers, double initializerRange) {
    MixerSizes sizes = new MixerSizes(width, 2, CONVOLUTION, POSITIONS);
    return of(
        vocabulary, width, initializerRange, MixerPattern.parse(pattern).mixers(sizes, layers));
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
