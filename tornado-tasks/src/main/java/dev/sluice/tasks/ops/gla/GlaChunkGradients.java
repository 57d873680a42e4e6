package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.host.SmallProduct;
import dev.sluice.tasks.host.SmallTranspose;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The backward pass of [GlaChunks], in two sweeps that keep no states.
///
/// The first goes forward in time with the state again, for `dQ`; the second backward in time with
/// the state's gradient `D`, for `dK`, `dV`, `dG` and `dH0`, its chunks' rows and decays counted
/// from the chunk's end. The second mirrors the first, with `dO` for `v`, `v` for `dO` and queries
/// for keys. States are transposed, `[V, K]`, so that sums over values run over rows; the sum over
/// keys, for `dV`, is a product with the transposed keys. For the gate's gradient see
/// [GlaKernels#backwardKey].
final class GlaChunkGradients {
  private static final int C = GlaChunkRows.C;

  private final GlaSweep sweep;
  private final GlaHost.Operands in;
  private final float[] x;
  private final int keys;
  private final int values;

  /// Rows of the transposed state: keys, then a chunk's tokens.
  private final int deep;

  /// Rows of the left matrix: values, then a chunk's tokens.
  private final int wide;

  // Places in the scratch, from a pass's own.
  private final int scaledAt;
  private final int leftAt;
  private final int decayAt;
  private final int chunkAt;
  private final int outAt;
  private final int wholeAt;
  private final int runningAt;
  private final int ownAt;
  private final int squareAt;

  /// Where sums of what was read ahead go; nothing reads it.
  private float prefetched;

  /// @param scratch [#scratch] floats from the place that the pass is given, Overwritten
  GlaChunkGradients(GlaSweep sweep, GlaHost.Operands in, float[] scratch) {
    this.sweep = sweep;
    this.in = in;
    x = scratch;
    keys = GlaChunks.padded(sweep.K);
    values = GlaChunks.padded(sweep.V);
    deep = keys + C;
    wide = values + C;
    int most = Math.max(keys, values);
    scaledAt = values * deep;
    leftAt = scaledAt + C * deep;
    decayAt = leftAt + C * (most + C);
    chunkAt = decayAt + C * keys;
    outAt = chunkAt + C * most;
    wholeAt = outAt + C * most;
    runningAt = wholeAt + 2 * keys;
    ownAt = runningAt + keys;
    squareAt = ownAt + C;
  }

  /// Floats of scratch of the backward pass.
  static int scratch(GlaDimensions dims) {
    int keys = GlaChunks.padded(dims.keySize());
    int values = GlaChunks.padded(dims.valueSize());
    int most = Math.max(keys, values);
    return (values + C) * (keys + C) + C * (3 * most + keys + 2 * C + 1) + 3 * keys;
  }

  /// A sequence and a head.
  ///
  /// @return false where that has to be done token by token, with results left unfinished
  boolean run(int base, int n, int h, GlaHost.Cotangents into) {
    if (!GlaChunks.suits(sweep.end(n) - sweep.start(n)) || !queries(base, n, h, into)) {
      return false;
    }
    keys(base, n, h, into);
    return true;
  }

  /// The sweep forward in time; false where a chunk's gates are too strong.
  private boolean queries(int base, int n, int h, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    int stateAt = (n * s.H + h) * s.K * s.V;
    turnState(in.h0(), stateAt, base);
    Arrays.fill(x, base + wholeAt, base + wholeAt + keys, 1.0f);
    int end = s.end(n);
    for (int t = s.start(n); t < end; t += C) {
      int steps = Math.min(C, end - t);
      int key = (t * s.H + h) * s.K;
      int value = (t * s.H + h) * s.V;
      if (!GlaChunks.suits(s, in.g(), t, h, steps)) {
        return false;
      }
      decayed(t, 1, h, in.k(), 1.0f, base, steps);
      load(in.v(), into.dO(), value, s.H * s.V, base, steps);
      int next = t + C;
      int ahead = Math.min(C, end - next);
      float read = s.gatesAhead(in.g(), next, 1, h, ahead);
      scores(base);
      read += s.keysAhead(in.k(), next, 1, h, ahead);
      read += s.valuesAhead(in.v(), next, 1, h, ahead);
      outputs(base);
      queryRows(into, t, h, base, steps);
      read += s.keysAhead(in.q(), next, 1, h, ahead);
      prefetched = read + s.valuesAhead(into.dO(), next, 1, h, ahead);
      if (t + steps == end) {
        // Without the last token's own part: the final state's gradient meets what decays there.
        int row = base + scaledAt + (steps - 1) * deep;
        Arrays.fill(x, row, row + keys, 0.0f);
      }
      advance(base);
    }
    finalTerm(into, n, h, base);
    return true;
  }

