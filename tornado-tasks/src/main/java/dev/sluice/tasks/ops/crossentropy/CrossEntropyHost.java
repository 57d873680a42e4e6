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

  /// Logits that are looked at before exponentials are taken.
  private static final int FIRST = 64;

  /// Logits that are summed relative to one reference; as many are looked at again for a larger
  /// one.
  private static final int RUN = 1 << 13;

  /// How far a logit may be above the reference: sums stay finite, and hardly any logit is above.
  private static final float SLACK = 8.0f;

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
            float total = logSum(logits, r * V, V);
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

  /// `log Σ_v e^{a[v]}` in one pass, relative to the largest of the first logits. One that is much
  /// larger takes its place, and what is summed by then shrinks. NaN where one is no number, or
  /// without bound.
  private static float logSum(float[] a, int at, int V) {
    float reference = largest(a, at, at + Math.min(V, FIRST));
    if (reference == Float.POSITIVE_INFINITY) {
      return Float.NaN;
    }
    int end = at + V;
    int bound = end - V % L;
    float sum = 0.0f;
    for (int v = at; v < bound; v += RUN) {
      int stop = Math.min(bound, v + RUN);
      float part = exponentials(a, v, stop, reference);
      if (Float.isNaN(part)) {
        float larger = largest(a, v, stop);
        if (!(larger > reference + SLACK && larger < Float.POSITIVE_INFINITY)) {
          return Float.NaN;
        }
        sum *= ScalarMath.exp(reference - larger);
        reference = larger;
        part = exponentials(a, v, stop, reference);
      }
      sum += part;
    }
    float last = bound < end ? largest(a, bound, end) : reference;
    if (last > reference + SLACK) {
      sum *= ScalarMath.exp(reference - last);
      reference = last;
    }
    for (int v = bound; v < end; v++) {
      sum += ScalarMath.exp(a[v] - reference);
    }
    return reference + ScalarMath.log(sum);
  }

  /// `Σ e^{a[v] − reference}` over whole vectors; NaN where a logit is much above the reference, or
  /// no number. A loop in a method of its own: within others the compiler takes it to be rare where
  /// it has seen little of it, and then reads each constant again in every turn.
  private static float exponentials(float[] a, int from, int to, float reference) {
    FloatVector sums = FloatVector.zero(S);
    FloatVector limit = FloatVector.broadcast(S, reference + SLACK);
    for (int v = from; v < to; v += L) {
      FloatVector x = FloatVector.fromArray(S, a, v);
      // In these words, what is no number stops here as well: the exponential may lose it.
      if (!x.compare(VectorOperators.LE, limit).allTrue()) {
        return Float.NaN;
      }
      sums = VectorMath.expOfNumber(x.sub(reference)).add(sums);
    }
    return VectorMath.sum(sums);
  }

  /// The largest number that is one, and finite where none is above.
  private static float largest(float[] a, int from, int to) {
    float largest = -Float.MAX_VALUE;
    for (int v = from; v < to; v++) {
      largest = a[v] > largest ? a[v] : largest;
    }
    return largest;
  }

  /// `y (+)= scale·e^{x − logSum}`
  private static void gradient(
      float[] x, float[] y, int at, int V, float logSum, float scale, boolean accumulate) {
    int end = at + V;
    int bound = end - V % L;
    if (accumulate) {
      addGradient(x, y, at, bound, logSum, scale);
    } else {
      writeGradient(x, y, at, bound, logSum, scale);
    }
    for (int v = bound; v < end; v++) {
      float e = ScalarMath.exp(x[v] - logSum) * scale;
      y[v] = accumulate ? y[v] + e : e;
    }
  }

  /// `y = scale·e^{x − logSum}` over whole vectors. Alone in its method, the compiler unrolls the
  /// loop.
  private static void writeGradient(
      float[] x, float[] y, int from, int to, float logSum, float scale) {
    for (int v = from; v < to; v += L) {
      FloatVector e = VectorMath.expBelow(FloatVector.fromArray(S, x, v).sub(logSum));
      e.mul(scale).intoArray(y, v);
    }
  }

  /// `y += scale·e^{x − logSum}`, likewise.
  private static void addGradient(
      float[] x, float[] y, int from, int to, float logSum, float scale) {
    for (int v = from; v < to; v += L) {
      FloatVector e = VectorMath.expBelow(FloatVector.fromArray(S, x, v).sub(logSum));
      e.mul(scale).add(FloatVector.fromArray(S, y, v)).intoArray(y, v);
    }
  }
}
