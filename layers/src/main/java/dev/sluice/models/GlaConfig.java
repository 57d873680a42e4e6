package dev.sluice.models;

import dev.sluice.layers.GatedMlp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The configuration of a `gla` language model, with the keys and defaults of
/// flash-linear-attention.
///
/// @param vocabulary `vocab_size`
/// @param width `hidden_size`, `D`
/// @param layers `num_hidden_layers`
/// @param heads `num_heads`, `H`
/// @param expandKeys `expand_k`: keys of all heads over the width
/// @param expandValues `expand_v`: values of all heads over the width
/// @param intermediate width inside the feed-forward layers
/// @param convolution steps of the short convolutions, 0 for none
/// @param outputGate `use_output_gate`
/// @param eps `norm_eps`
/// @param tied `tie_word_embeddings`
/// @param initializerRange `initializer_range`
public record GlaConfig(
    int vocabulary,
    int width,
    int layers,
    int heads,
    double expandKeys,
    double expandValues,
    int intermediate,
    int convolution,
    boolean outputGate,
    double eps,
    boolean tied,
    double initializerRange) {
  /// The value of `model_type`.
  public static final String TYPE = "gla";

  private static final int CONVOLUTION = 4;

  /// Checks that heads divide keys and values.
  ///
  /// @throws ModelException naming the keys
  public GlaConfig {
    divides("expand_k", heads, width * expandKeys);
    divides("expand_v", heads, width * expandValues);
  }

  private static void divides(String key, int heads, double total) {
    if (total != Math.rint(total) || (int) total % heads != 0) {
      throw new ModelException(
          "config keys 'hidden_size' times '%s' give %s, which 'num_heads' %d does not divide"
              .formatted(key, total, heads));
    }
  }

  /// Reads a configuration.
  ///
  /// @param values the content of `config.json`
  /// @throws ModelException for a key that is unknown, of the wrong kind or not implemented
  public static GlaConfig from(Map<String, ?> values) {
    ConfigReader reader = new ConfigReader(values);
    Object type = values.get("model_type");
    if (!TYPE.equals(type)) {
      throw new ModelException("config key 'model_type' is " + type + "; only gla is implemented");
    }
    int width = reader.positive("hidden_size", 2048);
    int heads = reader.positive("num_heads", 4);
    int ratio = reader.positive("hidden_ratio", 4);
    @Nullable Integer intermediate = reader.optionalPositive("intermediate_size");
    boolean convolved = reader.flag("use_short_conv", false);
    int steps = reader.positive("conv_size", CONVOLUTION);
    reader.neutral("num_kv_heads", null, heads);
    reader.neutral("attn", (Object) null);
    reader.neutral("attnres_block_size", (Object) null);
    reader.neutral("clamp_min", (Object) null);
    reader.neutral("elementwise_affine", true, null);
    reader.neutral("feature_map", (Object) null);
    reader.neutral("hidden_act", "swish");
    reader.neutral("use_gk", true);
    reader.neutral("use_gv", false);
    reader.neutral("use_l2warp", false);
    reader.ignored(
        List.of(
            "attn_mode",
            "fuse_cross_entropy",
            "fuse_linear_cross_entropy",
            "fuse_norm",
            "fuse_swiglu"));
    GlaConfig config =
        new GlaConfig(
            reader.positive("vocab_size", 32000),
            width,
            reader.positive("num_hidden_layers", 24),
            heads,
            reader.positiveNumber("expand_k", 0.5),
            reader.positiveNumber("expand_v", 1.0),
            intermediate == null ? GatedMlp.intermediate(width, ratio) : intermediate,
            convolved ? steps : 0,
            reader.flag("use_output_gate", true),
            reader.positiveNumber("norm_eps", 1e-6),
            reader.flag("tie_word_embeddings", false),
            reader.positiveNumber("initializer_range", 0.02));
    reader.refuseUnknown();
    return config;
  }

  /// The content of a `config.json` that flash-linear-attention reads.
  public SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("architectures", List.of("GLAForCausalLM"));
    map.put("conv_size", convolution == 0 ? CONVOLUTION : convolution);
    map.put("expand_k", expandKeys);
    map.put("expand_v", expandValues);
    map.put("hidden_act", "swish");
    map.put("hidden_size", width);
    map.put("initializer_range", initializerRange);
    map.put("intermediate_size", intermediate);
    map.put("model_type", TYPE);
    map.put("norm_eps", eps);
    map.put("num_heads", heads);
    map.put("num_hidden_layers", layers);
    map.put("tie_word_embeddings", tied);
    map.put("use_output_gate", outputGate);
    map.put("use_short_conv", convolution > 0);
    map.put("vocab_size", vocabulary);
    return map;
  }
}