  /// The sweep backward in time.
  private void keys(int base, int n, int h, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    int stateAt = (n * s.H + h) * s.K * s.V;
    turnState(into.dHt(), stateAt, base);
    Arrays.fill(x, base + wholeAt, base + wholeAt + keys, 1.0f);
    int start = s.start(n);
    int end = s.end(n);
    for (int first = start + (end - start - 1) / C * C; first >= start; first -= C) {
      int steps = Math.min(C, end - first);
      int t = first + steps - 1;
      int key = (t * s.H + h) * s.K;
      int value = (t * s.H + h) * s.V;
      decayed(t, -1, h, in.q(), s.scale, base, steps);
      load(into.dO(), in.v(), value, -s.H * s.V, base, steps);
      int next = first - 1;
      int ahead = Math.min(C, first - start);
      float read = s.gatesAhead(in.g(), next, -1, h, ahead);
      scores(base);
      read += s.keysAhead(in.q(), next, -1, h, ahead);
      read += s.valuesAhead(into.dO(), next, -1, h, ahead);
      outputs(base);
      keyRows(into, t, h, base, steps, t == end - 1);
      read += s.valuesAhead(in.v(), next, -1, h, ahead);
      read += s.keysAhead(in.k(), next, -1, h, ahead);
      valueGradients(base, key, steps);
      if (into.dG() != null) {
        read += s.gatesAhead(into.dG(), next, -1, h, ahead);
      }
      prefetched = read;
      GlaBlock.store(x, base + chunkAt, values, into.dV(), value, -s.H * s.V, s.V, steps);
      advance(base);
    }
    float[] dH0 = into.dH0();
    if (dH0 != null) {
      for (int c = 0; c < s.K; c++) {
        for (int r = 0; r < s.V; r++) {
          dH0[stateAt + c * s.V + r] = x[base + r * deep + c] * x[base + wholeAt + c];
        }
      }
    }
  }

  private void decayed(
      int t, int direction, int h, float[] source, float scale, int base, int steps) {
    int decay = base + decayAt;
    int whole = base + wholeAt;
    int scaled = base + scaledAt;
    if (GlaChunks.decayed(
        sweep, in.g(), t, direction, h, source, scale, x, decay, keys, scaled, deep, steps,
        whole)) {
      GlaChunkRows.scaleColumns(x, base, values, deep, keys, whole + keys);
    }
  }

  /// A state `[K, V]` transposed, 0 beyond and where there is none.
  private void turnState(float @Nullable [] from, int at, int base) {
    Arrays.fill(x, base, base + values * deep, 0.0f);
    if (from != null) {
      for (int c = 0; c < sweep.K; c++) {
        for (int r = 0; r < sweep.V; r++) {
          x[base + r * deep + c] = from[at + c * sweep.V + r];
        }
      }
    }
  }

  /// Rows of the chunk: `met` as the first columns of the left matrix, `kept` transposed beside the
  /// state.
  private void load(float[] kept, float[] met, int at, int step, int base, int steps) {
    int chunk = base + chunkAt;
    GlaChunkRows.copied(kept, at, step, sweep.V, x, chunk, values, values, steps);
    GlaChunkRows.copied(met, at, step, sweep.V, x, base + leftAt, wide, values, steps);
    SmallTranspose.run(C, values, x, chunk, values, x, base + keys, deep, x, base + squareAt);
  }

  /// `tril(met keptᵀ, −1)` beside `met`, `own_i = met_i·kept_i`
  private void scores(int base) {
    int left = base + leftAt;
    SmallProduct.multiply(
        C, C, values, x, left, wide, 1, x, base + keys, deep, x, left + values, wide);
    GlaChunkRows.keepStrictlyLower(x, left + values, wide, base + ownAt);
  }

  /// `out = [met | tril(met keptᵀ, −1)] · [state; scaled]`
  private void outputs(int base) {
    int left = base + leftAt;
    SmallProduct.multiply(C, keys, wide, x, left, wide, 1, x, base, deep, x, base + outAt, keys);
  }

  /// `state ← state + keptᵀ scaled`
  private void advance(int base) {
    SmallProduct.add(
        values, keys, C, x, base + keys, deep, 1, x, base + scaledAt, deep, x, base, deep);
  }

