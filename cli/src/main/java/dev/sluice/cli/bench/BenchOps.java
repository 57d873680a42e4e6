package dev.sluice.cli.bench;

import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.names.NearestName;
import dev.sluice.tasks.ops.attention.AttentionImplementation;
import dev.sluice.tasks.ops.attention.AttentionOp;
import dev.sluice.tasks.ops.attention.AttentionOptions;
import dev.sluice.tasks.ops.baseconv.BaseConvImplementation;
import dev.sluice.tasks.ops.baseconv.BaseConvOp;
import dev.sluice.tasks.ops.deltarule.DeltaRuleOp;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionImplementation;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionOp;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseImageOp;
import dev.sluice.tasks.ops.gatedattention.GatedAttentionOp;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleImplementation;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleOp;
import dev.sluice.tasks.ops.gateddeltarule.QkNorm;
import dev.sluice.tasks.ops.gla.GlaImplementation;
import dev.sluice.tasks.ops.gla.GlaOp;
import dev.sluice.tasks.ops.gnconv.GnConvOp;
import dev.sluice.tasks.ops.gnconv.GnConvWeights;
import dev.sluice.tasks.ops.hgrn.HgrnImplementation;
import dev.sluice.tasks.ops.hgrn.HgrnOp;
import dev.sluice.tasks.ops.linearattention.LinearAttentionOp;
import dev.sluice.tasks.ops.retention.RetentionOp;
import dev.sluice.tasks.ops.rotary.RotaryImplementation;
import dev.sluice.tasks.ops.rotary.RotaryOp;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanImplementation;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp;
import dev.sluice.tasks.ops.shortconvolution.ShortConvolutionImplementation;
import dev.sluice.tasks.ops.shortconvolution.ShortConvolutionOp;
import dev.sluice.tasks.ops.simplegla.SimpleGlaOp;
import dev.sluice.tasks.ops.ssd.SsdOp;
import java.util.ArrayList;
import java.util.List;

/// The ops that `sluice bench ops` and `sluice compare` know: a line each. Operations are counted
/// as the recurrent form has them, whatever the form that is measured.
public final class BenchOps {
  private static final int TAPS = 4;
  private static final int LONG_TAPS = 7;
  private static final int STATE = 16;
  private static final int ORDER = 3;
  private static final float ROTARY_BASE = 10000;

  /// Of causal attention: the backward pass has five products where the forward one has two.
  private static final double ATTENTION_TRAINING = 3.5;

  private static final List<BenchOp> ALL =
      List.of(
          BenchOp.of(GlaOp.NAME, GlaImplementation.values(), state(5), BenchOps::gla),
          BenchOp.of(SimpleGlaOp.NAME, GlaImplementation.values(), state(5), BenchOps::simpleGla),
          BenchOp.of(RetentionOp.NAME, GlaImplementation.values(), state(5), BenchOps::retention),
          BenchOp.of(
              LinearAttentionOp.NAME,
              GlaImplementation.values(),
              state(4),
              BenchOps::linearAttention),
          BenchOp.of(
              GatedDeltaRuleOp.NAME,
              GatedDeltaRuleImplementation.values(),
              state(7),
              BenchOps::gatedDeltaRule),
          BenchOp.of(
              DeltaRuleOp.NAME,
              GatedDeltaRuleImplementation.values(),
              state(7),
              BenchOps::deltaRule),
          BenchOp.of(HgrnOp.NAME, HgrnImplementation.values(), channels(2), BenchOps::hgrn),
          BenchOp.of(
              SelectiveScanOp.NAME,
              SelectiveScanImplementation.values(),
              channels(7 * STATE),
              BenchOps::selectiveScan),
          BenchOp.of(SsdOp.NAME, GlaImplementation.values(), state(5), BenchOps::ssd),
          BenchOp.of(
                  AttentionOp.NAME,
                  AttentionImplementation.values(),
                  BenchOps::pairs,
                  BenchOps::attention)
              .training(ATTENTION_TRAINING),
          BenchOp.of(
                  GatedAttentionOp.NAME,
                  AttentionImplementation.values(),
                  BenchOps::pairs,
                  BenchOps::gatedAttention)
              .by(AttentionOp.NAME)
              .training(ATTENTION_TRAINING),
          BenchOp.of(
              ShortConvolutionOp.NAME,
              ShortConvolutionImplementation.values(),
              channels(2 * TAPS),
              BenchOps::shortConvolution),
          BenchOp.of(
              DepthwiseConvolutionOp.NAME,
              DepthwiseConvolutionImplementation.values(),
              channels(2 * TAPS),
              BenchOps::depthwise),
          BenchOp.of(
                  "depthwise_image",
                  DepthwiseConvolutionImplementation.values(),
                  channels(2 * LONG_TAPS * LONG_TAPS),
                  BenchOps::depthwiseImage)
              .by(DepthwiseConvolutionOp.NAME),
          BenchOp.of(
                  GnConvOp.NAME,
                  DepthwiseConvolutionImplementation.values(),
                  size -> gnConvWork(size, LONG_TAPS),
                  BenchOps::gnConv)
              .by(DepthwiseConvolutionOp.NAME),
          BenchOp.of(
                  "gnconv_image",
                  DepthwiseConvolutionImplementation.values(),
                  size -> gnConvWork(size, LONG_TAPS * LONG_TAPS),
                  BenchOps::gnConvImage)
              .by(DepthwiseConvolutionOp.NAME),
          BenchOp.of(
              BaseConvOp.NAME,
              BaseConvImplementation.values(),
              BenchOps::baseConvWork,
              BenchOps::baseConv),
          BenchOp.of(RotaryOp.NAME, RotaryImplementation.values(), channels(3), BenchOps::rotary));

