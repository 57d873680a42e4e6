package dev.sluice.models;

import dev.sluice.layers.GnConvLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.ops.gnconv.GnConvWeights;
import java.util.Map;

/// The mixer keys of a `gnconv` model. The type and its keys are our own; no other project has such
/// language models.
///
/// @param order `order`: features that are multiplied, 2 to 5
/// @param kernel `kernel_size`: steps that the convolution reaches over
public record GnConvConfig(int order, int kernel) implements MixerConfig {
  private static final int ORDER = 3;
  private static final int KERNEL = 7;

  /// `gnconv`
  public static final ModelType TYPE =
      new ModelType(
          "gnconv",
          "gnconv",
          "GnConvForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 4, 1e-6),
          GnConvConfig::read,
          sizes -> new GnConvConfig(ORDER, KERNEL));

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.convolves("kernel_size", kernel);
    try {
      GnConvWeights.widths(order, width);
    } catch (GraphException e) {
      throw new ModelException("config keys 'order' and 'hidden_size': " + e.getMessage());
    }
  }

  private static GnConvConfig read(ConfigReader keys, int width) {
    return new GnConvConfig(keys.positive("order", ORDER), keys.positive("kernel_size", KERNEL));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("order", order);
    keys.put("kernel_size", kernel);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    return new GnConvLayer(model.width(), order, kernel);
  }
}
