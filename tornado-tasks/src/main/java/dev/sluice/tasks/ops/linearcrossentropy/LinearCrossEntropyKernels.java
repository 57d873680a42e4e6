package dev.sluice.tasks.ops.linearcrossentropy;

import dev.sluice.tasks.ops.crossentropy.CrossEntropyOp;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Softmax cross-entropy of an affine map for a block of `rows` rows from `offset` on, one result a
/// work-item.
public final class LinearCrossEntropyKernels {
  private LinearCrossEntropyKernels() {}

  /// `logits[r,v] = Σ_d x[offset + r, d]·w[v,d]`
  ///
  /// @param x `[R, D]`, Read
  /// @param w `[V, D]`, Read
  /// @param logits `[rows, V]`, Overwritten
  public static void project(
      FloatArray x, FloatArray w, FloatArray logits, int offset, int rows, int D, int V) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int v = 0; v < V; v++) {
        float sum = 0.0f;
        for (int d = 0; d < D; d++) {
          sum += x.get((offset + r) * D + d) * w.get(v * D + d);
        }
        logits.set(r * V + v, sum);
      }
    }
  }

  /// `logits[r,v] ← labelScale·(e^{logits[r,v] − logSum[r]} − [v = labels[r]])`, 0 in ignored rows:
  /// their gradient for a gradient of the loss of 1
  ///
  /// @param logits `[rows, V]`, Read and Overwritten
  /// @param labels `[R]`, Read
  /// @param labelScale `[1]`, Read
  /// @param logSum `[R]`, Read
  public static void backwardLogits(
      FloatArray logits,
      IntArray labels,
      FloatArray labelScale,
      FloatArray logSum,
      int offset,
      int rows,
      int V) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int v = 0; v < V; v++) {
        int label = labels.get(offset + r);
        float gradient = 0.0f;
        if (label != CrossEntropyOp.IGNORED) {
          gradient = TornadoMath.exp(logits.get(r * V + v) - logSum.get(offset + r));
          if (label == v) {
            gradient -= 1.0f;
          }
          gradient = gradient * labelScale.get(0);
        }
        logits.set(r * V + v, gradient);
      }
    }
  }

  /// `dX[offset + r, d] = Σ_v dLogits[r,v]·w[v,d]`
  ///
  /// @param w `[V, D]`, Read
  /// @param dLogits `[rows, V]`, Read
  /// @param dX `[R, D]`, those rows Overwritten
  public static void backwardInput(
      FloatArray w, FloatArray dLogits, FloatArray dX, int offset, int rows, int D, int V) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        float sum = 0.0f;
        for (int v = 0; v < V; v++) {
          sum += dLogits.get(r * V + v) * w.get(v * D + d);
        }
        dX.set((offset + r) * D + d, sum);
      }
    }
  }

  /// `dW[v,d] (+)= Σ_r dLogits[r,v]·x[offset + r, d]`
  ///
  /// @param x `[R, D]`, Read
  /// @param dLogits `[rows, V]`, Read
  /// @param dW `[V, D]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void backwardWeight(
      FloatArray x,
      FloatArray dLogits,
      FloatArray dW,
      int accumulate,
      int offset,
      int rows,
      int D,
      int V) {
    for (@Parallel int v = 0; v < V; v++) {
      for (@Parallel int d = 0; d < D; d++) {
        float sum = accumulate == 1 ? dW.get(v * D + d) : 0.0f;
        for (int r = 0; r < rows; r++) {
          sum += dLogits.get(r * V + v) * x.get((offset + r) * D + d);
        }
        dW.set(v * D + d, sum);
      }
    }
  }

  /// `v[d,u] = w[u,d]`
  ///
  /// @param w `[V, D]`, Read
  /// @param v `[D, V]`, Overwritten
  public static void transpose(FloatArray w, FloatArray v, int V, int D) {
    for (@Parallel int d = 0; d < D; d++) {
      for (@Parallel int u = 0; u < V; u++) {
        v.set(d * V + u, w.get(u * D + d));
      }
    }
  }

  /// `part[i] = all[offset + i]`
  ///
  /// @param all Read
  /// @param part `[size]`, Overwritten
  public static void take(FloatArray all, FloatArray part, int offset, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      part.set(i, all.get(offset + i));
    }
  }

  /// `all[offset + i] = part[i]`
  ///
  /// @param part `[size]`, Read
  /// @param all those elements Overwritten
  public static void put(FloatArray part, FloatArray all, int offset, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      all.set(offset + i, part.get(i));
    }
  }

  /// `gradient[i] (+)= dLoss·unit[i]`
  ///
  /// @param unit `[size]`, Read; the gradient for a gradient of the loss of 1
  /// @param dLoss `[1]`, Read
  /// @param gradient `[size]`, Overwritten, or Accumulated where `accumulate` is 1
  public static void scaleUnit(
      FloatArray unit, FloatArray dLoss, FloatArray gradient, int accumulate, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      float value = dLoss.get(0) * unit.get(i);
      if (accumulate == 1) {
        value += gradient.get(i);
      }
      gradient.set(i, value);
    }
  }
}
