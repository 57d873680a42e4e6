package dev.sluice.tasks.ops.elementwise;

import dev.sluice.embedded.HostTask;
import dev.sluice.tasks.host.BlockTask;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.ScalarMath;
import dev.sluice.tasks.host.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Functions of single elements with the Vector API. Each has loops of its own: with one loop for
/// all, the compiler would no longer inline the functions, and each vector would be an object.
final class FunctionHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private FunctionHost() {}

  /// `y[i] = f(x[i])`
  ///
  /// @param x `[size]`, Read
  /// @param y `[size]`, Overwritten
  static HostTask forward(Function function, float[] x, float[] y, int size) {
    return BlockTask.elements(
        size,
        switch (function) {
          case SILU -> (from, to) -> silu(x, y, from, to);
          case GELU -> (from, to) -> gelu(x, y, from, to);
          case SIGMOID -> (from, to) -> sigmoid(x, y, from, to);
          case LOG_SIGMOID -> (from, to) -> logSigmoid(x, y, from, to);
          case SOFTPLUS -> (from, to) -> softplus(x, y, from, to);
          case EXP -> (from, to) -> exp(x, y, from, to);
          case TANH -> (from, to) -> tanh(x, y, from, to);
          case RELU -> (from, to) -> relu(x, y, from, to);
          case ELU_PLUS_ONE -> (from, to) -> eluPlusOne(x, y, from, to);
        });
  }

  /// `dX[i] (+)= dY[i]·f'(x[i])`
  ///
  /// @param x `[size]`, Read
  /// @param dY `[size]`, Read
  /// @param dX `[size]`, Overwritten, or Accumulated where `accumulate`
  static HostTask backward(
      Function function, float[] x, float[] dY, float[] dX, boolean accumulate, int size) {
    return BlockTask.elements(
        size,
        switch (function) {
          case SILU -> (from, to) -> backwardSilu(x, dY, dX, accumulate, from, to);
          case GELU -> (from, to) -> backwardGelu(x, dY, dX, accumulate, from, to);
          case SIGMOID -> (from, to) -> backwardSigmoid(x, dY, dX, accumulate, from, to);
          case LOG_SIGMOID -> (from, to) -> backwardLogSigmoid(x, dY, dX, accumulate, from, to);
          case SOFTPLUS -> (from, to) -> backwardSoftplus(x, dY, dX, accumulate, from, to);
          case EXP -> (from, to) -> backwardExp(x, dY, dX, accumulate, from, to);
          case TANH -> (from, to) -> backwardTanh(x, dY, dX, accumulate, from, to);
          case RELU -> (from, to) -> backwardRelu(x, dY, dX, accumulate, from, to);
          case ELU_PLUS_ONE -> (from, to) -> backwardEluPlusOne(x, dY, dX, accumulate, from, to);
        });
  }

  private static void put(FloatVector value, boolean accumulate, float[] y, int i) {
    if (accumulate) {
      value.add(FloatVector.fromArray(S, y, i)).intoArray(y, i);
    } else {
      value.intoArray(y, i);
    }
  }

  private static void put(float value, boolean accumulate, float[] y, int i) {
    y[i] = accumulate ? value + y[i] : value;
  }

  private static void silu(float[] x, float[] y, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      VectorMath.silu(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
    for (; i < to; i++) {
      y[i] = ScalarMath.silu(x[i]);
    }
  }

  private static void gelu(float[] x, float[] y, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      VectorMath.gelu(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
    for (; i < to; i++) {
      y[i] = ScalarMath.gelu(x[i]);
    }
  }

  private static void sigmoid(float[] x, float[] y, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      VectorMath.sigmoid(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
    for (; i < to; i++) {
      y[i] = ScalarMath.sigmoid(x[i]);
    }
  }

  private static void logSigmoid(float[] x, float[] y, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      VectorMath.logSigmoid(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
    for (; i < to; i++) {
      y[i] = ScalarMath.logSigmoid(x[i]);
    }
  }

  private static void softplus(float[] x, float[] y, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      VectorMath.softplus(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
    for (; i < to; i++) {
      y[i] = ScalarMath.softplus(x[i]);
    }
  }

  private static void exp(float[] x, float[] y, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      VectorMath.exp(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
    for (; i < to; i++) {
      y[i] = ScalarMath.exp(x[i]);
    }
  }

  private static void tanh(float[] x, float[] y, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      VectorMath.tanh(FloatVector.fromArray(S, x, i)).intoArray(y, i);
    }
    for (; i < to; i++) {
      y[i] = ScalarMath.tanh(x[i]);
    }
  }

  private static void relu(float[] x, float[] y, int from, int to) {
    for (int i = from; i < to; i++) {
      y[i] = Math.max(x[i], 0);
    }
  }

  private static void eluPlusOne(float[] x, float[] y, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector u = FloatVector.fromArray(S, x, i);
      VectorMath.exp(u.min(0)).add(u.max(0)).intoArray(y, i);
    }
    for (; i < to; i++) {
      y[i] = Math.max(x[i], 0) + ScalarMath.exp(Math.min(x[i], 0));
    }
  }

  private static void backwardRelu(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      VectorMask<Float> above = FloatVector.fromArray(S, x, i).compare(VectorOperators.GT, 0);
      put(FloatVector.zero(S).blend(g, above), accumulate, dX, i);
    }
    for (; i < to; i++) {
      put(x[i] > 0 ? dY[i] : 0, accumulate, dX, i);
    }
  }

  private static void backwardEluPlusOne(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      FloatVector u = FloatVector.fromArray(S, x, i);
      put(g.mul(VectorMath.exp(u.min(0))), accumulate, dX, i);
    }
    for (; i < to; i++) {
      put(dY[i] * ScalarMath.exp(Math.min(x[i], 0)), accumulate, dX, i);
    }
  }

  private static void backwardSilu(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      FloatVector u = FloatVector.fromArray(S, x, i);
      put(g.mul(VectorMath.siluGradient(u)), accumulate, dX, i);
    }
    for (; i < to; i++) {
      put(dY[i] * ScalarMath.siluGradient(x[i]), accumulate, dX, i);
    }
  }

  private static void backwardGelu(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      FloatVector u = FloatVector.fromArray(S, x, i);
      put(g.mul(VectorMath.geluGradient(u)), accumulate, dX, i);
    }
    for (; i < to; i++) {
      put(dY[i] * ScalarMath.geluGradient(x[i]), accumulate, dX, i);
    }
  }

  /// `σ' = σ(x)·σ(−x)`, without the cancellation of `1 − σ`.
  private static void backwardSigmoid(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      FloatVector u = FloatVector.fromArray(S, x, i);
      put(g.mul(VectorMath.sigmoid(u)).mul(VectorMath.sigmoid(u.neg())), accumulate, dX, i);
    }
    for (; i < to; i++) {
      put(dY[i] * ScalarMath.sigmoid(x[i]) * ScalarMath.sigmoid(-x[i]), accumulate, dX, i);
    }
  }

  private static void backwardLogSigmoid(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      FloatVector u = FloatVector.fromArray(S, x, i);
      put(g.mul(VectorMath.sigmoid(u.neg())), accumulate, dX, i);
    }
    for (; i < to; i++) {
      put(dY[i] * ScalarMath.sigmoid(-x[i]), accumulate, dX, i);
    }
  }

  private static void backwardSoftplus(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      FloatVector u = FloatVector.fromArray(S, x, i);
      put(g.mul(VectorMath.sigmoid(u)), accumulate, dX, i);
    }
    for (; i < to; i++) {
      put(dY[i] * ScalarMath.sigmoid(x[i]), accumulate, dX, i);
    }
  }

  private static void backwardExp(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      FloatVector u = FloatVector.fromArray(S, x, i);
      put(g.mul(VectorMath.exp(u)), accumulate, dX, i);
    }
    for (; i < to; i++) {
      put(dY[i] * ScalarMath.exp(x[i]), accumulate, dX, i);
    }
  }

  /// `tanh' = 4·σ(2x)·σ(−2x)`, without the cancellation of `1 − tanh²`.
  private static void backwardTanh(
      float[] x, float[] dY, float[] dX, boolean accumulate, int from, int to) {
    int i = from;
    for (; i + L <= to; i += L) {
      FloatVector g = FloatVector.fromArray(S, dY, i);
      FloatVector u = FloatVector.fromArray(S, x, i);
      FloatVector v = u.add(u);
      FloatVector slope = VectorMath.sigmoid(v).mul(VectorMath.sigmoid(v.neg())).mul(4.0f);
      put(g.mul(slope), accumulate, dX, i);
    }
    for (; i < to; i++) {
      float v = 2.0f * x[i];
      float slope = ScalarMath.sigmoid(v) * ScalarMath.sigmoid(-v) * 4.0f;
      put(dY[i] * slope, accumulate, dX, i);
    }
  }
}
