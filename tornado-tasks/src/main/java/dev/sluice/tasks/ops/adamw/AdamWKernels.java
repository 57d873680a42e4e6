package dev.sluice.tasks.ops.adamw;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Adam with decoupled weight decay, three parameters a task (a task takes 20 arguments at most).
public final class AdamWKernels {
  private static final float LARGEST = 3.4028235e38f;

  private AdamWKernels() {}

  /// One step of three parameters p with gradients g and moments m and v (see
  /// [AdamWReference#step]); the gradients become 0. Nothing changes if the norm is not finite.
  ///
  /// @param norm `[1]`, Read
  /// @param settings `[8]`, slots as in [AdamWOp], Read
  /// @param pA `[sizeA]`, Accumulated; so `gA`, `mA`, `vA` and those of B and C
  /// @param decayA 1 if weight decay applies, else 0
  public static void update(
      FloatArray norm,
      FloatArray settings,
      FloatArray pA,
      FloatArray gA,
      FloatArray mA,
      FloatArray vA,
      FloatArray pB,
      FloatArray gB,
      FloatArray mB,
      FloatArray vB,
      FloatArray pC,
      FloatArray gC,
      FloatArray mC,
      FloatArray vC,
      int sizeA,
      int sizeB,
      int sizeC,
      int decayA,
      int decayB,
      int decayC) {
    for (@Parallel int i = 0; i < Math.max(sizeA, Math.max(sizeB, sizeC)); i++) {
      if (norm.get(0) <= LARGEST) {
        if (i < sizeA) {
          updateElement(norm, settings, pA, gA, mA, vA, i, decayA);
        }
        if (i < sizeB) {
          updateElement(norm, settings, pB, gB, mB, vB, i, decayB);
        }
        if (i < sizeC) {
          updateElement(norm, settings, pC, gC, mC, vC, i, decayC);
        }
      }
    }
  }

  /// As [#update], for one parameter: what is left over when they go in threes. TornadoVM's
  /// scheduler never ends over a task that takes an array twice and writes it, so none may stand
  /// in.
  public static void updateOne(
      FloatArray norm,
      FloatArray settings,
      FloatArray p,
      FloatArray g,
      FloatArray m,
      FloatArray v,
      int size,
      int decay) {
    for (@Parallel int i = 0; i < size; i++) {
      if (norm.get(0) <= LARGEST) {
        updateElement(norm, settings, p, g, m, v, i, decay);
      }
    }
  }

  private static void updateElement(
      FloatArray norm,
      FloatArray settings,
      FloatArray p,
      FloatArray g,
      FloatArray m,
      FloatArray v,
      int i,
      int decays) {
    float rate = settings.get(AdamWOp.LEARNING_RATE);
    float beta1 = settings.get(AdamWOp.BETA1);
    float beta2 = settings.get(AdamWOp.BETA2);
    float limit = settings.get(AdamWOp.CLIP_NORM);
    float clip = 1.0f;
    if (limit > 0.0f) {
      clip = TornadoMath.min(1.0f, limit / (norm.get(0) + 1e-6f));
    }
    float gradient = clip * g.get(i);
    float first = beta1 * m.get(i) + (1.0f - beta1) * gradient;
    float second = beta2 * v.get(i) + (1.0f - beta2) * gradient * gradient;
    float value = p.get(i);
    if (decays == 1) {
      value = value - rate * settings.get(AdamWOp.WEIGHT_DECAY) * value;
    }
    float root =
        TornadoMath.sqrt(second / settings.get(AdamWOp.CORRECTION2))
            + settings.get(AdamWOp.EPSILON);
    m.set(i, first);
    v.set(i, second);
    g.set(i, 0.0f);
    p.set(i, value - rate / settings.get(AdamWOp.CORRECTION1) * first / root);
  }
}
