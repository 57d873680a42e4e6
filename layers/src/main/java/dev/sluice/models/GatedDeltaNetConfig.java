package dev.sluice.models;

import dev.sluice.layers.GatedDeltaNetLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The mixer keys of a `gated_deltanet` model.
///
/// @param heads `num_heads`, of queries and keys
/// @param valueHeads `num_v_heads`
/// @param headSize `head_dim`, `K`
/// @param expandValues `expand_v`: `V` over `K`
/// @param convolution steps of the short convolutions, 0 for none
/// @param outputGate `use_gate`
/// @param negativeEigenvalues `allow_neg_eigval`
public record GatedDeltaNetConfig(
    int heads,
    int valueHeads,
    int headSize,
    double expandValues,
    int convolution,
    boolean outputGate,
    boolean negativeEigenvalues)
    implements MixerConfig {
  /// `gated_deltanet`
  public static final ModelType TYPE =
      new ModelType(
          "gated_deltanet",
          "gated_deltanet",
          "GatedDeltaNetForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(21, 4, 1e-6),
          GatedDeltaNetConfig::read,
          GatedDeltaNetConfig::preset);

  private static GatedDeltaNetConfig preset(MixerSizes sizes) {
    int size = ConfigChecks.headSize(sizes);
    return new GatedDeltaNetConfig(
        sizes.heads(), sizes.heads(), size, 1, sizes.convolution(), true, false);
  }

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.convolvesIfAny(convolution);
    double size = headSize * expandValues;
    if (size != Math.rint(size) || size < 1) {
      throw new ModelException(
          "config keys 'head_dim' times 'expand_v' give %s, which is not a whole number"
              .formatted(size));
    }
    if (valueHeads % heads != 0) {
      throw new ModelException(
          "config key 'num_v_heads' %d is not a multiple of 'num_heads' %d"
              .formatted(valueHeads, heads));
    }
  }

  private static GatedDeltaNetConfig read(ConfigReader keys, int width) {
    int heads = keys.positive("num_heads", 6);
    @Nullable Integer valueHeads = keys.optionalPositive("num_v_heads");
    return new GatedDeltaNetConfig(
        heads,
        valueHeads == null ? heads : valueHeads,
        keys.positive("head_dim", 256),
        keys.positiveNumber("expand_v", 2),
        keys.convolution(true),
        keys.flag("use_gate", true),
        keys.flag("allow_neg_eigval", false));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("num_heads", heads);
    keys.put("num_v_heads", valueHeads);
    keys.put("head_dim", headSize);
    keys.put("expand_v", expandValues);
    keys.put("use_gate", outputGate);
    keys.put("allow_neg_eigval", negativeEigenvalues);
    ConfigReader.writeConvolution(keys, convolution);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    return new GatedDeltaNetLayer(
        new GatedDeltaNetLayer.Settings(
            model.width(),
            heads,
            valueHeads,
            headSize,
            (int) (headSize * expandValues),
            convolution,
            outputGate,
            negativeEigenvalues,
            (float) model.eps(),
            model.initializer()));
  }
}
