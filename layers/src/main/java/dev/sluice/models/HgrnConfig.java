package dev.sluice.models;

import dev.sluice.layers.HgrnLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.Map;

/// The mixer keys of an `hgrn` model.
///
/// @param expansion `expand_ratio`: width of the state over the width
/// @param convolution steps of the short convolutions, 0 for none
/// @param bounded `use_lower_bound`: whether forget gates have lower bounds that grow with depth
public record HgrnConfig(double expansion, int convolution, boolean bounded)
    implements MixerConfig {
  /// `hgrn`
  public static final ModelType TYPE =
      new ModelType(
          "hgrn",
          "hgrn",
          "HGRNForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 4, 1e-6),
          HgrnConfig::read,
          sizes -> new HgrnConfig(1, sizes.convolution(), true));

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.convolvesIfAny(convolution);
    ConfigChecks.headsDivide("expand_ratio", 1, width, expansion);
  }

  private static HgrnConfig read(ConfigReader keys, int width) {
    keys.neutral("elementwise_affine", true);
    return new HgrnConfig(
        keys.positiveNumber("expand_ratio", 1),
        keys.convolution(false),
        keys.flag("use_lower_bound", true));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("expand_ratio", expansion == Math.rint(expansion) ? (int) expansion : expansion);
    keys.put("use_lower_bound", bounded);
    ConfigReader.writeConvolution(keys, convolution);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    int inner = (int) (model.width() * expansion);
    return new HgrnLayer(
        new HgrnLayer.Settings(
            model.width(), inner, convolution, layer, (float) model.eps(), model.initializer()),
        bounded ? LowerBounds.of(model, layer, root, inner) : null);
  }
}
