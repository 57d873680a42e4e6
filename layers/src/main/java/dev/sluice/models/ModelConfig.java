package dev.sluice.models;

import dev.sluice.layers.GatedMlp;
import dev.sluice.layers.Initializers;
import dev.sluice.layers.RmsNorm;
import dev.sluice.tasks.graph.Initializer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The configuration of a causal language model, with the keys of flash-linear-attention: what
/// every model has, and a mixer a layer.
///
/// @param vocabulary `vocab_size`
/// @param width `hidden_size`, `D`
/// @param intermediate `intermediate_size`: width inside the feed-forward layers, 0 without them
/// @param eps `norm_eps`
/// @param tied `tie_word_embeddings`
/// @param initializerRange `initializer_range`
/// @param positions `max_position_embeddings`: the most tokens that an attention cache holds
/// @param mixers the mixer of every layer
public record ModelConfig(
    int vocabulary,
    int width,
    int intermediate,
    double eps,
    boolean tied,
    double initializerRange,
    int positions,
    List<MixerConfig> mixers) {
  private static final int WIDTH = 2048;
  private static final int VOCABULARY = 32000;
  private static final int POSITIONS = 2048;
  private static final double INITIALIZER_RANGE = 0.02;

  /// Checks that there are layers and that their keys go together with the width.
  ///
  /// @throws ModelException naming the keys
  public ModelConfig {
    mixers = List.copyOf(mixers);
    if (mixers.isEmpty()) {
      throw new ModelException("a model needs at least one layer");
    }
    for (MixerConfig mixer : mixers) {
      mixer.check(width);
    }
  }

  /// A model of given mixers with the defaults of flash-linear-attention for the rest.
  ///
  /// @param mixers the mixer of every layer
  public static ModelConfig of(int vocabulary, int width, List<MixerConfig> mixers) {
    ModelType type = mixers.getFirst().type();
    int inside = type.frame().feedForward() ? intermediate(width, type) : 0;
    double eps = type.defaults().eps();
    return new ModelConfig(
        vocabulary, width, inside, eps, false, INITIALIZER_RANGE, POSITIONS, mixers);
  }

  /// Reads a configuration.
  ///
  /// @param values the content of `config.json`
  /// @throws ModelException for a key that is unknown, of the wrong kind or not implemented
  public static ModelConfig from(Map<String, ?> values) {
    ConfigReader keys = new ConfigReader(values);
    ModelType type = ModelTypes.named(keys.text("model_type", ""));
    int width = keys.positive("hidden_size", WIDTH);
    int layers = keys.positive("num_hidden_layers", type.defaults().layers());
    MixerConfig mixer = type.reader().read(keys, width);
    ModelConfig config =
        new ModelConfig(
            keys.positive("vocab_size", VOCABULARY),
            width,
            type.frame().feedForward() ? feedForward(keys, width, type) : 0,
            keys.positiveNumber("norm_eps", type.defaults().eps()),
            keys.flag("tie_word_embeddings", false),
            keys.positiveNumber("initializer_range", INITIALIZER_RANGE),
            keys.positive("max_position_embeddings", POSITIONS),
            Collections.nCopies(layers, mixer));
    keys.neutral("use_l2warp", false);
    keys.ignored(List.of("fuse_cross_entropy", "fuse_linear_cross_entropy", "fuse_norm"));
    keys.refuseUnknown();
    return config;
  }

  /// Reads the keys of a block with a feed-forward layer; hands back its width inside.
  private static int feedForward(ConfigReader keys, int width, ModelType type) {
    int ratio = keys.positive("hidden_ratio", type.defaults().hiddenRatio());
    @Nullable Integer inside = keys.optionalPositive("intermediate_size");
    keys.neutral("attn", (Object) null);
    keys.neutral("attnres_block_size", (Object) null);
    keys.neutral("hidden_act", "swish");
    keys.ignored(List.of("attn_mode", "fuse_swiglu"));
    return inside == null ? GatedMlp.intermediate(width, ratio) : inside;
  }

  private static int intermediate(int width, ModelType type) {
    return GatedMlp.intermediate(width, type.defaults().hiddenRatio());
  }

  /// The content of a `config.json` that flash-linear-attention reads.
  public SequencedMap<String, Object> toMap() {
    ModelType type = mixers.getFirst().type();
    SequencedMap<String, Object> keys = new TreeMap<>();
    keys.put("architectures", List.of(type.architecture()));
    keys.put("hidden_size", width);
    keys.put("initializer_range", initializerRange);
    keys.put("max_position_embeddings", positions);
    keys.put("model_type", type.name());
    keys.put("norm_eps", eps);
    keys.put("num_hidden_layers", layers());
    keys.put("tie_word_embeddings", tied);
    keys.put("vocab_size", vocabulary);
    if (frame().feedForward()) {
      keys.put("hidden_act", "swish");
      keys.put("intermediate_size", intermediate);
    }
    mixers.getFirst().write(keys);
    return keys;
  }

  /// The value of `model_type`.
  public String typeName() {
    return mixers.getFirst().type().name();
  }

  /// `num_hidden_layers`
  public int layers() {
    return mixers.size();
  }

  /// The parts around the mixers.
  public Frame frame() {
    return mixers.getFirst().type().frame();
  }

  /// Begins weights as `initializer_range` says.
  public Initializer initializer() {
    return Initializers.normal(initializerRange);
  }

  /// A norm of the model's width.
  public RmsNorm norm() {
    return new RmsNorm(width, (float) eps);
  }
}
