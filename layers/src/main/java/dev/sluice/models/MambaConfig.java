package dev.sluice.models;

import dev.sluice.layers.Initializers;
import dev.sluice.layers.MambaLayer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import dev.sluice.tasks.graph.Initializer;
import java.util.List;
import java.util.Map;

/// The mixer keys of a `mamba` model.
///
/// @param stateSize `state_size`, `N`
/// @param inner `intermediate_size`: by default `expand` (2) times the width
/// @param rank `dt_rank`: by default the width over 16, rounded up
/// @param convolution `conv_kernel`
/// @param convolutionBias `use_conv_bias`
/// @param bias `use_bias`
/// @param steps the step sizes of the beginning
/// @param stepScale `dt_scale`, of the weights that make the steps
/// @param constantSteps whether `dt_init_scheme` is `constant`, else `random`
/// @param rescaled `rescale_prenorm_residual`: begin the output's weights smaller, the more layers
public record MambaConfig(
    int stateSize,
    int inner,
    int rank,
    int convolution,
    boolean convolutionBias,
    boolean bias,
    StepSizes steps,
    double stepScale,
    boolean constantSteps,
    boolean rescaled)
    implements MixerConfig {
  private static final int EXPANSION = 2;
  private static final int RANK_DIVISOR = 16;
  private static final int STATES = 16;
  private static final int CONVOLUTION = 4;

  /// `mamba`
  public static final ModelType TYPE =
      new ModelType(
          "mamba",
          "mamba",
          "MambaForCausalLM",
          Frame.BACKBONE,
          new ModelType.Defaults(48, 4, 1e-5),
          MambaConfig::read,
          MambaConfig::preset);

  private static final String SCHEME = "dt_init_scheme";
  private static final String RANDOM = "random";
  private static final String CONSTANT = "constant";

  private static MambaConfig preset(MixerSizes sizes) {
    return new MambaConfig(
        STATES,
        EXPANSION * sizes.width(),
        rank(sizes.width()),
        sizes.convolutionOr(CONVOLUTION),
        true,
        false,
        StepSizes.DEFAULT,
        1,
        false,
        false);
  }

  private static int rank(int width) {
    return (width + RANK_DIVISOR - 1) / RANK_DIVISOR;
  }

  @Override
  public ModelType type() {
    return TYPE;
  }

  @Override
  public void check(int width) {
    ConfigChecks.convolves("conv_kernel", convolution);
  }

  private static MambaConfig read(ConfigReader keys, int width) {
    keys.neutral("hidden_act", "silu", "swish");
    keys.neutral(SCHEME, RANDOM, CONSTANT);
    keys.ignored(List.of("residual_in_fp32"));
    int inner = (int) (keys.positiveNumber("expand", EXPANSION) * width);
    return new MambaConfig(
        keys.positive("state_size", STATES),
        keys.positive("intermediate_size", inner),
        keys.positiveOr("dt_rank", "auto", rank(width)),
        keys.positive("conv_kernel", CONVOLUTION),
        keys.flag("use_conv_bias", true),
        keys.flag("use_bias", false),
        StepSizes.read(keys),
        keys.positiveNumber("dt_scale", 1),
        keys.text(SCHEME, RANDOM).equals(CONSTANT),
        keys.flag("rescale_prenorm_residual", false));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("state_size", stateSize);
    keys.put("intermediate_size", inner);
    keys.put("dt_rank", rank);
    keys.put("conv_kernel", convolution);
    keys.put("use_conv_bias", convolutionBias);
    keys.put("use_bias", bias);
    steps.write(keys);
    keys.put("dt_scale", stepScale);
    keys.put(SCHEME, constantSteps ? CONSTANT : RANDOM);
    keys.put("rescale_prenorm_residual", rescaled);
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    double spread = stepScale / Math.sqrt(rank);
    Initializer stepWeight =
        constantSteps ? Initializer.constant((float) spread) : Initializers.symmetric(spread);
    return new MambaLayer(
        new MambaLayer.Settings(
            model.width(),
            inner,
            stateSize,
            rank,
            convolution,
            convolutionBias,
            bias,
            stepWeight,
            steps.bias(),
            rescaled ? rescaled(inner, model.layers()) : model.initializer(),
            model.initializer()));
  }

  /// Begins weights of so many inputs as PyTorch does, divided by √layers, so that a residual
  /// stream to which many layers add stays small.
  static Initializer rescaled(int inputs, int layers) {
    return Initializers.symmetric(1 / Math.sqrt((double) inputs * layers));
  }
}
