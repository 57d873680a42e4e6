package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Softmax cross-entropy of rows of logits: `loss_i = log Σ_j e^(x_ij) − x_i,label`, and its
/// gradient `dx_ij = scale · (softmax(x_i)_j − [j = label])`. Rows with a negative label have loss
/// 0 and gradient 0.
public final class CrossEntropy {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private CrossEntropy() {}

  /// Computes the losses only.
  ///
  /// @param workers the pool
  /// @param rows number of rows
  /// @param v number of classes
  /// @param logits `[rows, v]`: Read
  /// @param lo first logit
  /// @param ld elements from row to row
  /// @param labels `[rows]`: Read
  /// @param la first label
  /// @param loss `[rows]`: Overwritten
  /// @param so first loss
  public static void forward(
      Workers workers,
      int rows,
      int v,
      float[] logits,
      int lo,
      int ld,
      int[] labels,
      int la,
      float[] loss,
      int so) {
    Blocks.run(
        workers,
        rows,
        Blocks.rows(v),
        (first, last) -> {
          for (int i = first; i < last; i++) {
            int at = lo + i * ld;
            int label = labels[la + i];
            if (label < 0) {
              loss[so + i] = 0f;
            } else {
              float top = largest(v, logits, at);
              float sum = exponentials(v, top, logits, at, Blocks.local(v), 0);
              loss[so + i] = ScalarMath.log(sum) + (top - logits[at + label]);
            }
          }
        });
  }

  /// Computes the losses and puts the gradient in place of the logits.
  ///
  /// @param workers the pool
  /// @param rows number of rows
  /// @param v number of classes
  /// @param scale factor of the gradient
  /// @param logits `[rows, v]`: Read, then overwritten by their gradient
  /// @param lo first logit
  /// @param ld elements from row to row
  /// @param labels `[rows]`: Read
  /// @param la first label
  /// @param loss `[rows]`, not scaled: Overwritten
  /// @param so first loss
  public static void forwardBackward(
      Workers workers,
      int rows,
      int v,
      float scale,
      float[] logits,
      int lo,
      int ld,
      int[] labels,
      int la,
      float[] loss,
      int so) {
    Blocks.run(
        workers,
        rows,
        Blocks.rows(v),
        (first, last) -> {
          for (int i = first; i < last; i++) {
            int at = lo + i * ld;
            int label = labels[la + i];
            if (label < 0) {
              loss[so + i] = 0f;
              Arrays.fill(logits, at, at + v, 0f);
            } else {
              float top = largest(v, logits, at);
              float right = logits[at + label];
              float sum = exponentials(v, top, logits, at, logits, at);
              loss[so + i] = ScalarMath.log(sum) + (top - right);
              multiply(v, scale / sum, logits, at);
              logits[at + label] -= scale;
            }
          }
        });
  }

  private static float largest(int n, float[] x, int xo) {
    float top = Float.NEGATIVE_INFINITY;
    int j = 0;
    if (n >= 2 * L) {
      FloatVector m = FloatVector.fromArray(S, x, xo);
      FloatVector k = FloatVector.fromArray(S, x, xo + L);
      for (j = 2 * L; j + 2 * L <= n; j += 2 * L) {
        FloatVector p = FloatVector.fromArray(S, x, xo + j);
        FloatVector q = FloatVector.fromArray(S, x, xo + j + L);
        m = m.blend(p, p.compare(VectorOperators.GT, m));
        k = k.blend(q, q.compare(VectorOperators.GT, k));
      }
      top = m.max(k).reduceLanes(VectorOperators.MAX);
    }
    for (; j < n; j++) {
      top = Math.max(top, x[xo + j]);
    }
    return top;
  }

  /// `y = e^(x − top)`; gives their sum.
  private static float exponentials(int n, float top, float[] x, int xo, float[] y, int yo) {
    FloatVector sums = FloatVector.zero(S);
    int j = 0;
    for (; j + L <= n; j += L) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(S, x, xo + j).sub(top));
      e.intoArray(y, yo + j);
      sums = sums.add(e);
    }
    float sum = VectorMath.sum(sums);
    for (; j < n; j++) {
      float e = ScalarMath.exp(x[xo + j] - top);
      y[yo + j] = e;
      sum += e;
    }
    return sum;
  }

  private static void multiply(int n, float factor, float[] x, int xo) {
    int j = 0;
    for (; j + L <= n; j += L) {
      FloatVector.fromArray(S, x, xo + j).mul(factor).intoArray(x, xo + j);
    }
    for (; j < n; j++) {
      x[xo + j] *= factor;
    }
  }
}
