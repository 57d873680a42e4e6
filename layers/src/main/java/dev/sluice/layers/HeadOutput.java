package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Tensor;

/// What linear attention does behind the state: `y = W_o (norm(o) ⊙ silu(W_g x))`, the norm a head,
/// with or without the gate: `[B, T, H, V]` → `[B, T, D]`.
///
/// Parameters: `g_proj` `[H·V, D]` with a gate; the norm's weight `[V]`; `o_proj` `[D, H·V]`.
///
/// @param width `D`
/// @param gated whether there is a gate
/// @param norm name of the norm, which differs from layer to layer
/// @param eps of the norm
/// @param initializer begins the weights
record HeadOutput(int width, boolean gated, String norm, float eps, Initializer initializer) {
  /// The norm's name in gated linear attention and retention.
  ///
  /// @param fused whether flash-linear-attention fuses norm and gate
  static String norm(boolean fused) {
    return fused ? "g_norm_swish_gate" : "g_norm";
  }

  /// Appends it.
  ///
  /// @param x input of the layer, `[B, T, D]`
  /// @param o `[B, T, H, V]`
  Tensor forward(Scope scope, Tensor x, Tensor o) {
    int valueSize = o.shape().columns();
    int valueWidth = o.shape().extent(-2) * valueSize;
    RmsNorm rms = new RmsNorm(valueSize, eps);
    Scope normScope = scope.child(norm);
    Tensor y;
    if (gated) {
      Tensor gate =
          Linear.withoutBias(width, valueWidth, initializer).forward(scope.child("g_proj"), x);
      y = rms.gated(normScope, o, gate.view(o.shape()));
    } else {
      y = rms.forward(normScope, o);
    }
    return Linear.withoutBias(valueWidth, width, initializer)
        .forward(scope.child("o_proj"), y.view(x.shape().withColumns(valueWidth)));
  }
}
