package dev.sluice.models;

import dev.sluice.layers.Activation;
import dev.sluice.layers.DeltaNetLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import java.util.List;
import java.util.Map;

/// The mixer keys of a `delta_net` model.
///
/// @param heads `num_heads`, `H`
/// @param expandKeys `expand_k`: keys of all heads over the width
/// @param expandValues `expand_v`: values of all heads over the width
/// @param convolution steps of the short convolutions, 0 for none
/// @param activation `qk_activation`
/// @param outputGate `use_gate`
/// @param negativeEigenvalues `allow_neg_eigval`
public record DeltaNetConfig(
    int heads,
    double expandKeys,
    double expandValues,
    int convolution,
    Activation activation,
    boolean outputGate,
    boolean negativeEigenvalues)
    implements MixerConfig {
  /// `delta_net`
  public static final ModelType TYPE =
      new ModelType(
          "delta_net",
          "delta_net",
          "DeltaNetForCausalLM",
          Frame.BLOCKS,
          new ModelType.Defaults(24, 4, 1e-6),
          DeltaNetConfig::read,
          sizes ->
              new DeltaNetConfig(
                  sizes.heads(), 1, 1, sizes.convolution(), Activation.SILU, false, false));

  private static final String ACTIVATION = "qk_activation";
  private static final List<Activation> ACTIVATIONS =
      List.of(Activation.SILU, Activation.RELU, Activation.ELU, Activation.IDENTITY);

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.convolvesIfAny(convolution);
    ConfigChecks.headsDivide("expand_k", heads, width, expandKeys);
    ConfigChecks.headsDivide("expand_v", heads, width, expandValues);
  }

  private static DeltaNetConfig read(ConfigReader keys, int width) {
    keys.neutral("qk_norm", "l2");
    keys.neutral("use_beta", true);
    keys.ignored(List.of("use_output_norm"));
    return new DeltaNetConfig(
        keys.positive("num_heads", 16),
        keys.positiveNumber("expand_k", 1),
        keys.positiveNumber("expand_v", 1),
        keys.convolution(true),
        keys.activation(ACTIVATION, ACTIVATIONS),
        keys.flag("use_gate", false),
        keys.flag("allow_neg_eigval", false));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("num_heads", heads);
    keys.put("expand_k", expandKeys);
    keys.put("expand_v", expandValues);
    keys.put(ACTIVATION, activation.id());
    keys.put("use_gate", outputGate);
    keys.put("allow_neg_eigval", negativeEigenvalues);
    ConfigReader.writeConvolution(keys, convolution);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    return new DeltaNetLayer(
        new DeltaNetLayer.Settings(
            model.width(),
            (int) (model.width() * expandKeys),
            (int) (model.width() * expandValues),
            heads,
            convolution,
            activation,
            outputGate,
            negativeEigenvalues,
            (float) model.eps(),
            model.initializer()));
  }
}
