package dev.sluice.tasks.ops.swiglu;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The gated unit, four elements a work-item, each of another quarter: a device waits for the
/// memory less often where more of it is asked for at once.
public final class SwigluKernels {
  private static final int TOGETHER = 4;

  private SwigluKernels() {}

  /// Work-items of both kernels.
  public static int items(int size) {
    return (size + TOGETHER - 1) / TOGETHER;
  }

  /// `y = silu(gate)·up`
  ///
  /// @param gate `[size]`, Read
  /// @param up `[size]`, Read
  /// @param y `[size]`, Overwritten
  /// @param items of [#items]
  public static void forward(FloatArray gate, FloatArray up, FloatArray y, int items, int size) {
    for (@Parallel int i = 0; i < items; i++) {
      int last = size - 1;
      int j = TornadoMath.min(i + items, last);
      int k = TornadoMath.min(i + 2 * items, last);
      int l = TornadoMath.min(i + 3 * items, last);
      float a = gate.get(i);
      float b = gate.get(j);
      float c = gate.get(k);
      float d = gate.get(l);
      float upA = up.get(i);
      float upB = up.get(j);
      float upC = up.get(k);
      float upD = up.get(l);
      // Those beyond the end compute the last element once more.
      y.set(i, a * sigmoid(a) * upA);
      y.set(j, b * sigmoid(b) * upB);
      y.set(k, c * sigmoid(c) * upC);
      y.set(l, d * sigmoid(d) * upD);
    }
  }

  private static float sigmoid(float x) {
    return 1.0f / (1.0f + TornadoMath.exp(-x));
  }

  /// `dGate (+)= dY·up·σ·(1 + gate·(1 − σ))`, `dUp (+)= dY·silu(gate)`
  ///
  /// @param gate `[size]`, Read
  /// @param up `[size]`, Read
  /// @param dY `[size]`, Read
  /// @param dGate `[size]`, Overwritten, or Accumulated where `accumulateGate` is 1
  /// @param dUp `[size]`, Overwritten, or Accumulated where `accumulateUp` is 1
  /// @param items of [#items]
  public static void backward(
      FloatArray gate,
      FloatArray up,
      FloatArray dY,
      FloatArray dGate,
      FloatArray dUp,
      int accumulateGate,
      int accumulateUp,
      int items,
      int size) {
    for (@Parallel int i = 0; i < items; i++) {
      int last = size - 1;
      int j = TornadoMath.min(i + items, last);
      int k = TornadoMath.min(i + 2 * items, last);
      int l = TornadoMath.min(i + 3 * items, last);
      float a = gate.get(i);
      float b = gate.get(j);
      float c = gate.get(k);
      float d = gate.get(l);
      float dA = dY.get(i);
      float dB = dY.get(j);
      float dC = dY.get(k);
      float dD = dY.get(l);
      float gateA = dA * up.get(i) * slope(a);
      float gateB = dB * up.get(j) * slope(b);
      float gateC = dC * up.get(k) * slope(c);
      float gateD = dD * up.get(l) * slope(d);
      float upA = dA * a * sigmoid(a);
      float upB = dB * b * sigmoid(b);
      float upC = dC * c * sigmoid(c);
      float upD = dD * d * sigmoid(d);
      add(dGate, i, gateA, accumulateGate);
      add(dUp, i, upA, accumulateUp);
      if (i + items < size) {
        add(dGate, j, gateB, accumulateGate);
        add(dUp, j, upB, accumulateUp);
      }
      if (i + 2 * items < size) {
        add(dGate, k, gateC, accumulateGate);
        add(dUp, k, upC, accumulateUp);
      }
      if (i + 3 * items < size) {
        add(dGate, l, gateD, accumulateGate);
        add(dUp, l, upD, accumulateUp);
      }
    }
  }

  private static float slope(float x) {
    float s = sigmoid(x);
    return s * (1.0f + x * (1.0f - s));
  }

  private static void add(FloatArray sum, int i, float value, int accumulate) {
    float before = 0.0f;
    if (accumulate == 1) {
      before = sum.get(i);
    }
    sum.set(i, before + value);
  }
}