  /// `dV = k̂ Dᵀ + triu(q̂ k̂ᵀ)ᵀ dO`, transposed until it lies in the chunk's rows; `k̂` are keys
  /// with the decay to the state's end.
  private void valueGradients(int base, int key, int steps) {
    GlaSweep s = sweep;
    int chunk = base + chunkAt;
    int right = base + leftAt;
    int scores = right + keys * C;
    int out = base + outAt;
    int square = base + squareAt;
    GlaChunkRows.multiplied(
        in.k(), key, -s.H * s.K, s.K, 1.0f, x, base + decayAt, keys, chunk, keys, steps);
    SmallTranspose.run(C, keys, x, chunk, keys, x, right, C, x, square);
    SmallProduct.multiply(C, C, keys, x, base + scaledAt, deep, 1, x, right, C, x, scores, C);
    GlaChunkRows.keepUpper(x, scores, C);
    SmallProduct.multiply(values, C, deep, x, base, deep, 1, x, right, C, x, out, C);
    SmallTranspose.run(values, C, x, out, C, x, chunk, values, x, square);
  }

  /// Adds `Σ_v S[k,v] · dHt[k,v]` to the gate's gradient at the last token.
  private void finalTerm(GlaHost.Cotangents into, int n, int h, int base) {
    GlaSweep s = sweep;
    float[] dHt = into.dHt();
    float[] dG = into.dG();
    if (dHt == null || dG == null || s.gate == GateKind.FIXED) {
      return;
    }
    int at = (n * s.H + h) * s.K * s.V;
    int token = (s.end(n) - 1) * s.H + h;
    for (int c = 0; c < s.K; c++) {
      float sum = 0.0f;
      for (int r = 0; r < s.V; r++) {
        sum += x[base + r * deep + c] * dHt[at + c * s.V + r];
      }
      int gate = s.gate == GateKind.KEY ? token * s.K + c : token * s.keyPanels;
      dG[gate] += sum * x[base + wholeAt + c];
    }
  }

  /// `dQ = scale·(d ⊙ out + own·k)`; `dG = scale·q ⊙ d ⊙ out`.
  private void queryRows(GlaHost.Cotangents into, int t, int h, int base, int steps) {
    GlaSweep s = sweep;
    int key = (t * s.H + h) * s.K;
    int step = s.H * s.K;
    int out = base + outAt;
    int own = base + ownAt;
    GlaChunkRows.mix(
        x,
        out,
        base + decayAt,
        keys,
        own,
        s.scale,
        s.scale,
        in.k(),
        into.dQ(),
        key,
        step,
        s.K,
        steps);
    float[] dG = into.dG();
    if (dG == null) {
      return;
    }
    if (s.gate == GateKind.KEY) {
      GlaChunkRows.meet(x, out, keys, s.scale, in.q(), dG, key, step, s.K, steps);
    } else if (s.gate == GateKind.HEAD) {
      for (int i = 0; i < steps; i++) {
        int at = ((t + i) * s.H + h) * s.keyPanels;
        Arrays.fill(dG, at, at + s.keyPanels, 0.0f);
        dG[at] = s.scale * GlaChunkRows.dot(x, out + i * keys, in.q(), key + i * step, s.K);
      }
    }
  }

  /// `dK = d ⊙ out + own·scale·q`; a running sum loses `k ⊙ d ⊙ out` (not at the last token, whose
  /// final term has it left out already), gains what [#queryRows] left, and is `dG`. Rows go back
  /// in time from token `t`.
  private void keyRows(GlaHost.Cotangents into, int t, int h, int base, int steps, boolean first) {
    GlaSweep s = sweep;
    int key = (t * s.H + h) * s.K;
    int step = -s.H * s.K;
    int out = base + outAt;
    int own = base + ownAt;
    int running = base + runningAt;
    GlaChunkRows.mix(
        x, out, base + decayAt, keys, own, 1.0f, s.scale, in.q(), into.dK(), key, step, s.K, steps);
    float[] dG = into.dG();
    if (dG == null) {
      return;
    }
    if (s.gate == GateKind.KEY) {
      for (int c = 0; first && c < s.K; c++) {
        x[running + c] = in.k()[key + c] * x[out + c];
      }
      GlaChunkRows.accumulate(x, out, keys, running, in.k(), dG, key, step, s.K, steps);
    } else if (s.gate == GateKind.HEAD) {
      for (int i = 0; i < steps; i++) {
        int at = ((t - i) * s.H + h) * s.keyPanels;
        float taken = GlaChunkRows.dot(x, out + i * keys, in.k(), key + i * step, s.K);
        x[running] = (first && i == 0 ? 0.0f : x[running] - taken) + dG[at];
        dG[at] = x[running];
      }
    }
  }
}