  private BenchOps() {}

  /// All of them.
  public static List<BenchOp> all() {
    return ALL;
  }

  /// Those with these names, in the list's order; all if none is given.
  ///
  /// @throws IllegalArgumentException for a name that none has
  public static List<BenchOp> named(List<String> names) {
    List<String> known = ALL.stream().map(BenchOp::name).toList();
    for (String name : names) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException(
            "--ops: op '%s' is unknown%s".formatted(name, NearestName.hint(name, known)));
      }
    }
    return ALL.stream().filter(op -> names.isEmpty() || names.contains(op.name())).toList();
  }

  /// `operations` for each element of the state and step.
  private static BenchOp.Work state(int operations) {
    return s -> operations * s.tokens() * s.heads() * s.keys() * s.values();
  }

  /// `operations` for each channel and step.
  private static BenchOp.Work channels(int operations) {
    return s -> operations * s.tokens() * s.channels();
  }

  /// Two products over half of all pairs of steps.
  private static double pairs(SequenceSize s) {
    return s.tokens() * s.length() * s.heads() * (s.keys() + s.values());
  }

  private static double gnConvWork(SequenceSize s, int taps) {
    int[] widths = GnConvWeights.widths(ORDER, s.channels());
    double weights = 3.0 * s.channels() * s.channels();
    double convolved = 0;
    for (int i = 0; i < ORDER; i++) {
      weights += i == 0 ? 0 : (double) widths[i - 1] * widths[i];
      convolved += widths[i];
    }
    return 2 * s.tokens() * (weights + convolved * taps);
  }

  private static double baseConvWork(SequenceSize s) {
    return s.tokens() * s.channels() * (s.length() + 2.0 * s.channels());
  }

  private static Tensor gla(OpInputs in) {
    return GlaOp.apply(
            in.graph(),
            in.keys("q"),
            in.keys("k"),
            in.values("v"),
            in.keyGates("g"),
            in.scale(),
            null,
            null)
        .output();
  }

  private static Tensor simpleGla(OpInputs in) {
    return SimpleGlaOp.apply(
            in.graph(),
            in.keys("q"),
            in.keys("k"),
            in.values("v"),
            in.headGates("g"),
            in.scale(),
            null,
            null)
        .output();
  }

  private static Tensor retention(OpInputs in) {
    return RetentionOp.apply(
            in.graph(), in.keys("q"), in.keys("k"), in.values("v"), in.scale(), null, null)
        .output();
  }

  private static Tensor linearAttention(OpInputs in) {
    return LinearAttentionOp.apply(
            in.graph(), in.keys("q"), in.keys("k"), in.values("v"), in.scale(), null, null)
        .output();
  }

  private static Tensor gatedDeltaRule(OpInputs in) {
    return GatedDeltaRuleOp.apply(
            in.graph(),
            in.unitKeys("q"),
            in.unitKeys("k"),
            in.values("v"),
            in.headGates("g"),
            in.betas("beta"),
            QkNorm.NONE,
            in.scale(),
            null,
            null)
        .output();
  }

  private static Tensor deltaRule(OpInputs in) {
    return DeltaRuleOp.apply(
            in.graph(),
            in.unitKeys("q"),
            in.unitKeys("k"),
            in.values("v"),
            in.betas("beta"),
            QkNorm.NONE,
            in.scale(),
            null,
            null)
        .output();
  }

  private static Tensor hgrn(OpInputs in) {
    return HgrnOp.apply(in.graph(), in.channels("x"), in.channelGates("g"), null, null).output();
  }

  private static Tensor selectiveScan(OpInputs in) {
    SequenceSize s = in.size();
    return SelectiveScanOp.apply(
            in.graph(),
            in.channels("u"),
            in.channels("delta"),
            in.negative("A", s.channels(), STATE),
            in.normal("B", 1, s.batch(), s.length(), STATE),
            in.normal("C", 1, s.batch(), s.length(), STATE),
            in.normal("D", 1, s.channels()),
            in.channels("z"),
            in.normal("delta_bias", 1, s.channels()),
            null,
            null)
        .output();
  }

  private static Tensor ssd(OpInputs in) {
    SequenceSize s = in.size();
    return SsdOp.apply(
            in.graph(),
            in.values("x"),
            in.normal("delta", 1, s.batch(), s.length(), s.heads()),
            in.negative("A", s.heads()),
            in.normal("B", 1, s.batch(), s.length(), 1, s.keys()),
            in.normal("C", 1, s.batch(), s.length(), 1, s.keys()),
            in.normal("D", 1, s.heads()),
            in.normal("delta_bias", 1, s.heads()),
            null,
            null)
        .output();
  }

  private static Tensor attention(OpInputs in) {
    return AttentionOp.apply(
        in.graph(),
        in.values("q"),
        in.values("k"),
        in.values("v"),
        AttentionOptions.causal(in.size().values()),
        null);
  }

  private static Tensor gatedAttention(OpInputs in) {
    return GatedAttentionOp.apply(
        in.graph(),
        in.values("q"),
        in.values("k"),
        in.values("v"),
        AttentionOptions.causal(in.size().values()),
        in.values("gate"),
        null);
  }

  private static Tensor shortConvolution(OpInputs in) {
    int columns = in.size().channels();
    return ShortConvolutionOp.apply(
            in.graph(),
            in.channels("x"),
            in.normal("weight", 0.5, columns, TAPS),
            null,
            true,
            null,
            null)
        .y();
  }

  private static Tensor depthwise(OpInputs in) {
    int columns = in.size().channels();
    return DepthwiseConvolutionOp.apply(
            in.graph(),
            in.channels("x"),
            in.normal("weight", 0.5, columns, TAPS),
            in.normal("bias", 1, columns),
            true,
            null,
            null)
        .output();
  }

  private static Tensor depthwiseImage(OpInputs in) {
    int columns = in.size().channels();
    return DepthwiseImageOp.apply(
        in.graph(),
        in.image("x"),
        in.normal("weight", 0.1, columns, LONG_TAPS, LONG_TAPS),
        in.normal("bias", 1, columns));
  }

  private static Tensor gnConv(OpInputs in) {
    return GnConvOp.sequence(
            in.graph(), in.channels("x"), gnConvWeights(in, LONG_TAPS), GnConvOp.SCALE, null, null)
        .output();
  }

  private static Tensor gnConvImage(OpInputs in) {
    return GnConvOp.image(
        in.graph(), in.image("x"), gnConvWeights(in, LONG_TAPS, LONG_TAPS), GnConvOp.SCALE);
  }

  private static GnConvWeights gnConvWeights(OpInputs in, int... taps) {
    int columns = in.size().channels();
    int[] widths = GnConvWeights.widths(ORDER, columns);
    List<GnConvWeights.Step> steps = new ArrayList<>();
    int convolved = widths[0];
    for (int i = 1; i < ORDER; i++) {
      convolved += widths[i];
      steps.add(
          new GnConvWeights.Step(
              matrix(in, "step" + i, widths[i], widths[i - 1]),
              in.normal("step_bias" + i, 1, widths[i])));
    }
    int[] kernel = new int[taps.length + 1];
    kernel[0] = convolved;
    System.arraycopy(taps, 0, kernel, 1, taps.length);
    return new GnConvWeights(
        matrix(in, "in", 2 * columns, columns),
        in.normal("in_bias", 1, 2 * columns),
        in.normal("kernel", 0.3, kernel),
        in.normal("kernel_bias", 1, convolved),
        steps,
        matrix(in, "out", columns, columns),
        in.normal("out_bias", 1, columns));
  }

  private static Tensor baseConv(OpInputs in) {
    int columns = in.size().channels();
    return BaseConvOp.withLongKernel(
        in.graph(),
        in.channels("u"),
        new BaseConvOp.FilterNetwork(
            in.normal("hidden", 1, STATE, 3),
            in.normal("hidden_bias", 1, STATE),
            matrix(in, "filter_out", columns, STATE),
            in.normal("filter_bias", 1, columns)),
        in.size().length(),
        new BaseConvOp.Projection(
            matrix(in, "projection", columns, columns), in.normal("bias", 1, columns)),
        null);
  }

  private static Tensor rotary(OpInputs in) {
    return RotaryOp.apply(in.graph(), in.values("x"), null, ROTARY_BASE);
  }

  private static Tensor matrix(OpInputs in, String name, int rows, int columns) {
    return in.normal(name, 1 / Math.sqrt(columns), rows, columns);
  }
}
