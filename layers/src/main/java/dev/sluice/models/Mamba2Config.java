package dev.sluice.models;

import dev.sluice.layers.Initializers;
import dev.sluice.layers.Mamba2Layer;
import dev.sluice.layers.Mixer;
import dev.sluice.layers.Scope;
import dev.sluice.models.ConfigReader.Range;
import dev.sluice.tasks.graph.Initializer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The mixer keys of a `mamba2` model.
///
/// @param expand `expand`: the inner width over the width
/// @param headSize `head_dim`, `P`
/// @param groups `n_groups`
/// @param stateSize `state_size`, `N`
/// @param convolution `conv_kernel`
/// @param convolutionBias `use_conv_bias`
/// @param bias `use_bias`
/// @param skipPerChannel `D_has_hdim`
/// @param limit `dt_limit`: what the step sizes are kept between
/// @param norm what `rmsnorm` and `norm_before_gate` say
/// @param begin how parameters begin
public record Mamba2Config(
    double expand,
    int headSize,
    int groups,
    int stateSize,
    int convolution,
    boolean convolutionBias,
    boolean bias,
    boolean skipPerChannel,
    Range limit,
    Mamba2Layer.Norm norm,
    Begin begin)
    implements MixerConfig {
  /// `mamba2`
  public static final ModelType TYPE =
      new ModelType(
          "mamba2",
          "mamba2",
          "Mamba2ForCausalLM",
          Frame.BACKBONE,
          new ModelType.Defaults(48, 4, 1e-5),
          Mamba2Config::read,
          Mamba2Config::preset);

  private static final int CONVOLUTION = 4;
  private static final String CONVOLUTION_RANGE = "conv_init";
  private static final String DECAY = "A_init_range";
  private static final String LIMIT = "dt_limit";
  private static final String RESCALED = "rescale_prenorm_residual";
  private static final Range DECAYS = new Range(1, 16);
  private static final Range UNLIMITED = new Range(0, Double.POSITIVE_INFINITY);

  /// How parameters begin.
  ///
  /// @param steps the step sizes
  /// @param decay `A_init_range`: the decays are uniform in it
  /// @param convolution `conv_init`: the convolution's weights are uniform in ± this; null for
  ///   those of the other weights
  /// @param rescaled `rescale_prenorm_residual`: the output's weights are smaller, the more layers
  public record Begin(
      StepSizes steps, Range decay, @Nullable Double convolution, boolean rescaled) {
    private static final Begin DEFAULT = new Begin(StepSizes.DEFAULT, DECAYS, null, true);
  }

  private static Mamba2Config preset(MixerSizes sizes) {
    int inner = 2 * sizes.width();
    if (inner % sizes.heads() != 0) {
      throw new ModelException(
          "an inner width of %d cannot be shared by %d heads".formatted(inner, sizes.heads()));
    }
    int size = inner / sizes.heads();
    return new Mamba2Config(
        2,
        size,
        1,
        size,
        sizes.convolutionOr(CONVOLUTION),
        true,
        false,
        false,
        UNLIMITED,
        Mamba2Layer.Norm.AFTER_GATE,
        Begin.DEFAULT);
  }

  @Override
  public ModelType type() {
    return TYPE;
  }

  private int inner(int width) {
    return (int) (expand * width);
  }

  @Override
  public void check(int width) {
    ConfigChecks.convolves("conv_kernel", convolution);
    int inner = inner(width);
    if (inner < headSize || inner % headSize != 0) {
      throw new ModelException(
          "config keys 'expand' times 'hidden_size' give %d, which 'head_dim' %d does not divide"
              .formatted(inner, headSize));
    }
    if (inner / headSize % groups != 0) {
      throw new ModelException(
          "config key 'n_groups' %d does not divide the %d heads"
              .formatted(groups, inner / headSize));
    }
  }

  private static Mamba2Config read(ConfigReader keys, int width) {
    keys.neutral("hidden_act", "silu", "swish");
    keys.ignored(List.of("chunk_size", "residual_in_fp32"));
    Range limit = keys.range(LIMIT, UNLIMITED);
    if (limit.low() < 0 || limit.high() == 0) {
      throw new ModelException("config key '%s' must hold steps of 0 or more".formatted(LIMIT));
    }
    Range decay = keys.range(DECAY, DECAYS);
    if (decay.low() <= 0 || Double.isInfinite(decay.high())) {
      throw new ModelException("config key '%s' must hold two positive numbers".formatted(DECAY));
    }
    double expand = keys.positiveNumber("expand", 2);
    int headSize = keys.positive("head_dim", 64);
    keys.neutral("num_heads", null, 0, (int) (expand * width / headSize));
    boolean normalized = keys.flag("rmsnorm", true);
    boolean first = keys.flag("norm_before_gate", false);
    Mamba2Layer.Norm norm = first ? Mamba2Layer.Norm.BEFORE_GATE : Mamba2Layer.Norm.AFTER_GATE;
    return new Mamba2Config(
        expand,
        headSize,
        keys.positive("n_groups", 1),
        keys.positive("state_size", 128),
        keys.positive("conv_kernel", CONVOLUTION),
        keys.flag("use_conv_bias", true),
        keys.flag("use_bias", false),
        keys.flag("D_has_hdim", false),
        limit,
        normalized ? norm : Mamba2Layer.Norm.NONE,
        new Begin(
            StepSizes.read(keys),
            decay,
            keys.optionalPositiveNumber(CONVOLUTION_RANGE),
            keys.flag(RESCALED, true)));
  }

  @Override
  public void write(Map<String, Object> keys) {
    keys.put("expand", expand == Math.rint(expand) ? (Object) (int) expand : expand);
    keys.put("head_dim", headSize);
    keys.put("n_groups", groups);
    keys.put("state_size", stateSize);
    keys.put("conv_kernel", convolution);
    keys.put("use_conv_bias", convolutionBias);
    keys.put("use_bias", bias);
    keys.put("D_has_hdim", skipPerChannel);
    if (!limit.equals(UNLIMITED)) {
      keys.put(LIMIT, limit.written());
    }
    keys.put("rmsnorm", norm != Mamba2Layer.Norm.NONE);
    keys.put("norm_before_gate", norm == Mamba2Layer.Norm.BEFORE_GATE);
    begin.steps().write(keys);
    keys.put(DECAY, begin.decay().written());
    if (begin.convolution() != null) {
      keys.put(CONVOLUTION_RANGE, begin.convolution());
    }
    keys.put(RESCALED, begin.rescaled());
  }

  @Override
  public Mixer mixer(ModelConfig model, int layer, Scope root) {
    int inner = inner(model.width());
    Initializer weights = model.initializer();
    Range decay = begin.decay();
    Double kernel = begin.convolution();
    return new Mamba2Layer(
        new Mamba2Layer.Settings(
            model.width(),
            inner / headSize,
            headSize,
            groups,
            stateSize,
            convolution,
            convolutionBias,
            bias,
            skipPerChannel,
            limit.low(),
            limit.high(),
            norm,
            (float) model.eps()),
        new Mamba2Layer.Beginnings(
            weights,
            kernel == null ? weights : Initializers.symmetric(kernel),
            begin.steps().bias(),
            Initializers.uniform(u -> Math.log(decay.low() + u * (decay.high() - decay.low()))),
            begin.rescaled() ? MambaConfig.rescaled(inner, model.layers()) : weights));
  }
}
