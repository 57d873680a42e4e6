package dev.sluice.cli.conform;

import dev.sluice.tasks.graph.Implementation;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.attention.AttentionImplementation;
import dev.sluice.tasks.ops.attention.AttentionOp;
import dev.sluice.tasks.ops.attention.AttentionOptions;
import dev.sluice.tasks.ops.deltarule.DeltaRuleOp;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionImplementation;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseConvolutionOp;
import dev.sluice.tasks.ops.depthwiseconvolution.DepthwiseImageOp;
import dev.sluice.tasks.ops.gatedattention.GatedAttentionImplementation;
import dev.sluice.tasks.ops.gatedattention.GatedAttentionOp;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleImplementation;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleOp;
import dev.sluice.tasks.ops.gateddeltarule.QkNorm;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import dev.sluice.tasks.ops.gla.GlaImplementation;
import dev.sluice.tasks.ops.gla.GlaOp;
import dev.sluice.tasks.ops.gnconv.GnConvOp;
import dev.sluice.tasks.ops.gnconv.GnConvWeights;
import dev.sluice.tasks.ops.hgrn.HgrnImplementation;
import dev.sluice.tasks.ops.hgrn.HgrnOp;
import dev.sluice.tasks.ops.linear.LinearImplementation;
import dev.sluice.tasks.ops.linear.LinearOp;
import dev.sluice.tasks.ops.linearattention.LinearAttentionOp;
import dev.sluice.tasks.ops.retention.RetentionOp;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanImplementation;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp;
import dev.sluice.tasks.ops.simplegla.SimpleGlaOp;
import dev.sluice.tasks.ops.ssd.SsdOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How a case of each op's file becomes a call of the op: one constant an op. Inputs that a format
/// asks for by [OpCase#find] may be absent.
enum OpFormat {
  /// `q, k, g [B,T,H,K]`, `v [B,T,H,V]`, `h0 [N,H,K,V]`.
  GLA(Set.of("gla"), new Part(GlaOp.NAME, GlaImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      return of(
          GlaOp.apply(
              in.graph(),
              in.get("q"),
              in.get("k"),
              in.get("v"),
              in.get("g"),
              scale(in),
              in.find("h0"),
              in.offsets()));
    }
  },
  /// As GLA with `g [B,T,H]`.
  SIMPLE_GLA(Set.of("simple_gla"), new Part(SimpleGlaOp.NAME, GlaImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      return of(
          SimpleGlaOp.apply(
              in.graph(),
              in.get("q"),
              in.get("k"),
              in.get("v"),
              in.get("g"),
              scale(in),
              in.find("h0"),
              in.offsets()));
    }
  },
  /// As GLA without `g`.
  RETENTION(Set.of("retention"), new Part(RetentionOp.NAME, GlaImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      return of(
          RetentionOp.apply(
              in.graph(),
              in.get("q"),
              in.get("k"),
              in.get("v"),
              scale(in),
              in.find("h0"),
              in.offsets()));
    }
  },
  /// As GLA without `g`.
  LINEAR_ATTENTION(
      Set.of("linear_attention"), new Part(LinearAttentionOp.NAME, GlaImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      return of(
          LinearAttentionOp.apply(
              in.graph(),
              in.get("q"),
              in.get("k"),
              in.get("v"),
              scale(in),
              in.find("h0"),
              in.offsets()));
    }
  },
  /// `q, k [B,T,H,K]`, `v [B,T,HV,V]`, `g, beta [B,T,HV]`, `h0 [N,HV,K,V]`.
  GATED_DELTA_RULE(
      Set.of("gated_delta_rule"),
      new Part(GatedDeltaRuleOp.NAME, GatedDeltaRuleImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      return of(
          GatedDeltaRuleOp.apply(
              in.graph(),
              in.get("q"),
              in.get("k"),
              in.get("v"),
              in.get("g"),
              in.get("beta"),
              QkNorm.NONE,
              scale(in),
              in.find("h0"),
              in.offsets()));
    }
  },
  /// As the gated delta rule without `g`.
  DELTA_RULE(
      Set.of("delta_rule"), new Part(DeltaRuleOp.NAME, GatedDeltaRuleImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      return of(
          DeltaRuleOp.apply(
              in.graph(),
              in.get("q"),
              in.get("k"),
              in.get("v"),
              in.get("beta"),
              QkNorm.NONE,
              scale(in),
              in.find("h0"),
              in.offsets()));
    }
  },
  /// `x, g [B,T,D]`, `h0 [N,D]`.
  HGRN(Set.of("hgrn"), new Part(HgrnOp.NAME, HgrnImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      var result = HgrnOp.apply(in.graph(), in.get("x"), in.get("g"), in.find("h0"), in.offsets());
      return Map.of("o", result.output(), "ht", result.finalState());
    }
  },
  /// `u, delta, z [B,D,L]`, `A [D,N]`, `B, C [B,N,L]`, `D, delta_bias [D]`, `h0 [S,D,N]`.
  SELECTIVE_SCAN(
      Set.of("selective_scan", "mamba"),
      new Part(SelectiveScanOp.NAME, SelectiveScanImplementation.values())) {
    @Override
    Set<String> channelsFirst() {
      return Set.of("u", "delta", "z", "B", "C", "y");
    }

    @Override
    Map<String, Tensor> apply(OpCase in) {
      Tensor u = in.get("u");
      @Nullable Tensor skip = in.find("D");
      var result =
          SelectiveScanOp.apply(
              in.graph(),
              u,
              in.get("delta"),
              in.get("A"),
              in.get("B"),
              in.get("C"),
              skip == null ? in.zeros("D", Shape.of(u.shape().columns())) : skip,
              in.find("z"),
              in.find("delta_bias"),
              in.find("h0"),
              in.offsets());
      return Map.of("y", result.output(), "ht", result.finalState());
    }
  },
  /// `x [B,T,H,P]`, `dt [B,T,H]`, `A [H]`, `B, C [B,T,G,N]`, `D, dt_bias [H]`, `h0 [S,H,N,P]`.
  SSD(Set.of("ssd", "mamba2"), new Part(SsdOp.NAME, GlaImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      var result =
          SsdOp.apply(
              in.graph(),
              in.any("x", "u"),
              in.any("dt", "delta"),
              in.get("A"),
              in.get("B"),
              in.get("C"),
              in.find("D"),
              in.findAny("dt_bias", "delta_bias"),
              in.find("h0"),
              in.offsets());
      return Map.of("y", result.output(), "o", result.output(), "ht", result.finalState());
    }
  },
  /// `q, gate [B,T,H,D]`, `k, v [B,T,KV,D]`; the gate may be one a head, `[B,T,H]`. Causal.
  GATED_ATTENTION(
      Set.of("gated_attention"),
      new Part(AttentionOp.NAME, AttentionImplementation.values()),
      new Part(GatedAttentionOp.NAME, GatedAttentionImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      Tensor q = in.get("q");
      var options = AttentionOptions.causal(q.shape().columns());
      return Map.of(
          "o",
          GatedAttentionOp.apply(
              in.graph(), q, in.get("k"), in.get("v"), options, in.get("gate"), in.offsets()));
    }
  },
  /// As gated attention without a gate.
  ATTENTION(Set.of("attention"), new Part(AttentionOp.NAME, AttentionImplementation.values())) {
    @Override
    Map<String, Tensor> apply(OpCase in) {
      Tensor q = in.get("q");
      var options = AttentionOptions.causal(q.shape().columns());
      return Map.of(
          "o", AttentionOp.apply(in.graph(), q, in.get("k"), in.get("v"), options, in.offsets()));
    }
  },
  /// `x [B,C,H,W]`, `proj_in_w [2C,C]`, `dw_w [S,1,K,K]`, `pwI_w` for each but the first feature,
  /// `proj_out_w [C,C]`, and a bias `…_b` for each.
  GNCONV(
      Set.of("gnconv"),
      new Part(LinearOp.NAME, LinearImplementation.values()),
      new Part(DepthwiseConvolutionOp.NAME, DepthwiseConvolutionImplementation.values())) {
    @Override
    Set<String> channelsFirst() {
      return Set.of("x", "y");
    }

    @Override
    Map<String, Tensor> apply(OpCase in) {
      List<GnConvWeights.Step> steps = new ArrayList<>();
      for (Tensor weight = in.find("pw0_w");
          weight != null;
          weight = in.find("pw" + steps.size() + "_w")) {
        steps.add(new GnConvWeights.Step(weight, in.get("pw" + steps.size() + "_b")));
      }
      var weights =
          new GnConvWeights(
              in.get("proj_in_w"),
              in.get("proj_in_b"),
              kernel(in.get("dw_w")),
              in.get("dw_b"),
              steps,
              in.get("proj_out_w"),
              in.get("proj_out_b"));
      return Map.of("y", GnConvOp.image(in.graph(), in.get("x"), weights, GnConvOp.SCALE));
    }
  },
  /// `x [B,C,H,W]`, `weight [C,1,K,K]`, `bias [C]`; the kernel is centred.
  DEPTHWISE_CONVOLUTION(
      Set.of("depthwise_convolution", "depthwise_conv2d"),
      new Part(DepthwiseConvolutionOp.NAME, DepthwiseConvolutionImplementation.values())) {
    @Override
    Set<String> channelsFirst() {
      return Set.of("x", "y");
    }

    @Override
    Map<String, Tensor> apply(OpCase in) {
      return Map.of(
          "y",
          DepthwiseImageOp.apply(
              in.graph(), in.get("x"), kernel(in.any("weight", "w")), in.findAny("bias", "b")));
    }
  };

