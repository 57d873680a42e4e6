package dev.sluice.layers;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.forgetgate.ForgetGateOp;
import dev.sluice.tasks.ops.hgrn.HgrnOp;
import dev.sluice.tasks.ops.swiglu.SwigluOp;
import org.jspecify.annotations.Nullable;

/// The hierarchically gated recurrence: `h = f ⊙ h + (1 − f) ⊙ silu(W_i x)` with the forget gate `f
/// = bound + (1 − bound) σ(W_f x)`, then `y = W_o (norm(h) ⊙ silu(W_g x))`: `[B, T, D]` → `[B, T,
/// D]`. The bound grows from layer to layer ([ForgetGateOp]) and is 0 in the first.
///
/// Parameters: `i_proj`, `f_proj`, `g_proj` `[inner, D]`, `g_norm` `[inner]`, `o_proj` `[D,
/// inner]`; with short convolutions `i_conv1d`, `f_conv1d`. State: `[B, inner]`.
///
/// Source: Qin, Yang and Zhong, "Hierarchically Gated Recurrent Neural Network for Sequence
/// Modeling", 2023; names as in flash-linear-attention.
///
/// @param settings sizes and options
/// @param bounds `[layers, inner]`, the logits of the bounds of all layers, or null for no bounds
public record HgrnLayer(Settings settings, @Nullable Tensor bounds) implements Mixer {
  private static final String STATE = "recurrent";

  /// Sizes and options.
  ///
  /// @param width `D`
  /// @param inner width of the state
  /// @param convolution steps of the short convolutions, 0 for none
  /// @param layer which layer of the model this is, from 0
  /// @param eps of the norm
  /// @param initializer begins the weights
  public record Settings(
      int width, int inner, int convolution, int layer, float eps, Initializer initializer) {}

  @Override
  public Tensor forward(Scope scope, Tensor x, SequenceContext sequence) {
    Graph graph = scope.graph();
    Settings s = settings;
    Linear in = Linear.withoutBias(s.width(), s.inner(), s.initializer());
    ForgetGateOp.Result forget =
        ForgetGateOp.apply(
            graph, project(scope, "f", x, sequence), s.layer() == 0 ? null : bounds, s.layer());
    Tensor input = SwigluOp.apply(graph, project(scope, "i", x, sequence), forget.rest());
    int sequences = sequence.sequences(x.shape().extent(0));
    HgrnOp.Result mixed =
        HgrnOp.apply(
            graph,
            input,
            forget.logGate(),
            sequence.state(scope, STATE, Shape.of(sequences, s.inner())),
            sequence.offsets());
    sequence.keep(scope, STATE, mixed.finalState());
    Tensor gate = in.forward(scope.child("g_proj"), x);
    Tensor o = new RmsNorm(s.inner(), s.eps()).gated(scope.child("g_norm"), mixed.output(), gate);
    return Linear.withoutBias(s.inner(), s.width(), s.initializer())
        .forward(scope.child("o_proj"), o);
  }

  private Tensor project(Scope scope, String name, Tensor x, SequenceContext sequence) {
    return new Projection(
            settings.width(),
            settings.inner(),
            settings.convolution(),
            Projection.Silu.NEVER,
            settings.initializer())
        .forward(scope, name, x, sequence);
  }
}
