package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.graph.Graph;
import dev.sluice.tasks.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Where the backward pass writes what kernels always give, be it wanted or not.
///
/// @param gates `[B, T, H, K]`: the gate's gradient a key, `dG` itself where it has that shape
/// @param dH0 `[N, H, K, V]`
/// @param scratch the two that are not wanted as they are, and the form's own
record GlaStandIns(Tensor gates, Tensor dH0, Tensor[] scratch) {
  /// Makes those that are needed.
  ///
  /// @param own scratch of the form itself
  static GlaStandIns of(Graph graph, GlaGradients out, GlaDimensions dims, Tensor... own) {
    List<Tensor> scratch = new ArrayList<>(List.of(own));
    Tensor gates = dims.gate() == GateKind.KEY ? out.dG() : null;
    if (gates == null) {
      gates = graph.activation("gla.gates", dims.keyShape());
      scratch.add(gates);
    }
    Tensor dH0 = out.dH0();
    if (dH0 == null) {
      dH0 = graph.activation("gla.d_initial", dims.stateShape());
      scratch.add(dH0);
    }
    return new GlaStandIns(gates, dH0, scratch.toArray(Tensor[]::new));
  }
}
