package dev.sluice.tasks.ops.attention;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.host.Gemm;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import dev.sluice.tasks.ops.Sequences;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Softmax attention on the host: matrix products over blocks of queries and keys, as library tasks
/// of the embedded runtime.
///
/// Forward: a part is a block of queries of a head. Backward: a part is a key head of a sequence,
/// so that every gradient is summed in one order whatever the number of threads.
final class AttentionHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int BLOCK = AttentionOp.BLOCK;

  /// Weights and score gradients of a block, and its rows' running maxima and sums; a thread's own.
  record Scratch(float[] weights, float[] dScores, float[] max, float[] sum) {
    static final ThreadLocal<Scratch> OF_THREAD =
        ThreadLocal.withInitial(() ->
            new Scratch(
                new float[BLOCK * BLOCK],
                new float[BLOCK * BLOCK],
                new float[BLOCK],
                new float[BLOCK]));
  }

  /// Heap arrays and sizes of one call.
  record Data(
      float[] q,
      float[] k,
      float[] v,
      float[] o,
      float[] l,
      int heads,
      int keyHeads,
      int headSize,
      boolean causal,
      int window,
      float scale) {
    static Data of(Tasks t, AttentionOp.Call call) {
      AttentionOp.Dimensions dims = call.dims();
      AttentionOptions options = dims.options();
      return new Data(
          t.heap(call.q()),
          t.heap(call.k()),
          t.heap(call.v()),
          t.heap(call.o()),
          t.heap(call.l()),
          dims.heads(),
          dims.keyHeads(),
          dims.headSize(),
          options.causal(),
          options.window(),
          options.scale());
    }

    int queryStride() {
      return heads * headSize;
    }

    int keyStride() {
      return keyHeads * headSize;
    }

    int query(int row, int head) {
      return (row * heads + head) * headSize;
    }

    int key(int row, int head) {
      return (row * keyHeads + head) * headSize;
    }

    /// First key that the query at `row` sees.
    int firstKey(int row, int begin) {
      return window > 0 ? Math.max(begin, row - window + 1) : begin;
    }

    /// Key behind the last that the query at `row` sees.
    int endKey(int row, int end) {
      if (causal) {
        return row + 1;
      }
      return window > 0 ? Math.min(end, row + window) : end;
    }
  }

  private AttentionHost() {}

  /// Adds the forward pass; buffers as of [AttentionKernels#forward].
  static void forward(Tasks t, AttentionOp.Call call, Sequences.Chunks blocks) {
    Data a = Data.of(t, call);
    int[] rowBounds = t.heapInts(call.bounds());
    int[] blockBounds = t.heapInts(blocks.bounds());
    int parts = blocks.count() * a.heads();
    t.host(
        "forward",
        workers ->
            workers.run(
                parts,
                part -> {
                  int block = part / a.heads();
                  int from = blockBounds[2 * block];
                  int to = blockBounds[2 * block + 1];
                  if (from < to) {
                    forwardBlock(
                        workers,
                        a,
                        from,
                        to,
                        part % a.heads(),
                        rowBounds[3 * from],
                        rowBounds[3 * from + 1]);
                  }
                }));
  }

  private static void forwardBlock(
      Workers workers, Data a, int from, int to, int head, int begin, int end) {
    Scratch scratch = Scratch.OF_THREAD.get();
    int keyHead = head / (a.heads() / a.keyHeads());
    int D = a.headSize();
    Arrays.fill(scratch.max(), Float.NEGATIVE_INFINITY);
    Arrays.fill(scratch.sum(), 0);
    for (int r = from; r < to; r++) {
      Arrays.fill(a.o(), a.query(r, head), a.query(r, head) + D, 0);
    }
    int last = a.endKey(to - 1, end);
    for (int key = a.firstKey(from, begin); key < last; key += BLOCK) {
      int width = Math.min(last - key, BLOCK);
      scores(workers, a, from, to, head, key, width, scratch.weights());
      for (int r = from; r < to; r++) {
        int low = Math.clamp(a.firstKey(r, begin) - key, 0, width);
        int high = Math.clamp(a.endKey(r, end) - key, low, width);
        float correction = addWeights(scratch, r - from, low, high, width);
        if (correction != 1) {
          scaleRow(a.o(), a.query(r, head), D, correction);
        }
      }
      Gemm.multiply(
          workers,
          false,
          false,
          to - from,
          D,
          width,
          1,
          scratch.weights(),
          0,
          BLOCK,
          a.v(),
          a.key(key, keyHead),
          a.keyStride(),
          true,
          a.o(),
          a.query(from, head),
          a.queryStride());
    }
    for (int r = from; r < to; r++) {
      float sum = scratch.sum()[r - from];
      scaleRow(a.o(), a.query(r, head), D, 1 / sum);
      a.l()[r * a.heads() + head] = scratch.max()[r - from] + (float) Math.log(sum);
    }
  }

  /// `scores[r, s] = scale · q[r] · k[s]`
  static void scores(
      Workers workers, Data a, int from, int to, int head, int key, int width, float[] scores) {
    int keyHead = head / (a.heads() / a.keyHeads());
    Gemm.multiply(
        workers,
        false,
        true,
        to - from,
        width,
        a.headSize(),
        a.scale(),
        a.q(),
        a.query(from, head),
        a.queryStride(),
        a.k(),
        a.key(key, keyHead),
        a.keyStride(),
        false,
        scores,
        0,
        BLOCK);
  }

  /// Turns a row of scores into weights relative to the running maximum, zero outside `low … high`.
  ///
  /// @return the factor by which sums made with the former maximum must shrink
  private static float addWeights(Scratch scratch, int row, int low, int high, int width) {
    float[] weights = scratch.weights();
    int at = row * BLOCK;
    Arrays.fill(weights, at, at + low, 0);
    Arrays.fill(weights, at + high, at + width, 0);
    if (low == high) {
      return 1;
    }
    float before = scratch.max()[row];
    float max = before;
    FloatVector largest = FloatVector.broadcast(S, before);
    int i = low;
    for (; i <= high - S.length(); i += S.length()) {
      largest = largest.max(FloatVector.fromArray(S, weights, at + i));
    }
    for (; i < high; i++) {
      max = Math.max(max, weights[at + i]);
    }
    max = Math.max(max, largest.reduceLanes(VectorOperators.MAX));
    FloatVector sum = FloatVector.zero(S);
    for (i = low; i < high; i += S.length()) {
      VectorMask<Float> m = S.indexInRange(i, high);
      FloatVector weight = VectorMath.exp(FloatVector.fromArray(S, weights, at + i, m).sub(max));
      weight.intoArray(weights, at + i, m);
      sum = sum.add(weight, m);
    }
    float correction = (float) Math.exp(before - max);
    scratch.max()[row] = max;
    scratch.sum()[row] = scratch.sum()[row] * correction + VectorMath.sum(sum);
    return correction;
  }

  private static void scaleRow(float[] row, int at, int length, float factor) {
    for (int i = 0; i < length; i++) {
      row[at + i] *= factor;
    }
  }
}
