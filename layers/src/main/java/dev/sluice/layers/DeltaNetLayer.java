package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.deltarule.DeltaRuleOp;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleOp;
import dev.sluice.tasks.ops.gateddeltarule.QkNorm;

/// The delta rule: `S ← S + β k (v − Sᵀk)ᵀ`, `o = Sᵀq / √K` a head, with `β = σ(W_b x)`, `q` and
/// `k` of unit length: `[B, T, D]` → `[B, T, D]`.
///
/// Parameters: `q_proj`, `k_proj` `[H·K, D]`, `v_proj` `[H·V, D]`, `b_proj` `[H, D]`, `g_proj`
/// `[H·V, D]` with an output gate, `o_norm` `[V]`, `o_proj` `[D, H·V]`; with short convolutions
/// `q_conv1d`, `k_conv1d`, `v_conv1d`. State: `[B, H, K, V]`.
///
/// Source: Yang et al., "Parallelizing Linear Transformers with the Delta Rule over Sequence
/// Length", 2024; names as in flash-linear-attention.
///
/// @param settings sizes and options
public record DeltaNetLayer(Settings settings) implements Mixer {
  private static final String STATE = "recurrent";

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param keyWidth keys of all heads, `H·K`
  /// @param valueWidth values of all heads, `H·V`
  /// @param heads `H`
  /// @param convolution steps of the short convolutions, 0 for none
  /// @param activation of queries and keys
  /// @param outputGate whether the output is gated
  /// @param negativeEigenvalues whether `β` goes up to 2
  /// @param eps of the norm
  /// @param initializer begins the weights
  public record Settings(
      int width,
      int keyWidth,
      int valueWidth,
      int heads,
      int convolution,
      Activation activation,
      boolean outputGate,
      boolean negativeEigenvalues,
      float eps,
      Initializer initializer) {}

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    int batch = x.shape().extent(0);
    int keySize = s.keyWidth() / s.heads();
    int valueSize = s.valueWidth() / s.heads();
    Tensor q = project(scope, "q", x, keySize, s.activation(), sequence);
    Tensor k = project(scope, "k", x, keySize, s.activation(), sequence);
    Tensor v = project(scope, "v", x, valueSize, Activation.SILU, sequence);

    Shape states = Shape.of(sequence.sequences(batch), s.heads(), keySize, valueSize);
    GatedDeltaRuleOp.Result mixed =
        DeltaRuleOp.apply(
            graph,
            q,
            k,
            v,
            DeltaKeys.beta(scope, x, s.heads(), s.negativeEigenvalues(), s.initializer()),
            QkNorm.L2,
            (float) (1 / Math.sqrt(keySize)),
            sequence.state(scope, STATE, states),
            sequence.offsets());
    sequence.keep(scope, STATE, mixed.finalState());
    return new HeadOutput(s.width(), s.outputGate(), "o_norm", s.eps(), s.initializer())
        .forward(scope, x, mixed.output());
  }

  private Tensor project(
      Scope scope,
      String name,
      Tensor x,
      int size,
      Activation activation,
      SequenceContext sequence) {
    Settings s = settings;
    boolean silu = activation == Activation.SILU;
    Projection map =
        new Projection(
            s.width(),
            s.heads() * size,
            s.convolution(),
            silu ? Projection.Silu.ALWAYS : Projection.Silu.NEVER,
            s.initializer());
    Tensor y = map.forward(scope, name, x, sequence);
    return Heads.split(silu ? y : activation.forward(scope.graph(), y), s.heads());
  }
}
