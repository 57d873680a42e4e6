package dev.sluice.models;

import dev.sluice.layers.AttentionLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.List;
import java.util.Locale;
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
/// @param gate what is gated after attention: `attention_gate` in `sluice.json`
public record AttentionConfig(
    int heads,
    int keyHeads,
    boolean bias,
    boolean normalized,
    int window,
    double rotaryBase,
    AttentionLayer.Gate gate)
    implements MixerConfig {
  private static final String HEADS = "num_heads";
  private static final String KEY_HEADS = "num_kv_heads";
  private static final String BIAS = "qkv_bias";
  private static final String NORMALIZED = "qk_norm";
  private static final String WINDOW = "window_size";
  private static final String ROTARY = "rope_theta";
  private static final String GATE = "attention_gate";
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
          sizes -> plain(sizes.heads(), AttentionLayer.Gate.NONE));

  /// Attention with every element gated, for chosen sizes.
  static AttentionConfig gated(MixerSizes sizes) {
    return plain(sizes.heads(), AttentionLayer.Gate.ELEMENT);
  }

  private static AttentionConfig plain(int heads, AttentionLayer.Gate gate) {
    return new AttentionConfig(heads, heads, false, false, 0, ROTARY_BASE, gate);
  }

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
    keys.ignored(List.of("elementwise_affine"));
    return read(keys, 32, keys.flag(NORMALIZED, false), gate(keys.own()));
  }

  /// Reads the keys that attention has where it is mixed into a model of another type.
  static AttentionConfig readMixedIn(ConfigReader keys) {
    keys.required(HEADS);
    return read(keys, 1, false, AttentionLayer.Gate.NONE);
  }

  private static AttentionConfig read(
      ConfigReader keys, int heads, boolean normalized, AttentionLayer.Gate gate) {
    int given = keys.positive(HEADS, heads);
    @Nullable Integer window = keys.optionalPositive(WINDOW);
    return new AttentionConfig(
        given,
        keys.positive(KEY_HEADS, given),
        keys.flag(BIAS, false),
        normalized,
        window == null ? 0 : window,
        keys.positiveNumber(ROTARY, ROTARY_BASE),
        gate);
  }

  private static AttentionLayer.Gate gate(ConfigReader own) {
    String wanted = own.text(GATE, name(AttentionLayer.Gate.NONE));
    for (AttentionLayer.Gate gate : AttentionLayer.Gate.values()) {
      if (name(gate).equals(wanted)) {
        return gate;
      }
    }
    throw new ModelException(
        "sluice.json key '%s' is %s, not none, head or element".formatted(GATE, wanted));
  }

  private static String name(AttentionLayer.Gate gate) {
    return gate.name().toLowerCase(Locale.ROOT);
  }

  /// Whether flash-linear-attention can mix it into a model of another type.
  boolean mixesIn() {
    return gate == AttentionLayer.Gate.NONE && !normalized;
  }

  /// Writes what [#readMixedIn] reads.
  void writeMixedIn(Map<String, Object> keys) {
    keys.put(HEADS, heads);
    keys.put(KEY_HEADS, keyHeads);
    keys.put(BIAS, bias);
    if (window > 0) {
      keys.put(WINDOW, window);
    }
    keys.put(ROTARY, rotaryBase);
  }

  @Override
  public void write(Map<String, Object> keys) {
    writeMixedIn(keys);
    keys.put(NORMALIZED, normalized);
  }

  @Override
  public void writeOwn(Map<String, Object> keys) {
    if (gate != AttentionLayer.Gate.NONE) {
      keys.put(GATE, name(gate));
    }
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
            gate,
            model.initializer()));
  }
}
