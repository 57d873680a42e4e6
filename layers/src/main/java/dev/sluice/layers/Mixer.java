package dev.sluice.layers;

import dev.sluice.tasks.graph.Tensor;

/// Mixes information along time: `[B, T, D]` → `[B, T, D]`. One forward pass serves training
/// (parallel form) and generation (the state comes from and goes to the context).
@FunctionalInterface
public interface Mixer {
  /// Appends the layer.
  ///
  /// @param x `[B, T, D]`
  /// @return `[B, T, D]`
  Tensor forward(Scope scope, Tensor x, SequenceContext sequence);
}
