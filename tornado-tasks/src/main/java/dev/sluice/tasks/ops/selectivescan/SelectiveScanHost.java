package dev.sluice.tasks.ops.selectivescan;

import dev.sluice.tasks.graph.Tasks;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import dev.sluice.tasks.ops.OptionalTensors;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp.Call;
import dev.sluice.tasks.ops.selectivescan.SelectiveScanOp.Inputs;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The selective scan on the host, forward: a part is a vector of channels of a sequence, whose
/// states stay in the cache; library tasks of the embedded runtime.
///
/// States kept between chunks are `[chunks, N, D]` here, so that a vector of channels is
/// contiguous.
final class SelectiveScanHost {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = S.length();

  /// Heap arrays and sizes; absent inputs are some array that is not read.
  record Data(
      float[] u,
      float[] delta,
      float[] a,
      float[] b,
      float[] c,
      float[] skip,
      float[] z,
      float[] bias,
      float[] h0,
      int[] bounds,
      int[] first,
      float[] step,
      float[] states,
      float[] sum,
      float[] output,
      float[] finalState,
      boolean gated,
      boolean biased,
      boolean initial,
      int sequences,
      int D,
      int N) {
    static Data of(Tasks t, Call call) {
      Inputs in = call.in();
      return new Data(
          t.heap(in.u()),
          t.heap(in.delta()),
          t.heap(in.a()),
          t.heap(in.b()),
          t.heap(in.c()),
          t.heap(in.skip()),
          t.heap(OptionalTensors.or(in.z(), in.u())),
          t.heap(OptionalTensors.or(in.deltaBias(), in.skip())),
          t.heap(OptionalTensors.or(in.initialState(), in.skip())),
          t.heapInts(call.chunks().bounds()),
          t.heapInts(call.chunks().first()),
          t.heap(call.step()),
          t.heap(call.states()),
          t.heap(call.sum()),
          t.heap(call.output()),
          t.heap(call.finalState()),
          call.gated() == 1,
          call.biased() == 1,
          call.initial() == 1,
          call.dims().sequences(),
          call.dims().columns(),
          call.dims().states());
    }

    int vectors() {
      return (D + L - 1) / L;
    }

    /// Transposes `[D, N]` rates or states at `source` to `[N, L]` at `target`, for channels from
    /// `d`; lanes behind `D` become zero.
    void gather(float[] from, int source, int d, float[] to, int target) {
      for (int n = 0; n < N; n++) {
        for (int lane = 0; lane < L; lane++) {
          to[target + n * L + lane] = d + lane < D ? from[source + (d + lane) * N + n] : 0;
        }
      }
    }
  }

  /// `x` and `A` of a vector of channels, `[N, L]` each; a thread's own.
  private record Scratch(float[] x, float[] rates) {
    static final ThreadLocal<Scratch> OF_THREAD =
        ThreadLocal.withInitial(() -> new Scratch(new float[0], new float[0]));

    static Scratch of(int N) {
      Scratch scratch = OF_THREAD.get();
      if (scratch.x.length < N * L) {
        scratch = new Scratch(new float[N * L], new float[N * L]);
        OF_THREAD.set(scratch);
      }
      return scratch;
    }
  }

  private SelectiveScanHost() {}

  /// Adds the forward pass.
  static void forward(Tasks t, Call call) {
    Data a = Data.of(t, call);
    int vectors = a.vectors();
    t.host(
        "scan",
        workers ->
            workers.run(
                a.sequences() * vectors, part -> scan(a, part / vectors, part % vectors * L)));
  }

  private static void scan(Data a, int sequence, int d) {
    int D = a.D();
    int N = a.N();
    Scratch scratch = Scratch.of(N);
    float[] x = scratch.x();
    VectorMask<Float> m = S.indexInRange(d, D);
    a.gather(a.a(), 0, d, scratch.rates(), 0);
    if (a.initial()) {
      a.gather(a.h0(), sequence * D * N, d, x, 0);
    } else {
      java.util.Arrays.fill(x, 0, N * L, 0);
    }
    FloatVector bias = a.biased() ? FloatVector.fromArray(S, a.bias(), d, m) : null;
    FloatVector skip = FloatVector.fromArray(S, a.skip(), d, m);
    for (int i = a.first()[sequence]; i < a.first()[sequence + 1]; i++) {
      for (int n = 0; n < N; n++) {
        FloatVector.fromArray(S, x, n * L).intoArray(a.states(), (i * N + n) * D + d, m);
      }
      for (int t = a.bounds()[2 * i]; t < a.bounds()[2 * i + 1]; t++) {
        int at = t * D + d;
        FloatVector raw = FloatVector.fromArray(S, a.delta(), at, m);
        FloatVector step = VectorMath.softplus(bias == null ? raw : raw.add(bias));
        step.intoArray(a.step(), at, m);
        FloatVector u = FloatVector.fromArray(S, a.u(), at, m);
        FloatVector sum = advance(a, t, x, scratch.rates(), step, step.mul(u), skip.mul(u));
        sum.intoArray(a.sum(), at, m);
        if (a.gated()) {
          FloatVector z = FloatVector.fromArray(S, a.z(), at, m);
          sum.mul(VectorMath.silu(z)).intoArray(a.output(), at, m);
        }
      }
    }
    int to = (sequence * D + d) * N;
    for (int lane = 0; lane < Math.min(L, D - d); lane++) {
      for (int n = 0; n < N; n++) {
        a.finalState()[to + lane * N + n] = x[n * L + lane];
      }
    }
  }

  /// One time step of all `N` states; returns `sum + C·x`.
  private static FloatVector advance(
      Data a,
      int t,
      float[] x,
      float[] rates,
      FloatVector step,
      FloatVector input,
      FloatVector sum) {
    int projection = t * a.N();
    for (int n = 0; n < a.N(); n++) {
      FloatVector decay = VectorMath.exp(step.mul(FloatVector.fromArray(S, rates, n * L)));
      FloatVector value =
          decay.fma(FloatVector.fromArray(S, x, n * L), input.mul(a.b()[projection + n]));
      value.intoArray(x, n * L);
      sum = value.fma(FloatVector.broadcast(S, a.c()[projection + n]), sum);
    }
    return sum;
  }
}
