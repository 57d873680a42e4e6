package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.clamp.ClampOp;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import dev.sluice.tasks.ops.gla.GlaOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gated linear attention: `S = diag(e^g) S + k vᵀ`, `o = (qᵀ S) / √K` a head, with the log gate `g
/// = logσ(W₂ W₁ x + b) / 16`, normalised a head and gated: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters, with `KH` heads of keys and values: `q_proj` `[H·K, D]`, `k_proj` `[KH·K, D]`,
/// `v_proj` `[KH·V, D]`, `g_proj` `[H·V, D]` with an output gate, `gk_proj.0` `[16, D]`,
/// `gk_proj.1` `[KH·K, 16]` and its bias, `g_norm_swish_gate` `[V]` (`g_norm` where the norm is not
/// fused with an output gate), `o_proj` `[D, H·V]`; with short convolutions `q_conv1d`, `k_conv1d`,
/// `v_conv1d`. State: `[B, H, K, V]`.
///
/// Source: Yang et al., "Gated Linear Attention Transformers with Hardware-Efficient Training",
/// 2024; names as in flash-linear-attention.
///
/// @param settings sizes and options
public record GlaLayer(Settings settings) implements Mixer {
  private static final int GATE_RANK = 16;
  private static final float GATE_NORMALIZER = 16;
  private static final String STATE = "recurrent";

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param keyWidth keys of all heads, `H·K`
  /// @param valueWidth values of all heads, `H·V`
  /// @param heads `H`
  /// @param keyHeads heads of keys, values and gates, a divisor of `H`; each serves as many heads
  /// @param convolution steps of the short convolutions, 0 for none
  /// @param map what is done to queries and keys before they meet
  /// @param leastGate log gates are at least this; null for no limit
  /// @param outputGate whether the output is gated
  /// @param fusedNorm whether norm and output gate are named as one
  /// @param eps of the norm
  /// @param initializer begins the weights
  public record Settings(
      int width,
      int keyWidth,
      int valueWidth,
      int heads,
      int keyHeads,
      int convolution,
      Activation map,
      @Nullable Float leastGate,
      boolean outputGate,
      boolean fusedNorm,
      float eps,
      Initializer initializer) {}

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    int keySize = s.keyWidth() / s.heads();
    int valueSize = s.valueWidth() / s.heads();
    int group = s.heads() / s.keyHeads();

    Projection toQ = projection(s.heads() * keySize);
    Projection toK = projection(s.keyHeads() * keySize);
    Projection toV = projection(s.keyHeads() * valueSize);
    HeadOutput head = head();
    List<Linear.Placed> maps = new ArrayList<>();
    maps.add(toQ.placed(scope, "q"));
    maps.add(toK.placed(scope, "k"));
    maps.add(toV.placed(scope, "v"));
    maps.add(Linear.withoutBias(s.width(), GATE_RANK, s.initializer()).at(lowRank(scope, "0")));
    if (s.outputGate()) {
      maps.add(head.gate(scope, s.valueWidth()));
    }
    List<Tensor> mapped = Linear.together(x, maps);

    Tensor q = Heads.split(toQ.finish(scope, "q", mapped.get(0), sequence), s.heads());
    Tensor k = Heads.split(toK.finish(scope, "k", mapped.get(1), sequence), s.keyHeads());
    Tensor v = Heads.split(toV.finish(scope, "v", mapped.get(2), sequence), s.keyHeads());
    Tensor gate = Heads.split(gate(scope, mapped.get(3), s.keyHeads() * keySize), s.keyHeads());

    int sequences = sequence.sequences(x.shape().extent(0));
    Shape stateShape = Shape.of(sequences, s.heads(), keySize, valueSize);
    GatedLinearAttention.Result mixed =
        GlaOp.apply(
            graph,
            s.map().forward(graph, q),
            Heads.repeat(graph, s.map().forward(graph, k), group),
            Heads.repeat(graph, v, group),
            Heads.repeat(graph, gate, group),
            (float) (1 / Math.sqrt(keySize)),
            sequence.state(scope, STATE, stateShape),
            sequence.offsets());
    sequence.keep(scope, STATE, mixed.finalState());

    return head.finish(scope, mixed.output(), s.outputGate() ? mapped.get(4) : null);
  }

  private HeadOutput head() {
    Settings s = settings;
    String norm = HeadOutput.norm(s.outputGate() && s.fusedNorm());
    return new HeadOutput(s.width(), s.outputGate(), norm, s.eps(), s.initializer());
  }

  private Projection projection(int outputs) {
    return new Projection(
        settings.width(),
        outputs,
        settings.convolution(),
        Projection.Silu.CONVOLVED,
        settings.initializer());
  }

  private static Scope lowRank(Scope scope, String factor) {
    return scope.child("gk_proj").child(factor);
  }

  private Tensor gate(Scope scope, Tensor low, int outputs) {
    Graph graph = scope.graph();
    Tensor logits =
        new Linear(GATE_RANK, outputs, true, settings.initializer())
            .forward(lowRank(scope, "1"), low);
    Tensor gate =
        ElementwiseOp.scale(graph, ElementwiseOp.logSigmoid(graph, logits), 1 / GATE_NORMALIZER);
    Float least = settings.leastGate();
    return least == null ? gate : ClampOp.atLeast(graph, gate, least);
  }
}