  /// An op that is chosen by its own name.
  ///
  /// @param op the name under which its implementation is forced
  /// @param implementations all that there are
  record Part(String op, List<Implementation> implementations) {
    Part(String op, Implementation... implementations) {
      this(op, List.of(implementations));
    }
  }

  // Set.of and List.of: immutable, though their types do not say so.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<String> names;

  @SuppressWarnings("ImmutableEnumChecker")
  private final List<Part> parts;

  OpFormat(Set<String> names, Part... parts) {
    this.names = names;
    this.parts = List.of(parts);
  }

  /// The format of the files whose metadata names `op`.
  static Optional<OpFormat> find(String op) {
    return Arrays.stream(values()).filter(f -> f.names.contains(op)).findFirst();
  }

  /// The names of the ops that there are formats for.
  static String known() {
    return Arrays.stream(values())
        .flatMap(f -> f.names.stream().sorted())
        .collect(Collectors.joining(", "));
  }

  /// What the op is made of and has several implementations.
  List<Part> parts() {
    return parts;
  }

  /// The inputs and outputs that lie as `[B, C, …]` in the files and as `[B, …, C]` here.
  Set<String> channelsFirst() {
    return Set.of();
  }

  /// Appends the op; its outputs by the names that the files have.
  abstract Map<String, Tensor> apply(OpCase in);

  private static float scale(OpCase in) {
    return (float) (1 / Math.sqrt(in.get("q").shape().columns()));
  }

  private static Tensor kernel(Tensor weight) {
    Shape shape = weight.shape();
    int last = shape.columns();
    return weight.view(shape.extent(0), last, last);
  }

  private static Map<String, Tensor> of(GatedLinearAttention.Result result) {
    return Map.of("o", result.output(), "ht", result.finalState());
  }

  private static Map<String, Tensor> of(GatedDeltaRuleOp.Result result) {
    return Map.of("o", result.output(), "ht", result.finalState());
  }
}
