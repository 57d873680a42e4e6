package dev.sluice.models;

import dev.sluice.layers.Hgrn2Layer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The mixer keys of an `hgrn2` model.
///
/// @param heads `num_heads`, `H`
/// @param expansion `expand_ratio`, keys of a head
/// @param convolution steps of the short convolutions, 0 for none
/// @param bounded `use_lower_bound`: whether forget gates have lower bounds that grow with depth
public record Hgrn2Config(int heads, int expansion, int convolution, boolean bounded)
    implements MixerConfig {
  /// `hgrn2`
  public static final ModelType TYPE =
      new ModelType(
          "hgrn2",
          "hgrn2",
          "HGRN2ForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 4, 1e-6),
          Hgrn2Config::read,
          sizes ->
              new Hgrn2Config(
                  sizes.heads(), ConfigChecks.headSize(sizes), sizes.convolution(), true));

  private static final int EXPANSION = 128;
  private static final String HEADS = "num_heads";
  private static final String EXPAND = "expand_ratio";

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.convolvesIfAny(convolution);
    if (heads == 0 || width % heads != 0) {
      throw new ModelException(
          "config key '%s' %d makes %d heads, which do not divide 'hidden_size' %d"
              .formatted(EXPAND, expansion, heads, width));
    }
  }

  /// As in flash-linear-attention, heads follow from `expand_ratio` whatever `num_heads` is, unless
  /// `expand_ratio` is null.
  private static Hgrn2Config read(ConfigReader keys, int width) {
    keys.neutral("elementwise_affine", true);
    @Nullable Integer heads = keys.optionalPositive(HEADS);
    int expansion = keys.positive(EXPAND, EXPANSION);
    if (heads != null && keys.isNull(EXPAND)) {
      expansion = Math.max(1, width / heads);
    }
    return new Hgrn2Config(
        width / expansion, expansion, keys.convolution(false), keys.flag("use_lower_bound", true));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put(HEADS, heads);
    keys.put(EXPAND, expansion);
    keys.put("use_lower_bound", bounded);
    ConfigReader.writeConvolution(keys, convolution);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    return new Hgrn2Layer(
        new Hgrn2Layer.Settings(
            model.width(), heads, expansion, convolution, layer, model.initializer()),
        bounded ? LowerBounds.of(model, layer, root, heads * expansion) : null);
  }
}
