package dev.sluice.models;

import dev.sluice.layers.GatedMlp;
import dev.sluice.layers.Initializers;
import dev.sluice.layers.RmsNorm;
import dev.sluice.tasks.graph.Initializer;
import java.util.LinkedHashMap;
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
  private static final String MODEL_TYPE = "model_type";
  private static final int WIDTH = 2048;
  private static final int VOCABULARY = 32000;
  private static final int POSITIONS = 2048;
  private static final double INITIALIZER_RANGE = 0.02;

  /// `hidden_ratio` where it is null, in models of every type.
  private static final int NULL_RATIO = 4;

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
    MixerConfig main = Hybrid.main(mixers);
    ModelType.Defaults defaults = main == null ? Hybrid.DEFAULTS : main.type().defaults();
    boolean feedForward = main == null || main.type().frame().feedForward();
    return new ModelConfig(
        vocabulary,
        width,
        feedForward ? GatedMlp.intermediate(width, defaults.hiddenRatio()) : 0,
        defaults.eps(),
        false,
        INITIALIZER_RANGE,
        POSITIONS,
        mixers);
  }

  /// Reads a configuration that has no `sluice.json` beside it.
  ///
  /// @param values the content of `config.json`
  /// @throws ModelException for a key that is unknown, of the wrong kind or not implemented
  public static ModelConfig from(Map<String, ?> values) {
    return from(values, Map.of());
  }

  /// Reads a configuration.
  ///
  /// @param values the content of `config.json`
  /// @param own the content of `sluice.json`, empty if there is none
  /// @throws ModelException for a key that is unknown, of the wrong kind or not implemented
  public static ModelConfig from(Map<String, ?> values, Map<String, ?> own) {
    ConfigReader keys = ConfigReader.of(values, own);
    String name = keys.text(MODEL_TYPE, "");
    @Nullable ModelType type = name.equals(Hybrid.TYPE) ? null : ModelTypes.named(name);
    ModelType.Defaults defaults = type == null ? Hybrid.DEFAULTS : type.defaults();
    int width = keys.positive("hidden_size", WIDTH);
    int layers = keys.positive("num_hidden_layers", defaults.layers());
    List<MixerConfig> mixers =
        type == null
            ? Hybrid.read(keys.own(), layers, width)
            : Hybrid.readAttention(keys, type.reader().read(keys, width), layers);
    boolean feedForward = type == null || type.frame().feedForward();
    ModelConfig config =
        new ModelConfig(
            keys.positive("vocab_size", VOCABULARY),
            width,
            feedForward ? feedForward(keys, width, defaults) : 0,
            keys.positiveNumber("norm_eps", defaults.eps()),
            keys.flag("tie_word_embeddings", false),
            keys.positiveNumber("initializer_range", INITIALIZER_RANGE),
            keys.positive("max_position_embeddings", POSITIONS),
            mixers);
    keys.neutral("use_l2warp", false);
    keys.ignored(List.of("fuse_cross_entropy", "fuse_linear_cross_entropy", "fuse_norm"));
    keys.refuseUnknown();
    keys.own().refuseUnknown();
    return config;
  }

  /// Reads the keys of a block with a feed-forward layer; hands back its width inside.
  private static int feedForward(ConfigReader keys, int width, ModelType.Defaults defaults) {
    int absent = keys.isNull("hidden_ratio") ? NULL_RATIO : defaults.hiddenRatio();
    int ratio = keys.positive("hidden_ratio", absent);
    @Nullable Integer inside = keys.optionalPositive("intermediate_size");
    keys.neutral("attnres_block_size", (Object) null);
    keys.neutral("hidden_act", "swish");
    keys.ignored(List.of("attn_mode", "fuse_swiglu"));
    return inside == null ? GatedMlp.intermediate(width, ratio) : inside;
  }

  /// The content of a `config.json` that flash-linear-attention reads if it has such models.
  public SequencedMap<String, Object> toMap() {
    MixerConfig main = Hybrid.main(mixers);
    SequencedMap<String, Object> keys = new TreeMap<>();
    keys.put(
        "architectures", List.of(main == null ? Hybrid.ARCHITECTURE : main.type().architecture()));
    keys.put("hidden_size", width);
    keys.put("initializer_range", initializerRange);
    keys.put("max_position_embeddings", positions);
    keys.put(MODEL_TYPE, typeName());
    keys.put("norm_eps", eps);
    keys.put("num_hidden_layers", layers());
    keys.put("tie_word_embeddings", tied);
    keys.put("vocab_size", vocabulary);
    if (frame().feedForward()) {
      keys.put("hidden_act", "swish");
      keys.put("intermediate_size", intermediate);
    }
    if (main != null) {
      main.write(keys);
      Hybrid.writeAttention(mixers, main, keys);
    }
    return keys;
  }

  /// The content of a `sluice.json`: what `config.json` has no keys for. Empty if that is nothing.
  public SequencedMap<String, Object> toOwnMap() {
    MixerConfig main = Hybrid.main(mixers);
    SequencedMap<String, Object> own = new LinkedHashMap<>();
    if (main == null) {
      Hybrid.write(mixers, own);
    } else {
      main.writeOwn(own);
    }
    return own;
  }

  /// The same for sequences of at least `length` tokens.
  public ModelConfig forLength(int length) {
    int most = Math.max(positions, length);
    return new ModelConfig(
        vocabulary, width, intermediate, eps, tied, initializerRange, most, mixers);
  }

  /// The value of `model_type`.
  public String typeName() {
    MixerConfig main = Hybrid.main(mixers);
    return main == null ? Hybrid.TYPE : main.type().name();
  }

  /// `num_hidden_layers`
  public int layers() {
    return mixers.size();
  }

  /// The parts around the mixers.
  public Frame frame() {
    MixerConfig main = Hybrid.main(mixers);
    return main == null ? Frame.BLOCKS : main.type().frame();
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
