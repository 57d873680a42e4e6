package dev.sluice.tasks.ops.gatedattention;

import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.ScalarMath;
import dev.sluice.tasks.host.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The sigmoid gate behind attention on the host, as library tasks of the embedded runtime.
final class GatedAttentionHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int ROWS = 64;

  private GatedAttentionHost() {}

  /// Adds the forward pass; buffers as of [GatedAttentionKernels#forward].
  static void forward(Tasks t, Tensor o, Tensor gate, Tensor y, int rows, int D, int G) {
    float[] os = t.heap(o);
    float[] gates = t.heap(gate);
    float[] ys = t.heap(y);
    t.host(
        "forward",
        workers ->
            workers.run(
                (rows + ROWS - 1) / ROWS,
                part -> {
                  int end = Math.min(rows, (part + 1) * ROWS);
                  for (int r = part * ROWS; r < end; r++) {
                    forwardRow(os, gates, ys, r, D, G);
                  }
                }));
  }

  private static void forwardRow(float[] o, float[] gate, float[] y, int r, int D, int G) {
    FloatVector shared = FloatVector.broadcast(S, G == 1 ? ScalarMath.sigmoid(gate[r]) : 0);
    for (int d = 0; d < D; d += S.length()) {
      VectorMask<Float> m = S.indexInRange(d, D);
      FloatVector sigmoid =
          G == 1 ? shared : VectorMath.sigmoid(FloatVector.fromArray(S, gate, r * D + d, m));
      FloatVector.fromArray(S, o, r * D + d, m).mul(sigmoid).intoArray(y, r * D + d, m);
    }
  }

  /// Adds the backward pass; buffers as of [GatedAttentionKernels#backward].
  static void backward(
      Tasks t, Tensor o, Tensor gate, Tensor dY, Tensor dO, Tensor dGate, int rows, int D, int G) {
    float[] os = t.heap(o);
    float[] gates = t.heap(gate);
    float[] dYs = t.heap(dY);
    float[] dOs = t.heap(dO);
    float[] dGates = t.heap(dGate);
    t.host(
        "backward",
        workers ->
            workers.run(
                (rows + ROWS - 1) / ROWS,
                part -> {
                  int end = Math.min(rows, (part + 1) * ROWS);
                  for (int r = part * ROWS; r < end; r++) {
                    if (G == 1) {
                      backwardHead(os, gates, dYs, dOs, dGates, r, D);
                    } else {
                      backwardElements(os, gates, dYs, dOs, dGates, r, D);
                    }
                  }
                }));
  }

  private static void backwardElements(
      float[] o, float[] gate, float[] dY, float[] dO, float[] dGate, int r, int D) {
    for (int d = 0; d < D; d += S.length()) {
      int at = r * D + d;
      VectorMask<Float> m = S.indexInRange(d, D);
      FloatVector sigmoid = VectorMath.sigmoid(FloatVector.fromArray(S, gate, at, m));
      FloatVector gradient = FloatVector.fromArray(S, dY, at, m).mul(sigmoid);
      gradient.intoArray(dO, at, m);
      FloatVector slope = FloatVector.broadcast(S, 1).sub(sigmoid);
      gradient.mul(FloatVector.fromArray(S, o, at, m)).mul(slope).intoArray(dGate, at, m);
    }
  }

  private static void backwardHead(
      float[] o, float[] gate, float[] dY, float[] dO, float[] dGate, int r, int D) {
    float sigmoid = ScalarMath.sigmoid(gate[r]);
    FloatVector sum = FloatVector.zero(S);
    for (int d = 0; d < D; d += S.length()) {
      int at = r * D + d;
      VectorMask<Float> m = S.indexInRange(d, D);
      FloatVector gradient = FloatVector.fromArray(S, dY, at, m);
      sum = gradient.fma(FloatVector.fromArray(S, o, at, m), sum);
      gradient.mul(sigmoid).intoArray(dO, at, m);
    }
    dGate[r] = VectorMath.sum(sum) * sigmoid * (1 - sigmoid);
  }
}
