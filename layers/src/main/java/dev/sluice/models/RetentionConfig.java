package dev.sluice.models;

import dev.sluice.layers.Activation;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.RetentionLayer;
import dev.sluice.layers.Scope;
import java.util.List;
import java.util.Map;

/// The mixer keys of a `retnet` model.
///
/// @param heads `num_heads`, `H`
/// @param keyHeads `num_kv_heads`
/// @param expandKeys `expand_k`: keys of all heads over the width
/// @param expandValues `expand_v`: values of all heads over the width
/// @param map `feature_map`
/// @param outputGate `use_output_gate`
/// @param fusedNorm `fuse_norm`: whether a checkpoint names norm and output gate as one
public record RetentionConfig(
    int heads,
    int keyHeads,
    double expandKeys,
    double expandValues,
    Activation map,
    boolean outputGate,
    boolean fusedNorm)
    implements MixerConfig {
  private static final String MAP = "feature_map";

  /// `retnet`
  public static final ModelType TYPE =
      new ModelType(
          "retention",
          "retnet",
          "RetNetForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 2, 1e-6),
          RetentionConfig::read,
          sizes ->
              new RetentionConfig(
                  sizes.heads(), sizes.heads(), 1, 2, Activation.IDENTITY, true, true));

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.evenHeads(heads, width, expandKeys);
    ConfigChecks.headsDivide("expand_v", heads, width, expandValues);
    ConfigChecks.keyHeadsDivide(heads, keyHeads);
  }

  private static RetentionConfig read(ConfigReader keys, int width) {
    int heads = keys.positive("num_heads", 8);
    keys.neutral("elementwise_affine", true);
    // flash-linear-attention reads them and builds no convolution.
    keys.ignored(List.of("use_short_conv", "conv_size"));
    return new RetentionConfig(
        heads,
        keys.positive("num_kv_heads", heads),
        keys.positiveNumber("expand_k", 1.0),
        keys.positiveNumber("expand_v", 2.0),
        keys.activation(MAP, GlaConfig.MAPS),
        keys.flag("use_output_gate", true),
        keys.flag("fuse_norm", true));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("num_heads", heads);
    keys.put("num_kv_heads", keyHeads);
    keys.put("expand_k", expandKeys);
    keys.put("expand_v", expandValues);
    if (map != Activation.IDENTITY) {
      keys.put(MAP, map.id());
    }
    keys.put("use_output_gate", outputGate);
    keys.put("fuse_norm", fusedNorm);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    return new RetentionLayer(
        new RetentionLayer.Settings(
            model.width(),
            (int) (model.width() * expandKeys),
            (int) (model.width() * expandValues),
            heads,
            keyHeads,
            map,
            outputGate,
            fusedNorm,
            (float) model.eps(),
            model.initializer()));
  }
}
