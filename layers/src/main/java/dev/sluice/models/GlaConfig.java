package dev.sluice.models;

import dev.sluice.layers.GlaLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.Map;

/// The mixer keys of a `gla` model.
///
/// @param heads `num_heads`, `H`
/// @param expandKeys `expand_k`: keys of all heads over the width
/// @param expandValues `expand_v`: values of all heads over the width
/// @param convolution steps of the short convolutions, 0 for none
/// @param outputGate `use_output_gate`
public record GlaConfig(
    int heads, double expandKeys, double expandValues, int convolution, boolean outputGate)
    implements MixerConfig {
  /// `gla`
  public static final ModelType TYPE =
      new ModelType(
          "gla",
          "gla",
          "GLAForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 4, 1e-6),
          GlaConfig::read,
          sizes -> new GlaConfig(sizes.heads(), 1, 1, sizes.convolution(), true));

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.headsDivide("expand_k", heads, width, expandKeys);
    ConfigChecks.headsDivide("expand_v", heads, width, expandValues);
  }

  private static GlaConfig read(ConfigReader keys, int width) {
    int heads = keys.positive("num_heads", 4);
    keys.neutral("num_kv_heads", null, heads);
    keys.neutral("clamp_min", (Object) null);
    keys.neutral("elementwise_affine", true, null);
    keys.neutral("feature_map", (Object) null);
    keys.neutral("use_gk", true);
    keys.neutral("use_gv", false);
    return new GlaConfig(
        heads,
        keys.positiveNumber("expand_k", 0.5),
        keys.positiveNumber("expand_v", 1.0),
        keys.convolution(false),
        keys.flag("use_output_gate", true));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("num_heads", heads);
    keys.put("expand_k", expandKeys);
    keys.put("expand_v", expandValues);
    keys.put("use_output_gate", outputGate);
    ConfigReader.writeConvolution(keys, convolution);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    return new GlaLayer(
        new GlaLayer.Settings(
            model.width(),
            (int) (model.width() * expandKeys),
            (int) (model.width() * expandValues),
            heads,
            convolution,
            outputGate,
            (float) model.eps(),
            model.initializer()));
  }
}
