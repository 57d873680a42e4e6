package dev.sluice.tasks.ops.selectivescan;

import dev.sluice.tasks.graph.NodeBuilder;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanGradients.Flow;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanHost.Data;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp.Call;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp.Dimensions;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The selective scan on the host, backward: a part is some vectors of channels of a sequence. It
/// goes through the chunks from the last to the first, computes a chunk's states again from the one
/// kept before it, and walks the chunk backwards.
///
/// `dB` and `dC` are sums over channels: over vectors in the cache, over lanes once a chunk, over
/// parts by a task behind. How channels become parts depends on shapes only.
final class SelectiveScanHostBackward {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = S.length();
  private static final int CHUNK = SelectiveScanGradientKernels.CHUNK;

  /// About as many parts as keep some threads busy, whatever the batch.
  private static final int PARTS = 16;

  /// Heap arrays of the gradients, and the partial sums of parts or sequences.
  private record Targets(
      float[] dY,
      float[] dHt,
      float[] dU,
      float[] dDelta,
      float[] dZ,
      float[] dH0,
      float[] dA,
      float[] dB,
      float[] dC,
      float[] dSkip,
      float[] dBias,
      boolean reached,
      boolean stateReached,
      int rows) {}

  /// A chunk's states and decays `[CHUNK, N, L]`, its sums of `dB` and `dC` the same, and for each
  /// vector of the part `[N, L]`: rates, gradients of the state and of the rates. A thread's own.
  private record Scratch(
      float[] before,
      float[] decay,
      float[] toB,
      float[] toC,
      float[] rates,
      float[] dX,
      float[] dRates) {
    static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(() -> sized(0, 0));

    static Scratch of(int vectors, int N) {
      Scratch scratch = OF_THREAD.get();
      int chunk = CHUNK * N * L;
      int part = vectors * N * L;
      if (scratch.before.length < chunk || scratch.rates.length < part) {
        scratch =
            sized(Math.max(chunk, scratch.before.length), Math.max(part, scratch.rates.length));
        OF_THREAD.set(scratch);
      }
      return scratch;
    }

    private static Scratch sized(int chunk, int part) {
      return new Scratch(
          new float[chunk],
          new float[chunk],
          new float[chunk],
          new float[chunk],
          new float[part],
          new float[part],
          new float[part]);
    }
  }

  private SelectiveScanHostBackward() {}

  /// Appends the backward pass.
  static void append(NodeBuilder node, Call call, Flow flow) {
    Dimensions dims = call.dims();
    int vectors = (dims.columns() + L - 1) / L;
    int parts = Math.clamp((PARTS + dims.sequences() - 1) / dims.sequences(), 1, vectors);
    var graph = call.graph();
    Shape projection = Shape.of(parts, dims.rows(), dims.states());
    Tensor partialA =
        graph.activation(
            "selective_scan.partial_a", Shape.of(dims.sequences(), dims.columns(), dims.states()));
    Tensor partialB = graph.activation("selective_scan.partial_b", projection);
    Tensor partialC = graph.activation("selective_scan.partial_c", projection);
    Shape sums = Shape.of(dims.sequences(), dims.columns());
    Tensor partialSkip = graph.activation("selective_scan.partial_skip", sums);
    Tensor partialBias = graph.activation("selective_scan.partial_bias", sums);
    node.scratch(partialA, partialB, partialC, partialSkip, partialBias)
        .lower(t -> {
          Targets to =
              new Targets(
                  t.heap(OptionalTensors.or(flow.dY(), call.sum())),
                  t.heap(OptionalTensors.or(flow.dHt(), flow.dH0())),
                  t.heap(flow.dU()),
                  t.heap(flow.dDelta()),
                  t.heap(flow.dZ()),
                  t.heap(flow.dH0()),
                  t.heap(partialA),
                  t.heap(partialB),
                  t.heap(partialC),
                  t.heap(partialSkip),
                  t.heap(partialBias),
                  flow.dY() != null,
                  flow.dHt() != null,
                  dims.rows());
          add(t, Data.of(t, call), to, parts, vectors);
          int size = dims.rows() * dims.states();
          int count = dims.sequences();
          SelectiveScanGradients.sum(t, "a", partialA, flow.dA(), count, dims.stateElements());
          SelectiveScanGradients.sum(t, "b", partialB, flow.dB(), parts, size);
          SelectiveScanGradients.sum(t, "c", partialC, flow.dC(), parts, size);
          SelectiveScanGradients.sum(t, "skip", partialSkip, flow.dSkip(), count, dims.columns());
          SelectiveScanGradients.sum(t, "bias", partialBias, flow.dBias(), count, dims.columns());
        });
  }

