package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the op reads.
///
/// @param q queries `[B, T, H, K]`
/// @param k keys `[B, T, H, K]`
/// @param v values `[B, T, H, V]`
/// @param g log gate, of the shape that its [GateKind] says
/// @param initialState `[N, H, K, V]`, or null for zero
/// @param offsets `[N + 1]` int32, where the sequences of a packed batch begin and end, or null
record GlaInputs(
    Tensor q,
    Tensor k,
    Tensor v,
    Tensor g,
    @Nullable Tensor initialState,
    @Nullable Tensor offsets) {

  /// All that there are, and `others` behind them.
  Tensor[] with(@Nullable Tensor... others) {
    List<Tensor> all = new ArrayList<>(List.of(q, k, v, g));
    if (initialState != null) {
      all.add(initialState);
    }
    if (offsets != null) {
      all.add(offsets);
    }
    for (Tensor other : others) {
      if (other != null) {
        all.add(other);
      }
    }
    return all.toArray(Tensor[]::new);
  }

  /// What gradients flow to.
  List<Tensor> differentiable() {
    return initialState == null ? List.of(q, k, v, g) : List.of(q, k, v, g, initialState);
  }
}
