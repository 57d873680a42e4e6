package dev.sluice.models;

import dev.sluice.layers.BaseConvLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.List;
import java.util.Map;

/// The mixer keys of a `baseconv` model, called as in Zoology. The type is our own.
///
/// Of several kernels a layer takes the one that belongs to its number in the whole model, not to
/// its number among the layers of BaseConv: so does Zoology, in hybrid models too. In
/// `gla,baseconv` all kernels are therefore long with the preset. Zoology asks for a kernel a layer
/// of the model; here a shorter list begins anew.
///
/// @param kernels `kernel_size`: steps that the convolution of a layer reaches over, −1 for the
///   whole sequence; layers take them in turn
/// @param longest `l_max`: the most tokens of a sequence, where a kernel reaches over it
public record BaseConvConfig(List<Integer> kernels, int longest) implements MixerConfig {
  private static final List<Integer> KERNELS = List.of(3, BaseConvLayer.LONG);
  private static final int LONGEST = 2048;

  /// `baseconv`
  public static final ModelType TYPE =
      new ModelType(
          "baseconv",
          "baseconv",
          "BaseConvForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 4, 1e-6),
          BaseConvConfig::read,
          sizes -> new BaseConvConfig(KERNELS, sizes.length()));

  /// Keeps its own list.
  public BaseConvConfig {
    kernels = List.copyOf(kernels);
  }

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    for (int kernel : kernels) {
      if (kernel != BaseConvLayer.LONG) {
        ConfigChecks.convolves("kernel_size", kernel);
      }
    }
  }

  private static BaseConvConfig read(ConfigReader keys, int width) {
    return new BaseConvConfig(
        keys.integers("kernel_size", KERNELS), keys.positive("l_max", LONGEST));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("kernel_size", kernels);
    keys.put("l_max", longest);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    int kernel = kernels.get(layer % kernels.size());
    return new BaseConvLayer(model.width(), kernel, longest, model.initializer());
  }
}
