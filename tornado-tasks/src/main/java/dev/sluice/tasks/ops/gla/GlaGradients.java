package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the backward pass reads and overwrites beside the op's inputs.
///
/// @param dO `[B, T, H, V]`, Read
/// @param dHt `[N, H, K, V]`, Read, or null for zero
/// @param dQ `[B, T, H, K]`, Overwritten
/// @param dK `[B, T, H, K]`, Overwritten
/// @param dV `[B, T, H, V]`, Overwritten
/// @param dG shape of the gate, Overwritten, or null where it is not wanted
/// @param dH0 `[N, H, K, V]`, Overwritten, or null where there is no initial state
record GlaGradients(
    Tensor dO,
    @Nullable Tensor dHt,
    Tensor dQ,
    Tensor dK,
    Tensor dV,
    @Nullable Tensor dG,
    @Nullable Tensor dH0) {

  /// What is read: the op's inputs, what the forward pass saved, and the cotangents.
  Tensor[] read(GlaInputs in, List<Tensor> saved) {
    List<@Nullable Tensor> all = new ArrayList<>(saved);
    all.add(dO);
    all.add(dHt);
    return in.with(all.toArray(Tensor[]::new));
  }

  /// What is overwritten.
  Tensor[] written() {
    List<Tensor> all = new ArrayList<>(List.of(dQ, dK, dV));
    if (dG != null) {
      all.add(dG);
    }
    if (dH0 != null) {
      all.add(dH0);
    }
    return all.toArray(Tensor[]::new);
  }
}
