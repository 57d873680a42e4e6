package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import dev.sluice.tasks.ops.gla.GlaOp;

/// Gated linear attention: `S = diag(e^g) S + k vᵀ`, `o = (qᵀ S) / √K` a head, with the log gate `g
/// = logσ(W₂ W₁ x + b) / 16`, normalised a head and gated: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters: `q_proj` `[keyWidth, D]`, `k_proj`, `v_proj`, `g_proj` `[valueWidth, D]`,
/// `gk_proj.0` `[16, D]`, `gk_proj.1` `[keyWidth, 16]` and its bias, `g_norm_swish_gate` `[V]`
/// (`g_norm` without output gate), `o_proj` `[D, valueWidth]`; with short convolutions `q_conv1d`,
/// `k_conv1d`, `v_conv1d`. State: `[B, H, K, V]`.
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
  /// @param convolution steps of the short convolutions, 0 for none
  /// @param outputGate whether the output is gated
  /// @param eps of the norm
  /// @param initializer begins the weights
  public record Settings(
      int width,
      int keyWidth,
      int valueWidth,
      int heads,
      int convolution,
      boolean outputGate,
      float eps,
      Initializer initializer) {}

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    int batch = x.shape().extent(0);
    int steps = x.shape().extent(1);
    int keySize = s.keyWidth() / s.heads();
    int valueSize = s.valueWidth() / s.heads();

    Tensor q = project(scope, "q", x, s.keyWidth(), sequence);
    Tensor k = project(scope, "k", x, s.keyWidth(), sequence);
    Tensor v = project(scope, "v", x, s.valueWidth(), sequence);
    Tensor gate = gate(scope, x, s.keyWidth());

    q = q.view(batch, steps, s.heads(), keySize);
    k = k.view(batch, steps, s.heads(), keySize);
    v = v.view(batch, steps, s.heads(), valueSize);
    gate = gate.view(batch, steps, s.heads(), keySize);

    int sequences = sequence.sequences(batch);
    Shape stateShape = Shape.of(sequences, s.heads(), keySize, valueSize);
    float scale = (float) (1 / Math.sqrt(keySize));
    GatedLinearAttention.Result mixed =
        GlaOp.apply(
            graph,
            q,
            k,
            v,
            gate,
            scale,
            sequence.state(scope, STATE, stateShape),
            sequence.offsets());
    sequence.keep(scope, STATE, mixed.finalState());

    String norm = HeadOutput.norm(s.outputGate());
    return new HeadOutput(s.width(), s.outputGate(), norm, s.eps(), s.initializer())
        .forward(scope, x, mixed.output());
  }

  private Tensor project(
      Scope scope, String name, Tensor x, int outputs, SequenceContext sequence) {
    return new Projection(
            settings.width(),
            outputs,
            settings.convolution(),
            Projection.Activation.CONVOLVED,
            settings.initializer())
        .forward(scope, name, x, sequence);
  }

  private Tensor gate(Scope scope, Tensor x, int outputs) {
    Graph graph = scope.graph();
    Scope gateScope = scope.child("gk_proj");
    Tensor low =
        Linear.withoutBias(settings.width(), GATE_RANK, settings.initializer())
            .forward(gateScope.child("0"), x);
    Tensor logits =
        new Linear(GATE_RANK, outputs, true, settings.initializer())
            .forward(gateScope.child("1"), low);
    return ElementwiseOp.scale(graph, ElementwiseOp.logSigmoid(graph, logits), 1 / GATE_NORMALIZER);
  }
}