  private static void add(Tasks t, Data a, Targets to, int parts, int vectors) {
    t.host(
        "scan",
        workers ->
            workers.run(
                a.sequences() * parts,
                index -> {
                  int part = index % parts;
                  int from = part * vectors / parts;
                  int end = (part + 1) * vectors / parts;
                  backward(a, to, index / parts, part, from, end);
                }));
  }

  private static void backward(Data a, Targets to, int sequence, int part, int from, int end) {
    int D = a.D();
    int N = a.N();
    Scratch scratch = Scratch.of(end - from, N);
    for (int v = from; v < end; v++) {
      int own = (v - from) * N * L;
      a.gather(a.a(), 0, v * L, scratch.rates(), own);
      if (to.stateReached()) {
        a.gather(to.dHt(), sequence * D * N, v * L, scratch.dX(), own);
      } else {
        Arrays.fill(scratch.dX(), own, own + N * L, 0);
      }
      Arrays.fill(scratch.dRates(), own, own + N * L, 0);
      VectorMask<Float> m = S.indexInRange(v * L, D);
      FloatVector.zero(S).intoArray(to.dSkip(), sequence * D + v * L, m);
      FloatVector.zero(S).intoArray(to.dBias(), sequence * D + v * L, m);
    }
    for (int i = a.first()[sequence + 1] - 1; i >= a.first()[sequence]; i--) {
      int begin = a.bounds()[2 * i];
      int behind = a.bounds()[2 * i + 1];
      Arrays.fill(scratch.toB(), 0, (behind - begin) * N * L, 0);
      Arrays.fill(scratch.toC(), 0, (behind - begin) * N * L, 0);
      for (int v = from; v < end; v++) {
        int own = (v - from) * N * L;
        recompute(a, scratch, own, i, begin, behind, v * L);
        walk(a, to, scratch, own, begin, behind, v * L, sequence * D);
      }
      int projection = (part * to.rows() + begin) * N;
      for (int j = 0; j < (behind - begin) * N; j++) {
        to.dB()[projection + j] = VectorMath.sum(FloatVector.fromArray(S, scratch.toB(), j * L));
        to.dC()[projection + j] = VectorMath.sum(FloatVector.fromArray(S, scratch.toC(), j * L));
      }
    }
    for (int v = from; v < end; v++) {
      int own = (v - from) * N * L;
      for (int lane = 0; lane < Math.min(L, D - v * L); lane++) {
        int at = (sequence * D + v * L + lane) * N;
        for (int n = 0; n < N; n++) {
          to.dH0()[at + n] = scratch.dX()[own + n * L + lane];
          to.dA()[at + n] = scratch.dRates()[own + n * L + lane];
        }
      }
    }
  }

  /// The decays of a chunk and, multiplied by them, the states before each of its steps.
  private static void recompute(
      Data a, Scratch scratch, int own, int chunk, int begin, int behind, int d) {
    int D = a.D();
    int N = a.N();
    VectorMask<Float> m = S.indexInRange(d, D);
    for (int n = 0; n < N; n++) {
      FloatVector rate = FloatVector.fromArray(S, scratch.rates(), own + n * L);
      FloatVector x = FloatVector.fromArray(S, a.states(), (chunk * N + n) * D + d, m);
      for (int t = begin; t < behind; t++) {
        FloatVector step = FloatVector.fromArray(S, a.step(), t * D + d, m);
        FloatVector decay = VectorMath.exp(step.mul(rate));
        FloatVector kept = decay.mul(x);
        int at = ((t - begin) * N + n) * L;
        decay.intoArray(scratch.decay(), at);
        kept.intoArray(scratch.before(), at);
        FloatVector input = step.mul(FloatVector.fromArray(S, a.u(), t * D + d, m));
        x = input.fma(FloatVector.broadcast(S, a.b()[t * N + n]), kept);
      }
    }
  }

