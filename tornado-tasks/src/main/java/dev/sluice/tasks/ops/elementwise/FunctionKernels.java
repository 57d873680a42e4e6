package dev.sluice.tasks.ops.elementwise;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Functions of single elements, forward and backward, one element a work-item.
///
/// Backward kernels compute `dX[i] (+)= dY[i] · f'(x[i])` from `x` alone, so that `y` need not be
/// kept. Every kernel has the buffers `x` and `dY` `[size]`, Read; `y` `[size]`, Overwritten; `dX`
/// `[size]`, Overwritten, or Accumulated where `accumulate` is 1.
public final class FunctionKernels {
  private static final float ROOT_2_PI_RECIPROCAL = 0.39894228f;
  private static final float ROOT_2_RECIPROCAL = 0.70710678f;

  private FunctionKernels() {}

  /// `f(x) = x·σ(x)`
  public static void forwardSilu(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float x0 = x.get(i);
      y.set(i, x0 / (1.0f + TornadoMath.exp(-x0)));
    }
  }

  /// `f'(x) = σ·(1 + x·(1 − σ))`
  public static void backwardSilu(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float s = 1.0f / (1.0f + TornadoMath.exp(-x.get(i)));
      float gradient = dY.get(i) * s * (1.0f + x.get(i) * (1.0f - s));
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `f(x) = σ(x) = 1 / (1 + e^−x)`
  public static void forwardSigmoid(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, 1.0f / (1.0f + TornadoMath.exp(-x.get(i))));
    }
  }

  /// `f'(x) = σ·(1 − σ)`
  public static void backwardSigmoid(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float s = 1.0f / (1.0f + TornadoMath.exp(-x.get(i)));
      float gradient = dY.get(i) * s * (1.0f - s);
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `f(x) = log σ(x)`
  public static void forwardLogSigmoid(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float x0 = x.get(i);
      y.set(i, TornadoMath.min(x0, 0.0f) - logOnePlusExp(-TornadoMath.abs(x0)));
    }
  }

  /// `f'(x) = σ(−x)`
  public static void backwardLogSigmoid(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float gradient = dY.get(i) / (1.0f + TornadoMath.exp(x.get(i)));
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `f(x) = log(1 + e^x)`
  public static void forwardSoftplus(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float x0 = x.get(i);
      y.set(i, TornadoMath.max(x0, 0.0f) + logOnePlusExp(-TornadoMath.abs(x0)));
    }
  }

  /// `f'(x) = σ(x)`
  public static void backwardSoftplus(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float gradient = dY.get(i) / (1.0f + TornadoMath.exp(-x.get(i)));
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `f(x) = e^x`
  public static void forwardExp(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, TornadoMath.exp(x.get(i)));
    }
  }

  /// `f'(x) = e^x`
  public static void backwardExp(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float gradient = dY.get(i) * TornadoMath.exp(x.get(i));
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `f(x) = tanh x`
  public static void forwardTanh(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, TornadoMath.tanh(x.get(i)));
    }
  }

  /// `f'(x) = 1 − tanh² x`
  public static void backwardTanh(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float t = TornadoMath.tanh(x.get(i));
      float gradient = dY.get(i) * (1.0f - t * t);
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `f(x) = max(x, 0)`
  public static void forwardRelu(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, TornadoMath.max(x.get(i), 0.0f));
    }
  }

  /// `f'(x) = 1` above 0, 0 elsewhere
  public static void backwardRelu(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float gradient = 0.0f;
      if (x.get(i) > 0.0f) {
        gradient = dY.get(i);
      }
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `f(x) = max(x, 0) + e^min(x, 0)`
  public static void forwardEluPlusOne(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float x0 = x.get(i);
      y.set(i, TornadoMath.max(x0, 0.0f) + TornadoMath.exp(TornadoMath.min(x0, 0.0f)));
    }
  }

  /// `f'(x) = e^min(x, 0)`
  public static void backwardEluPlusOne(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float gradient = dY.get(i) * TornadoMath.exp(TornadoMath.min(x.get(i), 0.0f));
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `f(x) = x·Φ(x), Φ the distribution function of the normal distribution`
  public static void forwardGelu(FloatArray x, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float x0 = x.get(i);
      y.set(i, x0 * normalDistribution(x0));
    }
  }

  /// `f'(x) = Φ(x) + x·φ(x)`
  public static void backwardGelu(
      FloatArray x, FloatArray dY, FloatArray dX, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float x0 = x.get(i);
      float density = ROOT_2_PI_RECIPROCAL * TornadoMath.exp(-0.5f * x0 * x0);
      float gradient = dY.get(i) * (normalDistribution(x0) + x0 * density);
      if (accumulate == 1) {
        gradient += dX.get(i);
      }
      dX.set(i, gradient);
    }
  }

  /// `log(1 + e^x)` for x ≤ 0. Where `e^x` is small beside 1, its rounding in the sum is made good:
  /// `log(u)·e/(u − 1)` with `u = 1 + e` (Goldberg 1991, theorem 4).
  private static float logOnePlusExp(float x) {
    float e = TornadoMath.exp(x);
    float u = 1.0f + e;
    float d = u - 1.0f;
    return d == 0.0f ? e : TornadoMath.log(u) * (e / d);
  }

  /// Φ by the rational approximation 7.1.26 of Abramowitz and Stegun, absolute error 1.5e-7.
  private static float normalDistribution(float x) {
    float z = TornadoMath.abs(x) * ROOT_2_RECIPROCAL;
    float t = 1.0f / (1.0f + 0.3275911f * z);
    float p =
        t
            * (0.254829592f
                + t
                    * (-0.284496736f
                        + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    float tail = 0.5f * p * TornadoMath.exp(-z * z);
    return x < 0.0f ? tail : 1.0f - tail;
  }
}
