package dev.sluice.tasks.ops.hgrn;

import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The recurrence on the host: vectors of channels, token by token, as library tasks of the
/// embedded runtime.
final class HgrnHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;

  /// Channels of a part: four cache lines a row.
  private static final int BLOCK = 64;

  private HgrnHost() {}

  /// Adds the forward pass; buffers as of [HgrnKernels#recurrentForward].
  static void forward(
      Tasks t,
      Tensor x,
      Tensor g,
      Tensor h0,
      Tensor offsets,
      Tensor o,
      Tensor ht,
      int initial,
      int N,
      int D) {
    float[] xs = t.heap(x);
    float[] gs = t.heap(g);
    float[] h0s = t.heap(h0);
    int[] bounds = t.heapInts(offsets);
    float[] os = t.heap(o);
    float[] hts = t.heap(ht);
    int blocks = (D + BLOCK - 1) / BLOCK;
    t.host(
        "forward",
        workers ->
            workers.run(
                N * blocks,
                part -> {
                  int n = part / blocks;
                  int from = part % blocks * BLOCK;
                  int to = Math.min(D, from + BLOCK);
                  for (int d = from; d < to; d += S.length()) {
                    forwardLanes(xs, gs, h0s, os, hts, initial, n, d, bounds[n], bounds[n + 1], D);
                  }
                }));
  }

  private static void forwardLanes(
      float[] x,
      float[] g,
      float[] h0,
      float[] o,
      float[] ht,
      int initial,
      int n,
      int d,
      int begin,
      int end,
      int D) {
    VectorMask<Float> m = S.indexInRange(d, D);
    FloatVector h = FloatVector.zero(S);
    if (initial == 1) {
      h = FloatVector.fromArray(S, h0, n * D + d, m);
    }
    for (int t = begin; t < end; t++) {
      int i = t * D + d;
      FloatVector gate = VectorMath.exp(FloatVector.fromArray(S, g, i, m));
      h = gate.fma(h, FloatVector.fromArray(S, x, i, m));
      h.intoArray(o, i, m);
    }
    h.intoArray(ht, n * D + d, m);
  }

  /// Adds the backward pass; buffers as of [HgrnKernels#recurrentBackward].
  static void backward(
      Tasks t,
      Tensor g,
      Tensor h0,
      Tensor o,
      Tensor offsets,
      Tensor dO,
      Tensor dHt,
      Tensor dX,
      Tensor dG,
      Tensor dH0,
      int initial,
      int fromOutput,
      int fromState,
      int N,
      int D) {
    float[] gs = t.heap(g);
    float[] h0s = t.heap(h0);
    float[] os = t.heap(o);
    int[] bounds = t.heapInts(offsets);
    float[] dOs = t.heap(dO);
    float[] dHts = t.heap(dHt);
    float[] dXs = t.heap(dX);
    float[] dGs = t.heap(dG);
    float[] dH0s = t.heap(dH0);
    int blocks = (D + BLOCK - 1) / BLOCK;
    t.host(
        "backward",
        workers ->
            workers.run(
                N * blocks,
                part -> {
                  int n = part / blocks;
                  int from = part % blocks * BLOCK;
                  int to = Math.min(D, from + BLOCK);
                  for (int d = from; d < to; d += S.length()) {
                    backwardLanes(
                        gs,
                        h0s,
                        os,
                        dOs,
                        dHts,
                        dXs,
                        dGs,
                        dH0s,
                        initial,
                        fromOutput,
                        fromState,
                        n,
                        d,
                        bounds[n],
                        bounds[n + 1],
                        D);
                  }
                }));
  }

  private static void backwardLanes(
      float[] g,
      float[] h0,
      float[] o,
      float[] dO,
      float[] dHt,
      float[] dX,
      float[] dG,
      float[] dH0,
      int initial,
      int fromOutput,
      int fromState,
      int n,
      int d,
      int begin,
      int end,
      int D) {
    VectorMask<Float> m = S.indexInRange(d, D);
    FloatVector zero = FloatVector.zero(S);
    FloatVector dH = fromState == 1 ? FloatVector.fromArray(S, dHt, n * D + d, m) : zero;
    FloatVector h = initial == 1 ? FloatVector.fromArray(S, h0, n * D + d, m) : zero;
    for (int t = end - 1; t >= begin; t--) {
      int i = t * D + d;
      if (fromOutput == 1) {
        dH = dH.add(FloatVector.fromArray(S, dO, i, m));
      }
      dH.intoArray(dX, i, m);
      FloatVector before = t > begin ? FloatVector.fromArray(S, o, i - D, m) : h;
      dH = dH.mul(VectorMath.exp(FloatVector.fromArray(S, g, i, m)));
      dH.mul(before).intoArray(dG, i, m);
    }
    dH.intoArray(dH0, n * D + d, m);
  }
}
