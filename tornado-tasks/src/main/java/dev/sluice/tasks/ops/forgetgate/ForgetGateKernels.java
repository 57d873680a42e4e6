package dev.sluice.tasks.ops.forgetgate;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The forget gate, one element a work-item.
public final class ForgetGateKernels {
  private ForgetGateKernels() {}

  /// `bound[0,d] = Σ_{1 ≤ l ≤ layer} softmax_l(logits[l,d])`, and `bound[1,d] = 1 − bound[0,d]` as
  /// the sum of the others, which loses no digits.
  ///
  /// @param logits `[L, D]`, Read
  /// @param bound `[2, D]`, Overwritten
  public static void sumShares(FloatArray logits, FloatArray bound, int layer, int L, int D) {
    for (@Parallel int d = 0; d < D; d++) {
      float max = logits.get(d);
      for (int l = 1; l < L; l++) {
        max = TornadoMath.max(max, logits.get(l * D + d));
      }
      float inside = 0.0f;
      float outside = 0.0f;
      for (int l = 0; l < L; l++) {
        float weight = TornadoMath.exp(logits.get(l * D + d) - max);
        if (l > 0 && l <= layer) {
          inside += weight;
        } else {
          outside += weight;
        }
      }
      bound.set(d, inside / (inside + outside));
      bound.set(D + d, outside / (inside + outside));
    }
  }

  /// `logGate = log(bound + (1 − bound) σ(x))`, `rest = 1 − e^logGate = (1 − bound) σ(−x)`
  ///
  /// @param x `[R, D]`, Read
  /// @param bound `[2, D]`, Read where `bounded` is 1
  /// @param logGate `[R, D]`, Overwritten
  /// @param rest `[R, D]`, Overwritten
  public static void forward(
      FloatArray x,
      FloatArray bound,
      FloatArray logGate,
      FloatArray rest,
      int bounded,
      int R,
      int D) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        int i = r * D + d;
        float x0 = x.get(i);
        float g =
            TornadoMath.min(x0, 0.0f)
                - TornadoMath.log(1.0f + TornadoMath.exp(-TornadoMath.abs(x0)));
        float u = 1.0f / (1.0f + TornadoMath.exp(x0));
        if (bounded == 1) {
          float low = bound.get(d);
          float high = bound.get(D + d);
          u = u * high;
          if (low > 0.0f) {
            float a = TornadoMath.log(low);
            float b = g + TornadoMath.log(high);
            float max = TornadoMath.max(a, b);
            float difference = TornadoMath.min(a, b) - max;
            g = max + TornadoMath.log(1.0f + TornadoMath.exp(difference));
          }
        }
        logGate.set(i, g);
        rest.set(i, u);
      }
    }
  }

  /// With `e = e^logGate`: `dX = (1 − bound) σ(x) σ(−x) (dLogGate / e − dRest)`
  ///
  /// @param x `[R, D]`, Read
  /// @param bound `[2, D]`, Read where `bounded` is 1
  /// @param dLogGate `[R, D]`, Read
  /// @param dRest `[R, D]`, Read
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardInput(
      FloatArray x,
      FloatArray bound,
      FloatArray dLogGate,
      FloatArray dRest,
      FloatArray dX,
      int accumulate,
      int bounded,
      int R,
      int D) {
    for (@Parallel int r = 0; r < R; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        int i = r * D + d;
        float s = 1.0f / (1.0f + TornadoMath.exp(-x.get(i)));
        float u = 1.0f / (1.0f + TornadoMath.exp(x.get(i)));
        float high = 1.0f;
        float part = 1.0f;
        if (bounded == 1) {
          high = bound.get(D + d);
          float low = bound.get(d);
          if (low > 0.0f) {
            part = high * s / (low + high * s);
          }
        }
        float gradient = u * (dLogGate.get(i) * part - dRest.get(i) * high * s);
        if (accumulate == 1) {
          gradient += dX.get(i);
        }
        dX.set(i, gradient);
      }
    }
  }

  /// Sums over blocks of rows, so that the order of addition is fixed: `partial[b,d] = bound[d]
  /// Σ_{r in block b} σ(−x) (dLogGate / e^logGate − dRest)`. With the bound as a factor no term is
  /// large, however small the gate.
  ///
  /// @param x `[R, D]`, Read
  /// @param bound `[2, D]`, Read
  /// @param logGate `[R, D]`, Read
  /// @param dLogGate `[R, D]`, Read
  /// @param dRest `[R, D]`, Read
  /// @param partial `[blocks, D]`, Overwritten
  public static void backwardBoundPartial(
      FloatArray x,
      FloatArray bound,
      FloatArray logGate,
      FloatArray dLogGate,
      FloatArray dRest,
      FloatArray partial,
      int blocks,
      int R,
      int D) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int d = 0; d < D; d++) {
        int rows = (R + blocks - 1) / blocks;
        int end = Math.min(R, (b + 1) * rows);
        float low = bound.get(d);
        float sum = 0.0f;
        if (low > 0.0f) {
          float logLow = TornadoMath.log(low);
          for (int r = b * rows; r < end; r++) {
            int i = r * D + d;
            float u = 1.0f / (1.0f + TornadoMath.exp(x.get(i)));
            float part = TornadoMath.exp(logLow - logGate.get(i));
            sum += u * (dLogGate.get(i) * part - dRest.get(i) * low);
          }
        }
        partial.set(b * D + d, sum);
      }
    }
  }

  /// With `p = softmax_l(logits[l,d])`: `dLogits[l,d] (+)= p ([1 ≤ l ≤ layer] / bound[d] − 1) Σ_b
  /// partial[b,d]`
  ///
  /// @param logits `[L, D]`, Read
  /// @param bound `[2, D]`, Read
  /// @param partial `[blocks, D]`, Read
  /// @param dLogits `[L, D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardLogits(
      FloatArray logits,
      FloatArray bound,
      FloatArray partial,
      FloatArray dLogits,
      int accumulate,
      int layer,
      int blocks,
      int L,
      int D) {
    for (@Parallel int d = 0; d < D; d++) {
      float gradient = 0.0f;
      for (int b = 0; b < blocks; b++) {
        gradient += partial.get(b * D + d);
      }
      float max = logits.get(d);
      for (int l = 1; l < L; l++) {
        max = TornadoMath.max(max, logits.get(l * D + d));
      }
      float inside = 0.0f;
      float outside = 0.0f;
      for (int l = 0; l < L; l++) {
        float weight = TornadoMath.exp(logits.get(l * D + d) - max);
        if (l > 0 && l <= layer) {
          inside += weight;
        } else {
          outside += weight;
        }
      }
      float sum = inside + outside;
      for (int l = 0; l < L; l++) {
        float slope = -TornadoMath.exp(logits.get(l * D + d) - max) / sum;
        if (l > 0 && l <= layer && inside > 0.0f) {
          slope = -slope * sum / inside * bound.get(D + d);
        }
        float value = slope * gradient;
        if (accumulate == 1) {
          value += dLogits.get(l * D + d);
        }
        dLogits.set(l * D + d, value);
      }
    }
  }
}