  private static void walk(
      Data a, Targets to, Scratch scratch, int own, int begin, int behind, int d, int sums) {
    int D = a.D();
    VectorMask<Float> m = S.indexInRange(d, D);
    FloatVector skip = FloatVector.fromArray(S, a.skip(), d, m);
    FloatVector dSkip = FloatVector.fromArray(S, to.dSkip(), sums + d, m);
    FloatVector dBias = FloatVector.fromArray(S, to.dBias(), sums + d, m);
    for (int t = behind - 1; t >= begin; t--) {
      int at = t * D + d;
      FloatVector dSum =
          to.reached() ? FloatVector.fromArray(S, to.dY(), at, m) : FloatVector.zero(S);
      if (a.gated()) {
        FloatVector z = FloatVector.fromArray(S, a.z(), at, m);
        FloatVector slope = VectorMath.siluGradient(z);
        FloatVector.fromArray(S, a.sum(), at, m).mul(dSum).mul(slope).intoArray(to.dZ(), at, m);
        dSum = dSum.mul(VectorMath.silu(z));
      }
      FloatVector u = FloatVector.fromArray(S, a.u(), at, m);
      FloatVector step = FloatVector.fromArray(S, a.step(), at, m);
      dSkip = dSum.fma(u, dSkip);
      FloatVector dStep =
          walkStates(a, scratch, own, t, t - begin, dSum, step, u, skip, to.dU(), at, m);
      FloatVector raw = FloatVector.fromArray(S, a.delta(), at, m);
      if (a.biased()) {
        raw = raw.add(FloatVector.fromArray(S, a.bias(), d, m));
      }
      FloatVector dDelta = dStep.mul(VectorMath.sigmoid(raw));
      dDelta.intoArray(to.dDelta(), at, m);
      dBias = dBias.add(dDelta);
    }
    dSkip.intoArray(to.dSkip(), sums + d, m);
    dBias.intoArray(to.dBias(), sums + d, m);
  }

  /// One step back of all `N` states; writes `dU` and returns the gradient of the step size.
  private static FloatVector walkStates(
      Data a,
      Scratch scratch,
      int own,
      int t,
      int local,
      FloatVector dSum,
      FloatVector step,
      FloatVector u,
      FloatVector skip,
      float[] dU,
      int at,
      VectorMask<Float> m) {
    int N = a.N();
    FloatVector input = step.mul(u);
    FloatVector dInput = FloatVector.zero(S);
    FloatVector dStep = FloatVector.zero(S);
    for (int n = 0; n < N; n++) {
      float b = a.b()[t * N + n];
      int cell = (local * N + n) * L;
      int state = own + n * L;
      FloatVector kept = FloatVector.fromArray(S, scratch.before(), cell);
      FloatVector dX =
          dSum.fma(
              FloatVector.broadcast(S, a.c()[t * N + n]),
              FloatVector.fromArray(S, scratch.dX(), state));
      FloatVector x = input.fma(FloatVector.broadcast(S, b), kept);
      dSum.fma(x, FloatVector.fromArray(S, scratch.toC(), cell)).intoArray(scratch.toC(), cell);
      dX.fma(input, FloatVector.fromArray(S, scratch.toB(), cell)).intoArray(scratch.toB(), cell);
      dInput = dX.fma(FloatVector.broadcast(S, b), dInput);
      FloatVector flow = dX.mul(kept);
      dStep = flow.fma(FloatVector.fromArray(S, scratch.rates(), state), dStep);
      flow.fma(step, FloatVector.fromArray(S, scratch.dRates(), state))
          .intoArray(scratch.dRates(), state);
      dX.mul(FloatVector.fromArray(S, scratch.decay(), cell)).intoArray(scratch.dX(), state);
    }
    dInput.fma(step, skip.mul(dSum)).intoArray(dU, at, m);
    return dInput.fma(u, dStep);
  }
}
