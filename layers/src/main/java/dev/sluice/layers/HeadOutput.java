package dev.sluice.layers;

import dev.sluice.tasks.graph.Initializer;
import dev.sluice.tasks.graph.Tensor;
import org.jspecify.annotations.Nullable;

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
    if (!gated) {
      return finish(scope, o, null);
    }
    Linear.Placed gate = gate(scope, o.shape().extent(-2) * o.shape().columns());
    return finish(scope, o, gate.linear().forward(gate.scope(), x));
  }

  /// The gate's map of the layer's input, for [Linear#together].
  ///
  /// @param valueWidth `H·V`
  Linear.Placed gate(Scope scope, int valueWidth) {
    return Linear.withoutBias(width, valueWidth, initializer).at(scope.child("g_proj"));
  }

  /// Appends it without the gate's map.
  ///
  /// @param o `[B, T, H, V]`
  /// @param gate what the map gave, `[B, T, H·V]`; null where there is no gate
  Tensor finish(Scope scope, Tensor o, @Nullable Tensor gate) {
    int valueSize = o.shape().columns();
    int valueWidth = o.shape().extent(-2) * valueSize;
    RmsNorm rms = new RmsNorm(valueSize, eps);
    Scope normScope = scope.child(norm);
    Tensor y =
        gate == null ? rms.forward(normScope, o) : rms.gated(normScope, o, gate.view(o.shape()));
    int[] extents = o.shape().extents();
    return Linear.withoutBias(valueWidth, width, initializer)
        .forward(scope.child("o_proj"), y.view(extents[0], extents[1], valueWidth));
  }
}
