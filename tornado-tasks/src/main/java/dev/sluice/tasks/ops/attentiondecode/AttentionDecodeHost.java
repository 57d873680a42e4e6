package dev.sluice.tasks.ops.attentiondecode;

import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.ScalarMath;
import dev.sluice.tasks.host.VectorMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Attention over a cache on the host: a part is a head of a new time step; a library task of the
/// embedded runtime.
final class AttentionDecodeHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;

  /// Weights of all slots, of each thread.
  private static final ThreadLocal<float[]> WEIGHTS = ThreadLocal.withInitial(() -> new float[0]);

  /// The arrays and sizes of a call.
  record Data(
      float[] q,
      float[] keys,
      float[] values,
      float[] o,
      float scale,
      int H,
      int KV,
      int D,
      int capacity) {}

  private AttentionDecodeHost() {}

  /// Adds attention; buffers as of [AttentionDecodeKernels#attend].
  static void attend(
      Tasks t,
      Tensor q,
      Tensor keys,
      Tensor values,
      Tensor position,
      Tensor o,
      float scale,
      int window,
      int positions,
      int B,
      int T,
      int H,
      int KV,
      int D,
      int capacity) {
    int[] at = t.heapInts(position);
    Data data =
        new Data(t.heap(q), t.heap(keys), t.heap(values), t.heap(o), scale, H, KV, D, capacity);
    t.host(
        "attend",
        workers ->
            workers.run(
                B * T * H,
                part -> {
                  int row = part / H;
                  int b = row / T;
                  int start = at[b % positions];
                  int last = start + row % T;
                  int first = Math.max(0, start + T - capacity);
                  if (window > 0) {
                    first = Math.max(first, last - window + 1);
                  }
                  attendHead(data, row, b, part % H, first, last);
                }));
  }

  private static void attendHead(Data a, int row, int b, int h, int first, int last) {
    float[] weights = WEIGHTS.get();
    if (weights.length < a.capacity) {
      weights = new float[a.capacity];
      WEIGHTS.set(weights);
    }
    int query = (row * a.H + h) * a.D;
    int head = h / (a.H / a.KV);
    float max = Float.NEGATIVE_INFINITY;
    for (int s = first; s <= last; s++) {
      int key = ((b * a.capacity + s % a.capacity) * a.KV + head) * a.D;
      weights[s - first] = a.scale * product(a.q, query, a.keys, key, a.D);
      max = Math.max(max, weights[s - first]);
    }
    Arrays.fill(a.o, query, query + a.D, 0);
    float sum = 0;
    for (int s = first; s <= last; s++) {
      int value = ((b * a.capacity + s % a.capacity) * a.KV + head) * a.D;
      float weight = ScalarMath.exp(weights[s - first] - max);
      sum += weight;
      add(weight, a.values, value, a.o, query, a.D);
    }
    for (int d = query; d < query + a.D; d++) {
      a.o[d] /= sum;
    }
  }

  private static float product(float[] a, int aAt, float[] b, int bAt, int D) {
    FloatVector sum = FloatVector.zero(S);
    int d = 0;
    for (; d <= D - S.length(); d += S.length()) {
      sum = FloatVector.fromArray(S, a, aAt + d).fma(FloatVector.fromArray(S, b, bAt + d), sum);
    }
    if (d < D) {
      VectorMask<Float> m = S.indexInRange(d, D);
      sum =
          FloatVector.fromArray(S, a, aAt + d, m).fma(FloatVector.fromArray(S, b, bAt + d, m), sum);
    }
    return VectorMath.sum(sum);
  }

  private static void add(float weight, float[] value, int at, float[] o, int oAt, int D) {
    FloatVector factor = FloatVector.broadcast(S, weight);
    int d = 0;
    for (; d <= D - S.length(); d += S.length()) {
      factor
          .fma(FloatVector.fromArray(S, value, at + d), FloatVector.fromArray(S, o, oAt + d))
          .intoArray(o, oAt + d);
    }
    if (d < D) {
      VectorMask<Float> m = S.indexInRange(d, D);
      factor
          .fma(FloatVector.fromArray(S, value, at + d, m), FloatVector.fromArray(S, o, oAt + d, m))
          .intoArray(o, oAt + d, m);
    }
  }
}
