package dev.sluice.tasks.ops.adamw;

/// Adam with decoupled weight decay in double precision.
public final class AdamWReference {
  private AdamWReference() {}

  /// A parameter with its gradient and moments, all of one length.
  public record State(double[] p, double[] g, double[] m, double[] v, boolean decays) {}

  /// One step: with `c = min(1, clip/(norm + 1e-6))` (1 where clip is 0), `p ← p·(1 − lr·decay)`,
  /// `m ← β1·m + (1−β1)·c·g`, `v ← β2·v + (1−β2)·(c·g)²`, `p ← p − lr·(m/(1−β1^t)) / (√(v/(1−β2^t))
  /// + eps)`, `g ← 0`. Nothing changes if the norm is not finite.
  ///
  /// @param state Accumulated
  /// @param settings `[8]`, slots as in [AdamWOp], Read
  public static void step(State state, double[] settings, double norm) {
    if (!Double.isFinite(norm)) {
      return;
    }
    double rate = settings[AdamWOp.LEARNING_RATE];
    double beta1 = settings[AdamWOp.BETA1];
    double beta2 = settings[AdamWOp.BETA2];
    double limit = settings[AdamWOp.CLIP_NORM];
    double clip = limit > 0 ? Math.min(1.0, limit / (norm + 1e-6)) : 1.0;
    for (int i = 0; i < state.p().length; i++) {
      double g = clip * state.g()[i];
      double m = beta1 * state.m()[i] + (1.0 - beta1) * g;
      double v = beta2 * state.v()[i] + (1.0 - beta2) * g * g;
      double decay = state.decays() ? 1.0 - rate * settings[AdamWOp.WEIGHT_DECAY] : 1.0;
      double step = rate * (m / settings[AdamWOp.CORRECTION1]);
      double root = Math.sqrt(v / settings[AdamWOp.CORRECTION2]) + settings[AdamWOp.EPSILON];
      state.p()[i] = state.p()[i] * decay - step / root;
      state.m()[i] = m;
      state.v()[i] = v;
      state.g()[i] = 0.0;
    }
  }
}
