package dev.sluice.tasks.ops.gatedrmsnorm;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Gated root-mean-square normalization, one row a work-item.
public final class GatedRmsNormKernels {
  private GatedRmsNormKernels() {}

  /// `y[r,d] = x[r,d]·s[r]·w[d]·silu(gate[r,d])`, `s[r] = 1/√(mean_d x[r,d]² + eps)`
  ///
  /// @param x `[R, D]`, Read
  /// @param gate `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param y `[R, D]`, Overwritten
  /// @param s `[R]`, Overwritten; saved for the backward pass
  public static void forward(
      FloatArray x,
      FloatArray gate,
      FloatArray w,
      FloatArray y,
      FloatArray s,
      float eps,
      int R,
      int D) {
    for (@Parallel int r = 0; r < R; r++) {
      float sum = 0.0f;
      for (int d = 0; d < D; d++) {
        float value = x.get(r * D + d);
        sum += value * value;
      }
      float reciprocal = 1.0f / TornadoMath.sqrt(sum / D + eps);
      s.set(r, reciprocal);
      for (int d = 0; d < D; d++) {
        float z = gate.get(r * D + d);
        float h = z / (1.0f + TornadoMath.exp(-z));
        y.set(r * D + d, x.get(r * D + d) * reciprocal * w.get(d) * h);
      }
    }
  }

  /// With `h = silu(gate)`: `dGate (+)= dY·x·s·w·h'` and `dX (+)= s·(w·h·dY − x·s²·mean(w·h·dY·x))`
  ///
  /// @param x `[R, D]`, Read
  /// @param gate `[R, D]`, Read
  /// @param w `[D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param dX `[R, D]`, Overwritten, or Accumulated where `accumulateX` is 1
  /// @param dGate `[R, D]`, Overwritten, or Accumulated where `accumulateGate` is 1
  /// @param s `[R]`, Read; of the forward pass
  public static void backwardInput(
      FloatArray x,
      FloatArray gate,
      FloatArray w,
      FloatArray dY,
      FloatArray dX,
      FloatArray dGate,
      FloatArray s,
      int accumulateX,
      int accumulateGate,
      int R,
      int D) {
    for (@Parallel int r = 0; r < R; r++) {
      float reciprocal = s.get(r);
      float dot = 0.0f;
      for (int d = 0; d < D; d++) {
        float z = gate.get(r * D + d);
        float sigmoid = 1.0f / (1.0f + TornadoMath.exp(-z));
        float part = w.get(d) * dY.get(r * D + d) * x.get(r * D + d);
        dot += part * z * sigmoid;
        float gradient = part * reciprocal * sigmoid * (1.0f + z * (1.0f - sigmoid));
        if (accumulateGate == 1) {
          gradient += dGate.get(r * D + d);
        }
        dGate.set(r * D + d, gradient);
      }
      float mean = dot / D * reciprocal * reciprocal;
      for (int d = 0; d < D; d++) {
        float z = gate.get(r * D + d);
        float h = z / (1.0f + TornadoMath.exp(-z));
        float gradient = reciprocal * (w.get(d) * h * dY.get(r * D + d) - x.get(r * D + d) * mean);
        if (accumulateX == 1) {
          gradient += dX.get(r * D + d);
        }
        dX.set(r * D + d, gradient);
      }
    }
  }

  /// Sums over blocks of rows, so that the order of addition is fixed: `partial[b,d] = Σ_{r in
  /// block b} dY[r,d]·x[r,d]·s[r]·silu(gate[r,d])`
  ///
  /// @param x `[R, D]`, Read
  /// @param gate `[R, D]`, Read
  /// @param dY `[R, D]`, Read
  /// @param partial `[blocks, D]`, Overwritten
  /// @param s `[R]`, Read; of the forward pass
  public static void backwardWeightPartial(
      FloatArray x,
      FloatArray gate,
      FloatArray dY,
      FloatArray partial,
      FloatArray s,
      int blocks,
      int R,
      int D) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int d = 0; d < D; d++) {
        int rows = (R + blocks - 1) / blocks;
        int end = Math.min(R, (b + 1) * rows);
        float sum = 0.0f;
        for (int r = b * rows; r < end; r++) {
          float z = gate.get(r * D + d);
          float h = z / (1.0f + TornadoMath.exp(-z));
          sum += dY.get(r * D + d) * x.get(r * D + d) * s.get(r) * h;
        }
        partial.set(b * D + d, sum);
      }
    }
  }

  /// `dW[d] (+)= Σ_b partial[b,d]`
  ///
  /// @param partial `[blocks, D]`, Read
  /// @param dW `[D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardWeight(
      FloatArray partial, FloatArray dW, int accumulate, int blocks, int D) {
    for (@Parallel int d = 0; d < D; d++) {
      float sum = accumulate == 1 ? dW.get(d) : 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial.get(b * D + d);
      }
      dW.set(d, sum);
    }
  }
}
