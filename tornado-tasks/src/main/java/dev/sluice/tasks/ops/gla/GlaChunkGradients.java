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

  // Places in a head's scratch; the state begins it.
  private final int scaledAt;
  private final int wholeAt;
  private final int runningAt;
  private final int ownSize;

  // Places in the scratch of all heads' chunks, one of which is in work; the left matrix begins it.
  private final int decayAt;
  private final int chunkAt;
  private final int outAt;
  private final int metAt;
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
    wholeAt = scaledAt + C * deep;
    runningAt = wholeAt + 2 * keys;
    ownSize = runningAt + keys;
    decayAt = C * (most + C);
    chunkAt = decayAt + C * keys;
    outAt = chunkAt + C * most;
    metAt = outAt + C * most;
    squareAt = metAt + C;
  }

  /// Floats of scratch of the backward pass over a group of heads.
  static int scratch(GlaDimensions dims, int group) {
    int keys = GlaChunks.padded(dims.keySize());
    int values = GlaChunks.padded(dims.valueSize());
    int most = Math.max(keys, values);
    int own = (values + C) * (keys + C) + 3 * keys;
    return group * own + C * (3 * most + keys + 2 * C + 1);
  }

  /// A sequence and `count` heads from `first` on.
  ///
  /// @return the heads, as bits from `first` on, that have to go token by token, their results
  ///   unfinished
  int run(int base, int n, int first, int count, GlaHost.Cotangents into) {
    int strong = (1 << count) - 1;
    if (GlaChunks.suits(sweep.end(n) - sweep.start(n))) {
      strong = queries(base, n, first, count, into);
      keys(base, n, first, count, strong, into);
    }
    return strong;
  }

  /// The sweep forward in time; the heads, as bits, with a chunk whose gates are too strong.
  private int queries(int base, int n, int first, int count, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    begin(in.h0(), base, n, first, count);
    int work = base + count * ownSize;
    int span = s.span(count);
    int start = s.start(n);
    int end = s.end(n);
    int strong = 0;
    for (int t = start; t < end; t += C) {
      if ((t - start) % span == 0) {
        prefetched = readAhead(into, t, Math.min(span, end - t), first, count);
      }
      for (int i = 0; i < count; i++) {
        boolean there = (strong >> i & 1) == 0;
        if (there && !query(base + i * ownSize, work, t, end, first + i, into)) {
          strong |= 1 << i;
        }
      }
    }
    for (int i = 0; i < count; i++) {
      if ((strong >> i & 1) == 0) {
        finalTerm(into, n, first + i, base + i * ownSize);
      }
    }
    return strong;
  }

  /// A chunk of a head forward in time; false where its gates are too strong.
  private boolean query(int own, int work, int t, int end, int h, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    int steps = Math.min(C, end - t);
    if (!decayed(t, 1, h, in.k(), 1.0f, own, work, steps)) {
      return false;
    }
    load(in.v(), into.dO(), (t * s.H + h) * s.V, s.H * s.V, own, work, steps);
    scores(own, work);
    outputs(own, work);
    queryRows(into, t, h, work, steps);
    if (t + steps == end) {
      // Without the last token's own part: the final state's gradient meets what decays there.
      int row = own + scaledAt + (steps - 1) * deep;
      Arrays.fill(x, row, row + keys, 0.0f);
    }
    advance(own);
    return true;
  }

  /// The sweep backward in time, without the heads of `strong`.
  private void keys(int base, int n, int first, int count, int strong, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    begin(into.dHt(), base, n, first, count);
    int work = base + count * ownSize;
    int span = s.span(count);
    int start = s.start(n);
    int end = s.end(n);
    int ahead = end;
    for (int t = start + (end - start - 1) / C * C; t >= start; t -= C) {
      if (t < ahead) {
        int from = t - (t - start) % span;
        float read = readAhead(into, from, ahead - from, first, count);
        float[] dG = into.dG();
        prefetched = dG == null ? read : read + s.gatesAhead(dG, from, ahead - from, first, count);
        ahead = from;
      }
      for (int i = 0; i < count; i++) {
        if ((strong >> i & 1) == 0) {
          key(base + i * ownSize, work, t, end, first + i, into);
        }
      }
    }
    for (int i = 0; i < count; i++) {
      if ((strong >> i & 1) == 0) {
        storeStart(into, n, first + i, base + i * ownSize);
      }
    }
  }

  /// A chunk of a head, whose first token is `first`, backward in time.
  private void key(int own, int work, int first, int end, int h, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    int steps = Math.min(C, end - first);
    int t = first + steps - 1;
    int value = (t * s.H + h) * s.V;
    decayed(t, -1, h, in.q(), s.scale, own, work, steps);
    load(into.dO(), in.v(), value, -s.H * s.V, own, work, steps);
    scores(own, work);
    outputs(own, work);
    keyRows(into, t, h, own, work, steps, t == end - 1);
    valueGradients(own, work, (t * s.H + h) * s.K, into.dV(), value, steps);
    advance(own);
  }

  private float readAhead(GlaHost.Cotangents into, int t, int steps, int first, int count) {
    float read = sweep.gatesAhead(in.g(), t, steps, first, count);
    read += sweep.keysAhead(in.k(), t, steps, first, count);
    read += sweep.keysAhead(in.q(), t, steps, first, count);
    read += sweep.valuesAhead(in.v(), t, steps, first, count);
    return read + sweep.valuesAhead(into.dO(), t, steps, first, count);
  }

  /// States `[K, V]` transposed, 0 beyond and where there are none, and no decay yet.
  private void begin(float @Nullable [] from, int base, int n, int first, int count) {
    GlaSweep s = sweep;
    for (int i = 0; i < count; i++) {
      int own = base + i * ownSize;
      Arrays.fill(x, own, own + values * deep, 0.0f);
      Arrays.fill(x, own + wholeAt, own + wholeAt + keys, 1.0f);
      int at = (n * s.H + first + i) * s.K * s.V;
      for (int c = 0; from != null && c < s.K; c++) {
        for (int r = 0; r < s.V; r++) {
          x[own + r * deep + c] = from[at + c * s.V + r];
        }
      }
    }
  }

  private void storeStart(GlaHost.Cotangents into, int n, int h, int own) {
    GlaSweep s = sweep;
    float[] dH0 = into.dH0();
    int at = (n * s.H + h) * s.K * s.V;
    for (int c = 0; dH0 != null && c < s.K; c++) {
      for (int r = 0; r < s.V; r++) {
        dH0[at + c * s.V + r] = x[own + r * deep + c] * x[own + wholeAt + c];
      }
    }
  }

  /// Rows of `source` from token `t` on divided by their decays, beside the state; back in time
  /// without the token's own decay. False where gates are too strong.
  private boolean decayed(
      int t, int direction, int h, float[] source, float scale, int own, int work, int steps) {
    int whole = own + wholeAt;
    System.arraycopy(x, whole, x, whole + keys, keys);
    boolean bounded = rows(t, direction, h, source, scale, own, work, steps);
    GlaChunks.Decay decay = GlaChunks.judged(bounded, x, whole, keys);
    if (decay == GlaChunks.Decay.ANEW) {
      rows(t, direction, h, source, scale, own, work, steps);
      GlaChunkRows.scaleColumns(x, own, values, deep, keys, whole + keys);
    }
    return decay != GlaChunks.Decay.STRONG;
  }

  private boolean rows(
      int t, int direction, int h, float[] source, float scale, int own, int work, int steps) {
    GlaSweep s = sweep;
    int timeStride = s.gate.timeStride(s.H, s.K);
    return GlaChunkRows.decayed(
        in.g(),
        t * timeStride + h * s.gate.headStride(s.K),
        direction * timeStride,
        s.gate == GateKind.KEY,
        direction < 0,
        GlaChunks.LIMIT,
        source,
        (t * s.H + h) * s.K,
        direction * s.H * s.K,
        s.K,
        scale,
        x,
        own + wholeAt,
        work + decayAt,
        keys,
        own + scaledAt,
        deep,
        steps);
  }

  /// Rows of the chunk: `met` as the first columns of the left matrix, `kept` transposed beside the
  /// state.
  private void load(float[] kept, float[] met, int at, int step, int own, int work, int steps) {
    int turned = own + keys;
    int square = work + squareAt;
    if (steps == C && sweep.V == values) {
      SmallTranspose.run(C, values, kept, at, step, x, turned, deep, x, square);
    } else {
      int chunk = work + chunkAt;
      GlaChunkRows.copied(kept, at, step, sweep.V, x, chunk, values, values, steps);
      SmallTranspose.run(C, values, x, chunk, values, x, turned, deep, x, square);
    }
    GlaChunkRows.copied(met, at, step, sweep.V, x, work, wide, values, steps);
  }

  /// `tril(met keptᵀ, −1)` beside `met`, `own_i = met_i·kept_i`
  private void scores(int own, int work) {
    int left = work;
    SmallProduct.multiply(
        C, C, values, x, left, wide, 1, x, own + keys, deep, x, left + values, wide);
    GlaChunkRows.keepStrictlyLower(x, left + values, wide, work + metAt);
  }

  /// `out = [met | tril(met keptᵀ, −1)] · [state; scaled]`
  private void outputs(int own, int work) {
    int left = work;
    SmallProduct.multiply(C, keys, wide, x, left, wide, 1, x, own, deep, x, work + outAt, keys);
  }

  /// `state ← state + keptᵀ scaled`
  private void advance(int own) {
    SmallProduct.add(
        values, keys, C, x, own + keys, deep, 1, x, own + scaledAt, deep, x, own, deep);
  }

  /// `dV = k̂ Dᵀ + triu(q̂ k̂ᵀ)ᵀ dO`, transposed until it lies in rows; `k̂` are keys with the
  /// decay to the state's end.
  private void valueGradients(int own, int work, int key, float[] dV, int value, int steps) {
    GlaSweep s = sweep;
    int chunk = work + chunkAt;
    int right = work;
    int scores = right + keys * C;
    int out = work + outAt;
    int square = work + squareAt;
    GlaChunkRows.multiplied(
        in.k(), key, -s.H * s.K, s.K, 1.0f, x, work + decayAt, keys, chunk, keys, steps);
    SmallTranspose.run(C, keys, x, chunk, keys, x, right, C, x, square);
    SmallProduct.multiply(C, C, keys, x, own + scaledAt, deep, 1, x, right, C, x, scores, C);
    GlaChunkRows.keepUpper(x, scores, C);
    SmallProduct.multiply(values, C, deep, x, own, deep, 1, x, right, C, x, out, C);
    if (steps == C && s.V == values) {
      SmallTranspose.run(values, C, x, out, C, dV, value, -s.H * s.V, x, square);
    } else {
      SmallTranspose.run(values, C, x, out, C, x, chunk, values, x, square);
      GlaBlock.store(x, chunk, values, dV, value, -s.H * s.V, s.V, steps);
    }
  }

  /// Adds `Σ_v S[k,v] · dHt[k,v]` to the gate's gradient at the last token.
  private void finalTerm(GlaHost.Cotangents into, int n, int h, int own) {
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
        sum += x[own + r * deep + c] * dHt[at + c * s.V + r];
      }
      int gate = s.gate == GateKind.KEY ? token * s.K + c : token * s.keyPanels;
      dG[gate] += sum * x[own + wholeAt + c];
    }
  }

  /// `dQ = scale·(d ⊙ out + own·k)`; `dG = scale·q ⊙ d ⊙ out`.
  private void queryRows(GlaHost.Cotangents into, int t, int h, int work, int steps) {
    GlaSweep s = sweep;
    int key = (t * s.H + h) * s.K;
    int step = s.H * s.K;
    int out = work + outAt;
    int met = work + metAt;
    GlaChunkRows.mix(
        x,
        out,
        work + decayAt,
        keys,
        met,
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
  private void keyRows(
      GlaHost.Cotangents into, int t, int h, int own, int work, int steps, boolean first) {
    GlaSweep s = sweep;
    int key = (t * s.H + h) * s.K;
    int step = -s.H * s.K;
    int out = work + outAt;
    int met = work + metAt;
    int running = own + runningAt;
    GlaChunkRows.mix(
        x, out, work + decayAt, keys, met, 1.0f, s.scale, in.q(), into.dK(), key, step, s.K, steps);
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
