package dev.sluice.models;

import dev.sluice.layers.AttentionLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The mixer keys of a `transformer` model.
///
/// @param heads `num_heads`, `H`
/// @param keyHeads `num_kv_heads`
/// @param bias `qkv_bias`
/// @param normalized `qk_norm`
/// @param window `window_size`, 0 for none
/// @param rotaryBase `rope_theta`
public record AttentionConfig(
    int heads, int keyHeads, boolean bias, boolean normalized, int window, double rotaryBase)
    implements MixerConfig {
  private static final double ROTARY_BASE = 10000;

  /// `transformer`
  public static final ModelType TYPE =
      new ModelType(
          "attention",
          "transformer",
          "TransformerForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 4, 1e-6),
          AttentionConfig::read,
          sizes -> new AttentionConfig(sizes.heads(), sizes.heads(), false, false, 0, ROTARY_BASE));

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.evenHeads(heads, width, 1);
    ConfigChecks.keyHeadsDivide(heads, keyHeads);
  }

  private static AttentionConfig read(ConfigReader keys, int width) {
    int heads = keys.positive("num_heads", 32);
    @Nullable Integer window = keys.optionalPositive("window_size");
    keys.ignored(List.of("elementwise_affine"));
    return new AttentionConfig(
        heads,
        keys.positive("num_kv_heads", heads),
        keys.flag("qkv_bias", false),
        keys.flag("qk_norm", false),
        window == null ? 0 : window,
        keys.positiveNumber("rope_theta", ROTARY_BASE));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("num_heads", heads);
    keys.put("num_kv_heads", keyHeads);
    keys.put("qkv_bias", bias);
    keys.put("qk_norm", normalized);
    if (window > 0) {
      keys.put("window_size", window);
    }
    keys.put("rope_theta", rotaryBase);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    return new AttentionLayer(
        new AttentionLayer.Settings(
            model.width(),
            heads,
            keyHeads,
            bias,
            normalized,
            window,
            (float) rotaryBase,
            AttentionLayer.Gate.NONE,
            model.initializer()));
  }
}
