package dev.sluice.tasks.ops.deltarule;

import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleReference;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleReference.InputGradients;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleReference.Inputs;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleReference.Outputs;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleReference.Sizes;
import org.jspecify.annotations.Nullable;

/// The delta rule in double precision: [GatedDeltaRuleReference] with `g = 0`.
public final class DeltaRuleReference {
  private DeltaRuleReference() {}

  /// Inputs of the gated rule with no gate; shapes as there.
  public static Inputs inputs(
      double[] q,
      double[] k,
      double[] v,
      double[] beta,
      double @Nullable [] initial,
      int[] offsets) {
    return new Inputs(q, k, v, null, beta, initial, offsets);
  }

  /// `u = β (v − Sᵀk); S ← S + k uᵀ; o = scale · Sᵀq`
  public static Outputs forward(Inputs in, Sizes sizes) {
    return GatedDeltaRuleReference.forward(in, sizes);
  }

  /// The gradients of `sum(o · dO) + sum(last · dLast)`; that of the gate is to be ignored.
  public static InputGradients backward(Inputs in, Sizes sizes, double[] dO, double[] dLast) {
    return GatedDeltaRuleReference.backward(in, sizes, dO, dLast);
  }
}
