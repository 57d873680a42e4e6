package dev.sluice.models;

import dev.sluice.layers.Activation;
import dev.sluice.layers.GlaLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The mixer keys of a `gla` model.
///
/// @param heads `num_heads`, `H`
/// @param keyHeads `num_kv_heads`
/// @param expandKeys `expand_k`: keys of all heads over the width
/// @param expandValues `expand_v`: values of all heads over the width
/// @param convolution steps of the short convolutions, 0 for none
/// @param map `feature_map`
/// @param leastGate `clamp_min`
/// @param outputGate `use_output_gate`
/// @param fusedNorm `fuse_norm`, which changes the name of a norm
public record GlaConfig(
    int heads,
    int keyHeads,
    double expandKeys,
    double expandValues,
    int convolution,
    Activation map,
    @Nullable Float leastGate,
    boolean outputGate,
    boolean fusedNorm)
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
          sizes -> of(sizes.heads(), 1, 1, sizes.convolution()));

  private static final String MAP = "feature_map";
  private static final String LEAST_GATE = "clamp_min";

  /// The functions that may be its `feature_map`, and retention's.
  static final List<Activation> MAPS =
      List.of(
          Activation.IDENTITY,
          Activation.RELU,
          Activation.SIGMOID,
          Activation.LOGSIGMOID,
          Activation.SILU);

  /// With an output gate, and nothing else that is optional.
  ///
  /// @param heads `num_heads`
  /// @param expandKeys `expand_k`
  /// @param expandValues `expand_v`
  /// @param convolution steps of the short convolutions, 0 for none
  public static GlaConfig of(int heads, double expandKeys, double expandValues, int convolution) {
    return new GlaConfig(
        heads, heads, expandKeys, expandValues, convolution, Activation.IDENTITY, null, true, true);
  }

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.convolvesIfAny(convolution);
    ConfigChecks.headsDivide("expand_k", heads, width, expandKeys);
    ConfigChecks.headsDivide("expand_v", heads, width, expandValues);
    ConfigChecks.keyHeadsDivide(heads, keyHeads);
  }

  private static GlaConfig read(ConfigReader keys, int width) {
    int heads = keys.positive("num_heads", 4);
    keys.neutral("elementwise_affine", true);
    keys.neutral("use_gk", true);
    keys.neutral("use_gv", false);
    @Nullable Double least = keys.optionalNumber(LEAST_GATE);
    return new GlaConfig(
        heads,
        keys.positive("num_kv_heads", heads),
        keys.positiveNumber("expand_k", 0.5),
        keys.positiveNumber("expand_v", 1.0),
        keys.convolution(false),
        keys.activation(MAP, MAPS),
        least == null ? null : (Float) least.floatValue(),
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
    if (leastGate != null) {
      keys.put(LEAST_GATE, leastGate);
    }
    keys.put("use_output_gate", outputGate);
    keys.put("fuse_norm", fusedNorm);
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
            keyHeads,
            convolution,
            map,
            leastGate,
            outputGate,
            fusedNorm,
            (float) model.eps(),
            model.initializer()));
  }
}
