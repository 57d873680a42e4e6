package dev.sluice.tasks.ops.attention;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Gemm;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import dev.sluice.tasks.ops.attention.AttentionHost.Data;
import dev.sluice.tasks.ops.attention.AttentionHost.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Softmax attention on the host, backward: a part is a key head of a sequence, so that every
/// gradient is summed in one order whatever the number of threads.
final class AttentionHostBackward {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int BLOCK = AttentionOp.BLOCK;

  private AttentionHostBackward() {}

  /// Adds the backward pass; buffers as of [AttentionKernels#backwardQueries] and
  /// [AttentionKernels#backwardKeys].
  static void append(
      Tasks t, AttentionOp.Call call, Tensor dO, Tensor delta, Tensor dQ, Tensor dK, Tensor dV) {
    Data a = Data.of(t, call);
    int[] offsets = t.heapInts(call.sequences().offsets());
    float[] dOs = t.heap(dO);
    float[] deltas = t.heap(delta);
    float[] dQs = t.heap(dQ);
    float[] dKs = t.heap(dK);
    float[] dVs = t.heap(dV);
    int parts = call.sequences().count() * a.keyHeads();
    t.host(
        "backward",
        workers ->
            workers.run(
                parts,
                part -> {
                  int n = part / a.keyHeads();
                  backwardHead(
                      workers,
                      a,
                      offsets[n],
                      offsets[n + 1],
                      part % a.keyHeads(),
                      dOs,
                      deltas,
                      dQs,
                      dKs,
                      dVs);
                }));
  }

  private static void backwardHead(
      Workers workers,
      Data a,
      int begin,
      int end,
      int keyHead,
      float[] dO,
      float[] delta,
      float[] dQ,
      float[] dK,
      float[] dV) {
    int D = a.headSize();
    int group = a.heads() / a.keyHeads();
    for (int r = begin; r < end; r++) {
      int query = a.query(r, keyHead * group);
      Arrays.fill(dQ, query, query + group * D, 0);
      Arrays.fill(dK, a.key(r, keyHead), a.key(r, keyHead) + D, 0);
      Arrays.fill(dV, a.key(r, keyHead), a.key(r, keyHead) + D, 0);
    }
    for (int key = begin; key < end; key += BLOCK) {
      int width = Math.min(end - key, BLOCK);
      int from = begin;
      int to = end;
      if (a.window() > 0) {
        from = Math.max(begin, key - a.window() + 1);
        to = Math.min(end, key + width - 1 + a.window());
      }
      if (a.causal()) {
        from = key;
      }
      for (int head = keyHead * group; head < (keyHead + 1) * group; head++) {
        for (int r = from; r < to; r += BLOCK) {
          backwardBlock(
              workers,
              a,
              begin,
              end,
              r,
              Math.min(to, r + BLOCK),
              head,
              key,
              width,
              dO,
              delta,
              dQ,
              dK,
              dV);
        }
      }
    }
  }

  private static void backwardBlock(
      Workers workers,
      Data a,
      int begin,
      int end,
      int from,
      int to,
      int head,
      int key,
      int width,
      float[] dO,
      float[] delta,
      float[] dQ,
      float[] dK,
      float[] dV) {
    Scratch scratch = Scratch.OF_THREAD.get();
    float[] weights = scratch.weights();
    float[] dScores = scratch.dScores();
    int D = a.headSize();
    int queries = to - from;
    int query = a.query(from, head);
    int at = a.key(key, head / (a.heads() / a.keyHeads()));
    AttentionHost.scores(workers, a, from, to, head, key, width, weights);
    Gemm.multiply(
        workers,
        false,
        true,
        queries,
        width,
        D,
        1,
        dO,
        query,
        a.queryStride(),
        a.v(),
        at,
        a.keyStride(),
        false,
        dScores,
        0,
        BLOCK);
    for (int r = from; r < to; r++) {
      int low = Math.clamp(a.firstKey(r, begin) - key, 0, width);
      int high = Math.clamp(a.endKey(r, end) - key, low, width);
      int i = r * a.heads() + head;
      weightGradients(
          weights, dScores, (r - from) * BLOCK, low, high, width, a.l()[i], delta[i], a.scale());
    }
    Gemm.multiply(
        workers,
        true,
        false,
        width,
        D,
        queries,
        1,
        weights,
        0,
        BLOCK,
        dO,
        query,
        a.queryStride(),
        true,
        dV,
        at,
        a.keyStride());
    Gemm.multiply(
        workers,
        false,
        false,
        queries,
        D,
        width,
        1,
        dScores,
        0,
        BLOCK,
        a.k(),
        at,
        a.keyStride(),
        true,
        dQ,
        query,
        a.queryStride());
    Gemm.multiply(
        workers,
        true,
        false,
        width,
        D,
        queries,
        1,
        dScores,
        0,
        BLOCK,
        a.q(),
        query,
        a.queryStride(),
        true,
        dK,
        at,
        a.keyStride());
  }

  /// Turns a row of scores into weights and `dP` into `dS`, both zero outside `low … high`.
  private static void weightGradients(
      float[] weights,
      float[] dScores,
      int at,
      int low,
      int high,
      int width,
      float l,
      float delta,
      float scale) {
    Arrays.fill(weights, at, at + low, 0);
    Arrays.fill(dScores, at, at + low, 0);
    Arrays.fill(weights, at + high, at + width, 0);
    Arrays.fill(dScores, at + high, at + width, 0);
    for (int i = low; i < high; i += S.length()) {
      VectorMask<Float> m = S.indexInRange(i, high);
      FloatVector weight = VectorMath.exp(FloatVector.fromArray(S, weights, at + i, m).sub(l));
      weight.intoArray(weights, at + i, m);
      FloatVector dP = FloatVector.fromArray(S, dScores, at + i, m);
      dP.sub(delta).mul(weight).mul(scale).intoArray(dScores, at + i, m);
    }
  }
}
