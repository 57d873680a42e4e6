package dev.sluice.models;

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
/// @param activatedKeys whether `qk_activation` is `silu`, else `identity`
/// @param outputGate `use_gate`
/// @param negativeEigenvalues `allow_neg_eigval`
public record DeltaNetConfig(
    int heads,
    double expandKeys,
    double expandValues,
    int convolution,
    boolean activatedKeys,
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
              new DeltaNetConfig(sizes.heads(), 1, 1, sizes.convolution(), true, false, false));

  private static final String ACTIVATION = "qk_activation";
  private static final String SILU = "silu";
  private static final String IDENTITY = "identity";

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.headsDivide("expand_k", heads, width, expandKeys);
    ConfigChecks.headsDivide("expand_v", heads, width, expandValues);
  }

  private static DeltaNetConfig read(ConfigReader keys, int width) {
    keys.neutral(ACTIVATION, SILU, IDENTITY);
    keys.neutral("qk_norm", "l2");
    keys.neutral("use_beta", true);
    keys.ignored(List.of("use_output_norm"));
    return new DeltaNetConfig(
        keys.positive("num_heads", 16),
        keys.positiveNumber("expand_k", 1),
        keys.positiveNumber("expand_v", 1),
        keys.convolution(true),
        keys.text(ACTIVATION, SILU).equals(SILU),
        keys.flag("use_gate", false),
        keys.flag("allow_neg_eigval", false));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("num_heads", heads);
    keys.put("expand_k", expandKeys);
    keys.put("expand_v", expandValues);
    keys.put(ACTIVATION, activatedKeys ? SILU : IDENTITY);
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
            activatedKeys,
            outputGate,
            negativeEigenvalues,
            (float) model.eps(),
            model.initializer()));
  }
}
