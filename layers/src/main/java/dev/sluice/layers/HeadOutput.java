package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Tensor;

/// What linear attention does behind the state: `y = W_o (norm(o) ⊙ silu(W_g x))`, the norm a head,
/// with or without the gate: `[B, T, H, V]` → `[B, T, D]`.
///
/// Parameters: `g_proj` `[H·V, D]` with a gate; the norm's weight `[V]`, in `g_norm_swish_gate`
/// where flash-linear-attention fuses norm and gate, in `g_norm` where it does not or there is no
/// gate; `o_proj` `[D, H·V]`.
///
/// @param width `D`
/// @param gated whether there is a gate
/// @param fused whether norm and gate are named as one
/// @param eps of the norm
/// @param initializer begins the weights
record HeadOutput(int width, boolean gated, boolean fused, float eps, Initializer initializer) {
  /// Appends it.
  ///
  /// @param x input of the layer, `[B, T, D]`
  /// @param o `[B, T, H, V]`
  Tensor forward(Scope scope, Tensor x, Tensor o) {
    int valueSize = o.shape().columns();
    int valueWidth = o.shape().extent(-2) * valueSize;
    RmsNorm norm = new RmsNorm(valueSize, eps);
    Tensor y;
    if (gated) {
      Tensor gate =
          Linear.withoutBias(width, valueWidth, initializer).forward(scope.child("g_proj"), x);
      Scope normScope = scope.child(fused ? "g_norm_swish_gate" : "g_norm");
      y = norm.gated(normScope, o, gate.view(o.shape()));
    } else {
      y = norm.forward(scope.child("g_norm"), o);
    }
    return Linear.withoutBias(valueWidth, width, initializer)
        .forward(scope.child("o_proj"), y.view(x.shape().withColumns(valueWidth)));
  }
}
