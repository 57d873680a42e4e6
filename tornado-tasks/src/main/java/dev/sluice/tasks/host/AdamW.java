package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// One step of AdamW in one pass over memory, which also clears the gradient:
///
/// `g' = clip·g`, `m = β₁m + (1−β₁)g'`, `v = β₂v + (1−β₂)g'²`, `p = p − lr·(decay·p + (m/c₁) /
/// (√(v/c₂) + ε))`, `g = 0`, with `cᵢ = 1 − βᵢᵗ`.
///
/// Loshchilov and Hutter, *Decoupled Weight Decay Regularization*, 2019.
public final class AdamW {
  /// Learning rate, in the small array of settings.
  public static final int RATE = 0;

  /// Decay of the first moment.
  public static final int BETA1 = 1;

  /// Decay of the second moment.
  public static final int BETA2 = 2;

  /// Added to the root of the second moment.
  public static final int EPSILON = 3;

  /// Weight decay.
  public static final int DECAY = 4;

  /// Factor of the gradient, from clipping by norm.
  public static final int CLIP = 5;

  /// `1 − β₁ᵗ` at step `t`.
  public static final int CORRECTION1 = 6;

  /// `1 − β₂ᵗ` at step `t`.
  public static final int CORRECTION2 = 7;

  /// Length of the settings.
  public static final int SETTINGS = 8;

  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private AdamW() {}

  /// Updates `n` parameters.
  ///
  /// @param workers the pool
  /// @param n number of parameters
  /// @param decayed whether weight decay applies to them
  /// @param settings `[SETTINGS]` from `so`: Read
  /// @param so first element of the settings
  /// @param p parameters: Accumulated
  /// @param po first parameter
  /// @param g gradients: Read, then zeros
  /// @param go first gradient
  /// @param m first moments: Accumulated
  /// @param mo first of them
  /// @param v second moments: Accumulated
  /// @param vo first of them
  public static void step(
      Workers workers,
      int n,
      boolean decayed,
      float[] settings,
      int so,
      float[] p,
      int po,
      float[] g,
      int go,
      float[] m,
      int mo,
      float[] v,
      int vo) {
    float keep = decayed ? 1f - settings[so + RATE] * settings[so + DECAY] : 1f;
    float rate = settings[so + RATE] / settings[so + CORRECTION1];
    float scale = 1f / settings[so + CORRECTION2];
    Blocks.run(
        workers,
        n,
        Blocks.ELEMENTS,
        (from, to) ->
            block(
                from,
                to,
                settings[so + BETA1],
                settings[so + BETA2],
                settings[so + EPSILON],
                settings[so + CLIP],
                keep,
                rate,
                scale,
                p,
                po,
                g,
                go,
                m,
                mo,
                v,
                vo));
  }

  private static void block(
      int from,
      int to,
      float beta1,
      float beta2,
      float epsilon,
      float clip,
      float keep,
      float rate,
      float scale,
      float[] p,
      int po,
      float[] g,
      int go,
      float[] m,
      int mo,
      float[] v,
      int vo) {
    FloatVector zero = FloatVector.zero(S);
    FloatVector minusRate = FloatVector.broadcast(S, -rate);
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector d = FloatVector.fromArray(S, g, go + i).mul(clip);
      FloatVector first = FloatVector.fromArray(S, m, mo + i).mul(beta1);
      first = d.mul(1f - beta1).add(first);
      FloatVector second = FloatVector.fromArray(S, v, vo + i).mul(beta2);
      second = d.mul(d).mul(1f - beta2).add(second);
      FloatVector move = first.div(second.mul(scale).sqrt().add(epsilon));
      FloatVector kept = FloatVector.fromArray(S, p, po + i).mul(keep);
      move.fma(minusRate, kept).intoArray(p, po + i);
      first.intoArray(m, mo + i);
      second.intoArray(v, vo + i);
      zero.intoArray(g, go + i);
    }
    for (; i < to; i++) {
      float d = g[go + i] * clip;
      float first = d * (1f - beta1) + m[mo + i] * beta1;
      float second = d * d * (1f - beta2) + v[vo + i] * beta2;
      float move = first / ((float) Math.sqrt(second * scale) + epsilon);
      p[po + i] = Math.fma(move, -rate, p[po + i] * keep);
      m[mo + i] = first;
      v[vo + i] = second;
      g[go + i] = 0f;
    }
  }
}
