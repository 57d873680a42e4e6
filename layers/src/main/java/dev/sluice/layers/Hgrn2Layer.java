package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.elementwise.ElementwiseOp;
import dev.sluice.tasks.ops.forgetgate.ForgetGateOp;
import dev.sluice.tasks.ops.gla.GatedLinearAttention;
import dev.sluice.tasks.ops.gla.GlaOp;
import org.jspecify.annotations.Nullable;

/// HGRN with its state expanded by an outer product: `S = diag(f) S + (1 − f) iᵀ`, `o = (silu(W_q
/// x)ᵀ S) / √K` a head, with the forget gate `f = bound + (1 − bound) σ(W_f x)` and `i = W_i x`,
/// then `y = W_o norm(o)`: `[B, T, D]` → `[B, T, D]`. The bound grows from layer to layer
/// ([ForgetGateOp]) and is 0 in the first.
///
/// Parameters: `q_proj`, `f_proj` `[H·K, D]`, `i_proj` `[D, D]`, `g_norm` `[D]`, `o_proj` `[D, D]`;
/// with short convolutions `q_conv1d`, `f_conv1d`, `i_conv1d`. State: `[B, H, K, D/H]`.
///
/// Source: Qin et al., "HGRN2: Gated Linear RNNs with State Expansion", 2024; names as in
/// flash-linear-attention.
///
/// @param settings sizes and options
/// @param bounds `[layers, H·K]`, the logits of the bounds of all layers, or null for no bounds
public record Hgrn2Layer(Settings settings, @Nullable Tensor bounds) implements Mixer {
  /// Of the norm: flash-linear-attention's fused norm takes it whatever `norm_eps` is.
  private static final float EPS = 1e-5f;

  private static final String STATE = "recurrent";

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param heads `H`, a divisor of `D`
  /// @param expansion `K`, how many values of state there are for one of the output
  /// @param convolution steps of the short convolutions, 0 for none
  /// @param layer which layer of the model this is, from 0
  /// @param initializer begins the weights
  public record Settings(
      int width, int heads, int expansion, int convolution, int layer, Initializer initializer) {
    int keyWidth() {
      return heads * expansion;
    }
  }

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    Tensor q = ElementwiseOp.silu(graph, project(scope, "q", x, s.keyWidth(), sequence));
    ForgetGateOp.Result forget =
        ForgetGateOp.apply(
            graph,
            project(scope, "f", x, s.keyWidth(), sequence),
            s.layer() == 0 ? null : bounds,
            s.layer());
    Tensor i = project(scope, "i", x, s.width(), sequence);

    int sequences = sequence.sequences(x.shape().extent(0));
    int valueSize = s.width() / s.heads();
    GatedLinearAttention.Result mixed =
        GlaOp.apply(
            graph,
            Heads.split(q, s.heads()),
            Heads.split(forget.rest(), s.heads()),
            Heads.split(i, s.heads()),
            Heads.split(forget.logGate(), s.heads()),
            (float) (1 / Math.sqrt(s.expansion())),
            sequence.state(scope, STATE, Shape.of(sequences, s.heads(), s.expansion(), valueSize)),
            sequence.offsets());
    sequence.keep(scope, STATE, mixed.finalState());
    Tensor o =
        new RmsNorm(s.width(), EPS).forward(scope.child("g_norm"), mixed.output().view(x.shape()));
    return Linear.withoutBias(s.width(), s.width(), s.initializer())
        .forward(scope.child("o_proj"), o);
  }

  private Tensor project(
      Scope scope, String name, Tensor x, int outputs, SequenceContext sequence) {
    return new Projection(
            settings.width(),
            outputs,
            settings.convolution(),
            Projection.Silu.NEVER,
            settings.initializer())
        .forward(scope, name, x, sequence);
  }
}
