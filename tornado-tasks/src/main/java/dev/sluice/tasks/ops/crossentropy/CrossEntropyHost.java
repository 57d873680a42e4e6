package dev.sluice.tasks.ops.crossentropy;

import dev.sluice.embedded.HostTask;
import dev.sluice.tasks.host.BlockTask;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.ScalarMath;
import dev.sluice.tasks.host.VectorMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Softmax cross-entropy of rows with the Vector API.
final class CrossEntropyHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private CrossEntropyHost() {}

  /// As [CrossEntropyKernels#forward].
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[R]`, Read
  /// @param logSum `[R]`, Overwritten; saved for the backward pass
  /// @param rowLoss `[R]`, Overwritten
  static HostTask forward(
      float[] logits, int[] labels, float[] logSum, float[] rowLoss, int R, int V) {
    return BlockTask.rows(
        R,
        V,
        (from, to) -> {
          for (int r = from; r < to; r++) {
            float largest = largest(logits, r * V, V);
            float total = largest + ScalarMath.log(exponentials(logits, r * V, V, largest));
            int label = labels[r];
            logSum[r] = total;
            rowLoss[r] = label == CrossEntropyOp.IGNORED ? 0.0f : total - logits[r * V + label];
          }
        });
  }

  /// As [CrossEntropyKernels#backward].
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[R]`, Read
  /// @param labelScale `[1]`, Read
  /// @param dLoss `[1]`, Read
  /// @param dLogits `[R, V]`, Overwritten, or Accumulated where `accumulate`
  /// @param logSum `[R]`, Read; of the forward pass
  static HostTask backward(
      float[] logits,
      int[] labels,
      float[] labelScale,
      float[] dLoss,
      float[] dLogits,
      float[] logSum,
      boolean accumulate,
      int R,
      int V) {
    return BlockTask.rows(
        R,
        V,
        (from, to) -> {
          float scale = labelScale[0] * dLoss[0];
          for (int r = from; r < to; r++) {
            int label = labels[r];
            if (label != CrossEntropyOp.IGNORED) {
              gradient(logits, dLogits, r * V, V, logSum[r], scale, accumulate);
              dLogits[r * V + label] -= scale;
            } else if (!accumulate) {
              Arrays.fill(dLogits, r * V, (r + 1) * V, 0.0f);
            }
          }
        });
  }

  private static float largest(float[] a, int at, int V) {
    FloatVector m = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    FloatVector k = m;
    int v = 0;
    for (; v + 2 * L <= V; v += 2 * L) {
      FloatVector p = FloatVector.fromArray(S, a, at + v);
      FloatVector q = FloatVector.fromArray(S, a, at + v + L);
      m = m.blend(p, p.compare(VectorOperators.GT, m));
      k = k.blend(q, q.compare(VectorOperators.GT, k));
    }
    float largest = m.max(k).reduceLanes(VectorOperators.MAX);
    for (; v < V; v++) {
      largest = Math.max(largest, a[at + v]);
    }
    return largest;
  }

  /// `Σ_v e^{a[v] − largest}`
  private static float exponentials(float[] a, int at, int V, float largest) {
    FloatVector sums = FloatVector.zero(S);
    int v = 0;
    for (; v + L <= V; v += L) {
      sums = sums.add(VectorMath.exp(FloatVector.fromArray(S, a, at + v).sub(largest)));
    }
    float sum = VectorMath.sum(sums);
    for (; v < V; v++) {
      sum += ScalarMath.exp(a[at + v] - largest);
    }
    return sum;
  }

  /// `y (+)= scale·e^{x − logSum}`
  private static void gradient(
      float[] x, float[] y, int at, int V, float logSum, float scale, boolean accumulate) {
    int v = 0;
    for (; v + L <= V; v += L) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(S, x, at + v).sub(logSum)).mul(scale);
      e = accumulate ? e.add(FloatVector.fromArray(S, y, at + v)) : e;
      e.intoArray(y, at + v);
    }
    for (; v < V; v++) {
      float e = ScalarMath.exp(x[at + v] - logSum) * scale;
      y[at + v] = accumulate ? y[at + v] + e : e;
    }
  }
}
