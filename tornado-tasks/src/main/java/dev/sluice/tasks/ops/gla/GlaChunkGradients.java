package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.host.SmallProduct;
import dev.sluice.tasks.host.SmallTranspose;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The backward pass of [GlaChunks], in stretches of [#INTERVAL] tokens from the last to the first.
///
/// The forward pass has kept the state before each stretch. From it those before the stretch's
/// chunks are computed again, then the chunks are walked back in time with the gradient of the
/// state. With decays `d_i` counted from the stretch's begin (or from a chunk where they had to
/// begin anew), `q̃ = scale·q ⊙ d`, `k̃ = k ⊘ d` and `S = d ⊙ S̃`, the op has no decays: `o_i =
/// q̃_i (S̃ + Σ_{j≤i} k̃_jᵀ v_j)`. So the state's gradient `D̃` gains `q̃_iᵀ dO_i` and nothing
/// else, and decays come back only in `dQ = scale·d ⊙ dq̃` and `dK = dk̃ ⊘ d`.
///
/// States are transposed, `[V, K]`, so that sums over values run over rows; the sum over keys, for
/// `dV`, is a product with the transposed keys. For the gate's gradient see
/// [GlaKernels#backwardKey].
final class GlaChunkGradients {
  /// Tokens from one kept state to the next.
  static final int INTERVAL = 64;

  private static final int C = GlaChunkRows.C;
  private static final int CHUNKS = INTERVAL / C;

  private final GlaSweep sweep;
  private final GlaHost.Operands in;
  private final float[] x;
  private final int keys;
  private final int values;

  /// Rows of a left matrix: values, then a chunk's tokens.
  private final int wide;

  // Places in a head's scratch, which its D̃ begins: then q̃ as further rows, sums for the gates.
  private final int queriesAt;
  private final int runningAt;
  private final int ownSize;

  // Places in a chunk of the stretch, which its S̃ begins: then k̃ as further rows, decays and one
  // over them, factors of the state if they began anew, the left matrix of values.
  private final int keysAt;
  private final int decayAt;
  private final int inverseAt;
  private final int anewAt;
  private final int valuesAt;
  private final int chunkSize;

  // Places in the scratch of all heads, behind the chunks of a stretch and one state more: decays
  // of what the state has yet to take and those before, then what belongs to one chunk.
  private final int wholeAt;
  private final int leftAt;
  private final int turnedAt;
  private final int scoresAt;
  private final int dQueriesAt;
  private final int dKeysAt;
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
    wide = values + C;
    int most = Math.max(keys, values);
    queriesAt = values * keys;
    runningAt = queriesAt + C * keys;
    ownSize = runningAt + keys;
    keysAt = values * keys;
    decayAt = keysAt + C * keys;
    inverseAt = decayAt + C * keys;
    anewAt = inverseAt + C * keys;
    valuesAt = anewAt + keys;
    chunkSize = valuesAt + C * wide;
    wholeAt = CHUNKS * chunkSize + values * keys;
    leftAt = wholeAt + 2 * keys;
    turnedAt = leftAt + C * wide;
    scoresAt = turnedAt + C * most;
    dQueriesAt = scoresAt + C * C;
    dKeysAt = dQueriesAt + C * keys;
    outAt = dKeysAt + C * keys;
    metAt = outAt + C * most;
    squareAt = metAt + C;
  }

  /// Floats of scratch of the backward pass over a group of heads.
  static int scratch(GlaDimensions dims, int group) {
    int keys = GlaChunks.padded(dims.keySize());
    int values = GlaChunks.padded(dims.valueSize());
    int own = (values + C) * keys + keys;
    int chunk = (values + 3 * C + 1) * keys + C * (values + C);
    int work = (values + 2 + 2 * C) * keys + C * (values + 2 * Math.max(keys, values) + 3 * C + 1);
    return group * own + CHUNKS * chunk + work;
  }

  /// A sequence and `count` heads from `first` on.
  ///
  /// @return the heads, as bits from `first` on, that have to go token by token, their results
  ///   unfinished
  int run(int base, int n, int first, int count, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    int start = s.start(n);
    int length = s.end(n) - start;
    if (!GlaChunks.suits(length)) {
      return (1 << count) - 1;
    }
    int work = base + count * ownSize;
    int strong = 0;
    for (int i = 0; i < count; i++) {
      int own = base + i * ownSize;
      turnedState(into.dHt(), n * s.H + first + i, own, work);
      Arrays.fill(x, own + runningAt, own + runningAt + keys, 0.0f);
    }
    for (int at = (length - 1) / INTERVAL * INTERVAL; at >= 0; at -= INTERVAL) {
      int steps = Math.min(INTERVAL, length - at);
      prefetched = readAhead(into, start + at, steps, first, count);
      for (int i = 0; i < count; i++) {
        boolean there = (strong >> i & 1) == 0;
        if (there && !stretch(base + i * ownSize, work, n, at, steps, first + i, into)) {
          strong |= 1 << i;
        }
      }
    }
    for (int i = 0; i < count; i++) {
      storeStart(into, n, first + i, base + i * ownSize);
    }
    return strong;
  }

  private float readAhead(GlaHost.Cotangents into, int t, int steps, int first, int count) {
    float read = sweep.gatesAhead(in.g(), t, steps, first, count);
    read += sweep.keysAhead(in.k(), t, steps, first, count);
    read += sweep.keysAhead(in.q(), t, steps, first, count);
    read += sweep.valuesAhead(in.v(), t, steps, first, count);
    return read + sweep.valuesAhead(into.dO(), t, steps, first, count);
  }

  /// The state of this number `[K, V]` transposed, 0 beyond and where there are none.
  private void turnedState(float @Nullable [] from, int number, int to, int work) {
    GlaSweep s = sweep;
    int at = number * s.K * s.V;
    if (from != null && s.K == keys && s.V == values) {
      SmallTranspose.run(keys, values, from, at, s.V, x, to, keys, x, work + squareAt);
      return;
    }
    Arrays.fill(x, to, to + values * keys, 0.0f);
    for (int c = 0; from != null && c < s.K; c++) {
      for (int r = 0; r < s.V; r++) {
        x[to + r * keys + c] = from[at + c * s.V + r];
      }
    }
  }

  private void storeStart(GlaHost.Cotangents into, int n, int h, int own) {
    GlaSweep s = sweep;
    float[] dH0 = into.dH0();
    int at = (n * s.H + h) * s.K * s.V;
    for (int c = 0; dH0 != null && c < s.K; c++) {
      for (int r = 0; r < s.V; r++) {
        dH0[at + c * s.V + r] = x[own + r * keys + c];
      }
    }
  }

  /// Where the forward pass keeps states, in states of one head.
  ///
  /// @param at tokens of the sequence before the stretch, not 0
  static int place(GlaSweep s, int n, int at, int h) {
    return (s.start(n) / INTERVAL + at / INTERVAL - 1) * s.H + h;
  }

  /// A head's stretch of `steps` tokens; false where its gates are too strong.
  private boolean stretch(
      int own, int work, int n, int at, int steps, int h, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    int start = s.start(n) + at;
    int end = start + steps;
    boolean last = end == s.end(n);
    if (at == 0) {
      turnedState(in.h0(), n * s.H + h, work, work);
    } else {
      turnedState(into.kept(), place(s, n, at, h), work, work);
    }
    int whole = work + wholeAt;
    Arrays.fill(x, whole, whole + keys, 1.0f);
    float[] dHt = last && into.dG() != null && s.gate != GateKind.FIXED ? into.dHt() : null;
    int anew = 0;
    for (int c = 0; c * C < steps; c++) {
      int t = start + c * C;
      int chunk = work + c * chunkSize;
      GlaChunks.Decay decay = decayed(t, h, chunk, whole, Math.min(C, end - t));
      if (decay == GlaChunks.Decay.STRONG) {
        return false;
      }
      anew |= decay == GlaChunks.Decay.ANEW ? 1 << c : 0;
      if (t + C < end) {
        advance(chunk, c + 1 < CHUNKS ? chunk + chunkSize : work + CHUNKS * chunkSize);
      } else if (dHt != null) {
        finalTerm(dHt, n, h, own, work, chunk, end - t);
      }
    }
    // Back in time the gradient counts from where the decays do.
    GlaChunkRows.scaleColumns(x, own, values, keys, keys, whole);
    for (int c = (steps - 1) / C; c >= 0; c--) {
      int t = start + c * C;
      int chunk = work + c * chunkSize;
      gradients(into, own, work, chunk, t, Math.min(C, end - t), h, last && t + C >= end);
      if ((anew >> c & 1) == 1) {
        GlaChunkRows.scaleColumns(x, own, values, keys, keys, chunk + anewAt);
      }
    }
    return true;
  }

  /// Decays, keys and values of a chunk; the state before it takes the decays where they begin
  /// anew.
  private GlaChunks.Decay decayed(int t, int h, int chunk, int whole, int steps) {
    GlaSweep s = sweep;
    System.arraycopy(x, whole, x, chunk + anewAt, keys);
    GlaChunks.Decay decay = GlaChunks.judged(rows(t, h, chunk, whole, steps), x, whole, keys);
    if (decay == GlaChunks.Decay.ANEW) {
      rows(t, h, chunk, whole, steps);
      GlaChunkRows.scaleColumns(x, chunk, values, keys, keys, chunk + anewAt);
    }
    int value = (t * s.H + h) * s.V;
    GlaChunkRows.copied(in.v(), value, s.H * s.V, s.V, x, chunk + valuesAt, wide, values, steps);
    return decay;
  }

  private boolean rows(int t, int h, int chunk, int whole, int steps) {
    GlaSweep s = sweep;
    int timeStride = s.gate.timeStride(s.H, s.K);
    return GlaChunkRows.decayed(
        in.g(),
        t * timeStride + h * s.gate.headStride(s.K),
        timeStride,
        s.gate == GateKind.KEY,
        GlaChunks.LIMIT,
        in.k(),
        (t * s.H + h) * s.K,
        s.H * s.K,
        s.K,
        x,
        whole,
        chunk + decayAt,
        chunk + inverseAt,
        chunk + keysAt,
        keys,
        steps);
  }

  /// `S̃ + vᵀ k̃`, the state after a chunk.
  private void advance(int chunk, int to) {
    SmallProduct.sum(
        values,
        keys,
        C,
        x,
        chunk + valuesAt,
        1,
        wide,
        x,
        chunk + keysAt,
        keys,
        x,
        chunk,
        keys,
        x,
        to,
        keys);
  }

  /// Begins the gate's sums with `Σ_v S[k,v] · dHt[k,v]`, without what the last token has put into
  /// the final state, since that does not decay.
  private void finalTerm(float[] dHt, int n, int h, int own, int work, int chunk, int steps) {
    GlaSweep s = sweep;
    int row = chunk + keysAt + (steps - 1) * keys;
    int spare = work + turnedAt;
    int state = work + CHUNKS * chunkSize;
    System.arraycopy(x, row, x, spare, keys);
    Arrays.fill(x, row, row + keys, 0.0f);
    advance(chunk, state);
    System.arraycopy(x, spare, x, row, keys);
    int at = (n * s.H + h) * s.K * s.V;
    for (int c = 0; c < s.K; c++) {
      float sum = 0.0f;
      for (int r = 0; r < s.V; r++) {
        sum += x[state + r * keys + c] * dHt[at + c * s.V + r];
      }
      int running = own + runningAt + (s.gate == GateKind.KEY ? c : 0);
      x[running] += sum * x[work + wholeAt + c];
    }
  }

  /// A chunk's gradients, and that of the state before it.
  private void gradients(
      GlaHost.Cotangents into,
      int own,
      int work,
      int chunk,
      int t,
      int steps,
      int h,
      boolean last) {
    GlaSweep s = sweep;
    int left = work + leftAt;
    int turned = work + turnedAt;
    int queries = own + queriesAt;
    int square = work + squareAt;
    int value = (t * s.H + h) * s.V;
    int key = (t * s.H + h) * s.K;
    GlaChunkRows.multiplied(
        in.q(), key, s.H * s.K, s.K, s.scale, x, chunk + decayAt, keys, queries, keys, steps);
    GlaChunkRows.copied(into.dO(), value, s.H * s.V, s.V, x, left, wide, values, steps);
    // dO_i·v_j, left of the diagonal beside dO and turned round beside v.
    SmallTranspose.run(C, values, x, chunk + valuesAt, wide, x, turned, C, x, square);
    SmallProduct.multiply(C, C, values, x, left, wide, 1, x, turned, C, x, left + values, wide);
    GlaChunkRows.keepStrictlyLower(x, left + values, wide, work + metAt);
    SmallTranspose.run(C, C, x, left + values, wide, x, chunk + valuesAt + values, wide, x, square);
    SmallProduct.multiply(
        C, keys, wide, x, left, wide, 1, x, chunk, keys, x, work + dQueriesAt, keys);
    SmallProduct.multiply(
        C, keys, wide, x, chunk + valuesAt, wide, 1, x, own, keys, x, work + dKeysAt, keys);
    keyRows(into, own, work, chunk, key, steps, last);
    valueRows(into.dV(), own, work, chunk, value, steps);
    SmallProduct.add(values, keys, C, x, left, 1, wide, x, queries, keys, x, own, keys);
  }

  /// `dQ = scale·(d ⊙ dq̃ + own·k)`, `dK = dk̃ ⊘ d + own·scale·q` and, back in time, a running sum
  /// that gains `scale·q ⊙ d ⊙ dq̃`, loses `k ⊙ dk̃ ⊘ d` (not at the last token, whose final term
  /// has it left out already) and is `dG`; what a token gets from itself takes no part in it.
  private void keyRows(
      GlaHost.Cotangents into, int own, int work, int chunk, int key, int steps, boolean last) {
    GlaSweep s = sweep;
    int dQ = work + dQueriesAt;
    int dK = work + dKeysAt;
    int d = chunk + decayAt;
    int inverse = chunk + inverseAt;
    int met = work + metAt;
    int step = s.H * s.K;
    float[] q = in.q();
    float[] k = in.k();
    float[] dG = into.dG();
    if (dG != null && s.gate == GateKind.KEY) {
      int running = own + runningAt;
      int whole = last ? steps - 1 : -1;
      GlaChunkRows.meet(
          x, dQ, d, dK, inverse, keys, met, running, s.scale, q, k, into.dQ(), into.dK(), dG, key,
          step, s.K, steps, whole);
      return;
    }
    GlaChunkRows.mix(x, dQ, d, keys, met, s.scale, s.scale, k, into.dQ(), key, step, s.K, steps);
    GlaChunkRows.mix(x, dK, inverse, keys, met, 1.0f, s.scale, q, into.dK(), key, step, s.K, steps);
    if (dG != null && s.gate == GateKind.HEAD) {
      int head = key / s.K;
      for (int i = steps - 1; i >= 0; i--) {
        int at = (head + i * s.H) * s.keyPanels;
        float given = s.scale * GlaChunkRows.dot(x, dQ + i * keys, q, key + i * step, s.K);
        float taken = GlaChunkRows.dot(x, dK + i * keys, k, key + i * step, s.K);
        x[own + runningAt] += given - (last && i == steps - 1 ? 0.0f : taken);
        Arrays.fill(dG, at, at + s.keyPanels, 0.0f);
        dG[at] = x[own + runningAt];
      }
    }
  }

  /// `dV = k̃ D̃ + tril(q̃ k̃ᵀ)ᵀ dO`, the first transposed until it lies in rows.
  private void valueRows(float[] dV, int own, int work, int chunk, int value, int steps) {
    GlaSweep s = sweep;
    int turned = work + turnedAt;
    int scores = work + scoresAt;
    int out = work + outAt;
    int square = work + squareAt;
    int left = work + leftAt;
    SmallTranspose.run(C, keys, x, chunk + keysAt, keys, x, turned, C, x, square);
    SmallProduct.multiply(C, C, keys, x, own + queriesAt, keys, 1, x, turned, C, x, scores, C);
    GlaChunkRows.keepLower(x, scores, C);
    SmallProduct.multiply(values, C, keys, x, own, keys, 1, x, turned, C, x, out, C);
    if (steps == C && s.V == values) {
      int step = s.H * s.V;
      SmallTranspose.run(values, C, x, out, C, dV, value, step, x, square);
      SmallProduct.add(C, values, C, x, scores, 1, C, x, left, wide, dV, value, step);
    } else {
      // The keys have been used.
      SmallTranspose.run(values, C, x, out, C, x, turned, values, x, square);
      SmallProduct.add(C, values, C, x, scores, 1, C, x, left, wide, x, turned, values);
      GlaBlock.store(x, turned, values, dV, value, s.H * s.V, s.V, steps);
    }
  }
}
