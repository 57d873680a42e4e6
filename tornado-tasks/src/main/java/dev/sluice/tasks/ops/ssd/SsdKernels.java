package dev.sluice.tasks.ops.ssd;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// What turns Mamba-2's inputs into those of linear attention with a gate a head, and the way back.
public final class SsdKernels {
  private SsdKernels() {}

  /// `step[r,h] = softplus(delta[r,h] + bias[h])`, by `ln(1+e) = 2 artanh(e/(2+e))`, and the log
  /// gate `gate[r,h] = step[r,h] a[h]`.
  ///
  /// @param delta `[rows, H]`, Read
  /// @param a `[H]`, Read
  /// @param bias `[H]`, Read if `biased` is 1, else ignored
  /// @param step `[rows, H]`, Overwritten
  /// @param gate `[rows, H]`, Overwritten
  public static void gates(
      FloatArray delta,
      FloatArray a,
      FloatArray bias,
      FloatArray step,
      FloatArray gate,
      int biased,
      int rows,
      int H) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int h = 0; h < H; h++) {
        float raw = delta.get(r * H + h);
        if (biased == 1) {
          raw += bias.get(h);
        }
        float small = TornadoMath.exp(0.0f - TornadoMath.abs(raw));
        float x = small / (2.0f + small);
        float x2 = x * x;
        float series = 1.0f / 15.0f;
        series = series * x2 + 1.0f / 13.0f;
        series = series * x2 + 1.0f / 11.0f;
        series = series * x2 + 1.0f / 9.0f;
        series = series * x2 + 1.0f / 7.0f;
        series = series * x2 + 1.0f / 5.0f;
        series = series * x2 + 1.0f / 3.0f;
        series = series * x2 + 1.0f;
        float value = TornadoMath.max(raw, 0.0f) + 2.0f * x * series;
        step.set(r * H + h, value);
        gate.set(r * H + h, value * a.get(h));
      }
    }
  }

  /// `v[r,h,p] = step[r,h] x[r,h,p]`
  ///
  /// @param x `[rows, H, P]`, Read
  /// @param step `[rows, H]`, Read
  /// @param v `[rows, H, P]`, Overwritten
  public static void values(FloatArray x, FloatArray step, FloatArray v, int rows, int H, int P) {
    for (@Parallel int r = 0; r < rows * H; r++) {
      for (@Parallel int p = 0; p < P; p++) {
        v.set(r * P + p, step.get(r) * x.get(r * P + p));
      }
    }
  }

  /// The way back through [#values] and [#gates]: `dX = step dV`, `dDelta = (Σ_p x dV + a dGate)
  /// σ(delta + bias)`.
  ///
  /// @param x `[rows, H, P]`, Read
  /// @param delta `[rows, H]`, Read
  /// @param a `[H]`, Read
  /// @param bias `[H]`, Read if `biased` is 1, else ignored
  /// @param step `[rows, H]`, Read
  /// @param dV `[rows, H, P]`, Read if `reached` is 1, else zero
  /// @param dGate `[rows, H]`, Read if `gateReached` is 1, else zero
  /// @param dX `[rows, H, P]`, Overwritten
  /// @param dDelta `[rows, H]`, Overwritten
  public static void backwardInputs(
      FloatArray x,
      FloatArray delta,
      FloatArray a,
      FloatArray bias,
      FloatArray step,
      FloatArray dV,
      FloatArray dGate,
      FloatArray dX,
      FloatArray dDelta,
      int biased,
      int reached,
      int gateReached,
      int rows,
      int H,
      int P) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int h = 0; h < H; h++) {
        int i = r * H + h;
        float dStep = 0.0f;
        if (gateReached == 1) {
          dStep = a.get(h) * dGate.get(i);
        }
        for (int p = 0; p < P; p++) {
          float gradient = 0.0f;
          if (reached == 1) {
            gradient = dV.get(i * P + p);
          }
          dStep += x.get(i * P + p) * gradient;
          dX.set(i * P + p, step.get(i) * gradient);
        }
        float raw = delta.get(i);
        if (biased == 1) {
          raw += bias.get(h);
        }
        dDelta.set(i, dStep / (1.0f + TornadoMath.exp(0.0f - raw)));
      }
    }
  }

  /// Sums over blocks of rows: `partial[b,h] = Σ_r step dGate`, `partial[b,H+h] = Σ_r dDelta`.
  ///
  /// @param step `[rows, H]`, Read
  /// @param dGate `[rows, H]`, Read if `gateReached` is 1, else zero
  /// @param dDelta `[rows, H]`, Read
  /// @param partial `[blocks, 2H]`, Overwritten
  public static void backwardHeadsPartial(
      FloatArray step,
      FloatArray dGate,
      FloatArray dDelta,
      FloatArray partial,
      int gateReached,
      int blocks,
      int rows,
      int H) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int h = 0; h < H; h++) {
        int size = (rows + blocks - 1) / blocks;
        int end = Math.min(rows, b * size + size);
        float toA = 0.0f;
        float toBias = 0.0f;
        for (int r = b * size; r < end; r++) {
          if (gateReached == 1) {
            toA += step.get(r * H + h) * dGate.get(r * H + h);
          }
          toBias += dDelta.get(r * H + h);
        }
        partial.set(b * 2 * H + h, toA);
        partial.set(b * 2 * H + H + h, toBias);
      }
    }
  }

  /// `dA[h] = Σ_b partial[b,h]`, `dBias[h] = Σ_b partial[b,H+h]`
  ///
  /// @param partial `[blocks, 2H]`, Read
  /// @param dA `[H]`, Overwritten
  /// @param dBias `[H]`, Overwritten
  public static void backwardHeads(
      FloatArray partial, FloatArray dA, FloatArray dBias, int blocks, int H) {
    for (@Parallel int h = 0; h < H; h++) {
      float toA = 0.0f;
      float toBias = 0.0f;
      for (int b = 0; b < blocks; b++) {
        toA += partial.get(b * 2 * H + h);
        toBias += partial.get(b * 2 * H + H + h);
      }
      dA.set(h, toA);
      dBias.set(h, toBias);
    }
  }

  /// `y[r,h,n] = x[r, ⌊h/(H/G)⌋, n]`
  ///
  /// @param x `[rows, G, N]`, Read
  /// @param y `[rows, H, N]`, Overwritten
  public static void spread(FloatArray x, FloatArray y, int rows, int H, int G, int N) {
    for (@Parallel int r = 0; r < rows * H; r++) {
      for (@Parallel int n = 0; n < N; n++) {
        int row = r / H;
        int group = (r - row * H) / (H / G);
        y.set(r * N + n, x.get((row * G + group) * N + n));
      }
    }
  }

  /// `dX[r,g,n] = Σ dY[r,h,n]` over the heads of the group.
  ///
  /// @param dY `[rows, H, N]`, Read
  /// @param dX `[rows, G, N]`, Overwritten
  public static void spreadBackward(FloatArray dY, FloatArray dX, int rows, int H, int G, int N) {
    for (@Parallel int i = 0; i < rows * G; i++) {
      for (@Parallel int n = 0; n < N; n++) {
        float sum = 0.0f;
        for (int h = 0; h < H / G; h++) {
          sum += dY.get((i * (H / G) + h) * N + n);
        }
        dX.set(i * N + n, sum);
      }
    }
  }

  /// `y[r,h,p] = o[r,h,p] + skip[h] x[r,h,p]`
  ///
  /// @param o `[rows, H, P]`, Read
  /// @param x `[rows, H, P]`, Read
  /// @param skip `[H]`, Read
  /// @param y `[rows, H, P]`, Overwritten
  public static void addInput(
      FloatArray o, FloatArray x, FloatArray skip, FloatArray y, int rows, int H, int P) {
    for (@Parallel int r = 0; r < rows * H; r++) {
      for (@Parallel int p = 0; p < P; p++) {
        int i = r * P + p;
        y.set(i, o.get(i) + skip.get(r % H) * x.get(i));
      }
    }
  }

  /// `dX[r,h,p] = skip[h] dY[r,h,p]`
  ///
  /// @param skip `[H]`, Read
  /// @param dY `[rows, H, P]`, Read
  /// @param dX `[rows, H, P]`, Overwritten
  public static void addInputBackward(
      FloatArray skip, FloatArray dY, FloatArray dX, int rows, int H, int P) {
    for (@Parallel int r = 0; r < rows * H; r++) {
      for (@Parallel int p = 0; p < P; p++) {
        dX.set(r * P + p, skip.get(r % H) * dY.get(r * P + p));
      }
    }
  }

  /// Sums over blocks of rows: `partial[b,h] = Σ_{r,p} dY[r,h,p] x[r,h,p]`.
  ///
  /// @param x `[rows, H, P]`, Read
  /// @param dY `[rows, H, P]`, Read
  /// @param partial `[blocks, H]`, Overwritten
  public static void backwardSkipPartial(
      FloatArray x, FloatArray dY, FloatArray partial, int blocks, int rows, int H, int P) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int h = 0; h < H; h++) {
        int size = (rows + blocks - 1) / blocks;
        int end = Math.min(rows, b * size + size);
        float sum = 0.0f;
        for (int r = b * size; r < end; r++) {
          for (int p = 0; p < P; p++) {
            int i = (r * H + h) * P + p;
            sum += dY.get(i) * x.get(i);
          }
        }
        partial.set(b * H + h, sum);
      }
    }
  }

  /// `dSkip[h] = Σ_b partial[b,h]`
  ///
  /// @param partial `[blocks, H]`, Read
  /// @param dSkip `[H]`, Overwritten
  public static void backwardSkip(FloatArray partial, FloatArray dSkip, int blocks, int H) {
    for (@Parallel int h = 0; h < H; h++) {
      float sum = 0.0f;
      for (int b = 0; b < blocks; b++) {
        sum += partial.get(b * H + h);
      }
      dSkip.set(h, sum);
    }
  }
}
