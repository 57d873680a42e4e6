package dev.sluice.tasks.ops.adamw;

import dev.sluice.embedded.Workers;

/// Adam with decoupled weight decay on the host: one task over blocks of all arrays.
public final class AdamWHost {
  private static final int BLOCK = 8192;

  /// A parameter with its gradient and moments.
  ///
  /// @param size how many elements of the arrays count
  public record State(float[] p, float[] g, float[] m, float[] v, int size, boolean decays) {}

  private final State[] states;
  private final int[] firstBlocks;

  /// Plans the blocks.
  public AdamWHost(State[] states) {
    this.states = states;
    firstBlocks = new int[states.length + 1];
    for (int i = 0; i < states.length; i++) {
      firstBlocks[i + 1] = firstBlocks[i] + (states[i].size() + BLOCK - 1) / BLOCK;
    }
  }

  /// One step of all parameters (see [AdamWReference#step]); gradients become 0. Nothing changes if
  /// the norm is not finite.
  ///
  /// @param settings `[8]`, slots as in [AdamWOp], Read
  /// @param norm `[1]`, Read
  public void step(Workers workers, float[] settings, float[] norm) {
    if (!Float.isFinite(norm[0])) {
      return;
    }
    workers.run(firstBlocks[states.length], b -> block(b, settings, norm[0]));
  }

  private void block(int block, float[] settings, float norm) {
    int owner = 0;
    while (firstBlocks[owner + 1] <= block) {
      owner++;
    }
    State state = states[owner];
    int start = (block - firstBlocks[owner]) * BLOCK;
    update(state, settings, norm, start, Math.min(state.size(), start + BLOCK));
  }

  /// A loop over one index and without branches, so that the compiler vectorizes it.
  private static void update(State state, float[] settings, float norm, int start, int end) {
    float[] p = state.p();
    float[] g = state.g();
    float[] m = state.m();
    float[] v = state.v();
    float limit = settings[AdamWOp.CLIP_NORM];
    float clip = limit > 0.0f ? Math.min(1.0f, limit / (norm + 1e-6f)) : 1.0f;
    float rate = settings[AdamWOp.LEARNING_RATE];
    float beta1 = settings[AdamWOp.BETA1];
    float beta2 = settings[AdamWOp.BETA2];
    float keep = state.decays() ? 1.0f - rate * settings[AdamWOp.WEIGHT_DECAY] : 1.0f;
    float step = rate / settings[AdamWOp.CORRECTION1];
    float scale = 1.0f / settings[AdamWOp.CORRECTION2];
    float epsilon = settings[AdamWOp.EPSILON];
    float new1 = 1.0f - beta1;
    float new2 = 1.0f - beta2;
    for (int i = start; i < end; i++) {
      float gradient = clip * g[i];
      float first = beta1 * m[i] + new1 * gradient;
      float second = beta2 * v[i] + new2 * gradient * gradient;
      m[i] = first;
      v[i] = second;
      g[i] = 0.0f;
      p[i] = keep * p[i] - step * first / ((float) Math.sqrt(second * scale) + epsilon);
    }
  }
}
