package dev.sluice.models;

import dev.sluice.layers.FeatureMap;
import dev.sluice.layers.LinearAttentionLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.Map;

/// The mixer keys of a `linear_attn` model.
///
/// @param heads `num_heads`, `H`
/// @param keyHeads `num_kv_heads`
/// @param expandKeys `expand_k`: keys of all heads over the width
/// @param expandValues `expand_v`: values of all heads over the width
/// @param map `feature_map`
public record LinearAttentionConfig(
    int heads, int keyHeads, double expandKeys, double expandValues, FeatureMap map)
    implements MixerConfig {
  /// `linear_attn`
  public static final ModelType TYPE =
      new ModelType(
          "linear_attention",
          "linear_attn",
          "LinearAttentionForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 4, 1e-6),
          LinearAttentionConfig::read,
          sizes ->
              new LinearAttentionConfig(
                  sizes.heads(), sizes.heads(), 1, 1, FeatureMap.ELEMENTWISE_PRODUCT));

  private static final String MAP = "feature_map";

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.headsDivide("expand_k", heads, width, expandKeys);
    ConfigChecks.headsDivide("expand_v", heads, width, expandValues);
    ConfigChecks.keyHeadsDivide(heads, keyHeads);
  }

  private static LinearAttentionConfig read(ConfigReader keys, int width) {
    int heads = keys.positive("num_heads", 4);
    keys.neutral("elementwise_affine", true);
    keys.neutral("tie_feature_map_qk", false);
    keys.neutral("norm_q", false);
    keys.neutral("norm_k", false);
    keys.neutral("norm_feature_map", false);
    String map = keys.text(MAP, FeatureMap.ELEMENTWISE_PRODUCT.id());
    return new LinearAttentionConfig(
        heads,
        keys.positive("num_kv_heads", heads),
        keys.positiveNumber("expand_k", 1.0),
        keys.positiveNumber("expand_v", 1.0),
        FeatureMap.find(map)
            .orElseThrow(() ->
                new ModelException(
                    "config key '%s': %s is not implemented; only %s are"
                        .formatted(MAP, map, FeatureMap.ids()))));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("num_heads", heads);
    keys.put("num_kv_heads", keyHeads);
    keys.put("expand_k", expandKeys);
    keys.put("expand_v", expandValues);
    keys.put(MAP, map.id());
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    return new LinearAttentionLayer(
        new LinearAttentionLayer.Settings(
            model.width(),
            (int) (model.width() * expandKeys),
            (int) (model.width() * expandValues),
            heads,
            keyHeads,
            map,
            (float) model.eps(),
            model.initializer()));
  }
}
