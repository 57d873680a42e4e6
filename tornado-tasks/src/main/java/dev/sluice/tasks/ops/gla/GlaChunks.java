package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.host.SmallProduct;
import dev.sluice.tasks.host.SmallTranspose;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The form of [GlaHost] for gates that are not too strong: chunks of 16 tokens as products of
/// small matrices.
///
/// With `P_i` the decay from an earlier point up to token `i`, queries are multiplied by it and
/// keys divided: `o = [q̃ | tril(q̃ k̃ᵀ)] · [S̃; v]` and `S̃ ← S̃ + k̃ᵀ v` with the state `S = P ⊙
/// S̃`. The point moves to the chunk's begin when `P` gets far from 1. A division loses no more
/// than its rounding, but what it gives must stay finite: hence the limit on gates.
///
/// A group of heads takes its chunks in turn, and rows of all of them are read ahead, some chunks'
/// at a time: a head's part of them comes from memory at a quarter of the speed.
///
/// [GlaChunkGradients] is the backward pass.
final class GlaChunks {
  private static final int C = GlaChunkRows.C;

  /// The most that log gates of a key may add up to in a chunk.
  static final float LIMIT = 40.0f;

  /// The most by which factors may be away from 1 after a chunk while the state leaves them be.
  private static final float CARRIED = 1e9f;

  private final GlaSweep sweep;
  private final GlaHost.Operands in;
  private final float[] x;
  private final int keys;
  private final int values;

  /// Rows of the left matrix: keys, then a chunk's tokens.
  private final int wide;

  // Places in a head's scratch; the state begins it.
  private final int chunkAt;
  private final int wholeAt;
  private final int ownSize;

  // Places in the scratch of all heads' chunks, one of which is in work.
  private final int scaledAt;
  private final int sharedAt;
  private final int squareAt;

  /// Where sums of what was read ahead go; nothing reads it.
  private float prefetched;

  /// @param scratch [#scratch] floats from the place that the pass is given, Overwritten
  GlaChunks(GlaSweep sweep, GlaHost.Operands in, float[] scratch) {
    this.sweep = sweep;
    this.in = in;
    x = scratch;
    keys = padded(sweep.K);
    values = padded(sweep.V);
    wide = keys + C;
    chunkAt = keys * values;
    wholeAt = chunkAt + C * values;
    ownSize = wholeAt + 2 * keys;
    scaledAt = C * wide;
    sharedAt = scaledAt + C * keys;
    squareAt = sharedAt + C * Math.max(keys, values);
  }

  static int padded(int size) {
    return Math.ceilDiv(size, C) * C;
  }

  /// Floats of scratch of the forward pass over a group of heads.
  static int scratch(GlaDimensions dims, int group) {
    int keys = padded(dims.keySize());
    int values = padded(dims.valueSize());
    int most = Math.max(keys, values);
    return group * ((keys + C) * values + 2 * keys) + C * (2 * keys + most + 2 * C);
  }

  /// Whether a sequence is long enough for chunks.
  static boolean suits(int length) {
    return length >= C / 2;
  }

  /// How the decays of a chunk relate to the state before it.
  enum Decay {
    /// The state has yet to take them, along with those before.
    CARRIED,

    /// They had become too large to carry on and have begun anew at the chunk: the state has to
    /// take those before.
    ANEW,

    /// Gates are beyond [#LIMIT].
    STRONG
  }

  /// How decays relate to the state once a chunk's are in them. Where they have to begin anew, they
  /// are 1 again and the chunk's rows are to be computed once more.
  ///
  /// @param bounded whether the chunk's gates are within [#LIMIT]
  /// @param whole `[keys]`: decays of all the state has yet to take
  static Decay judged(boolean bounded, float[] x, int whole, int keys) {
    if (!bounded) {
      return Decay.STRONG;
    }
    if (GlaChunkRows.within(x, whole, keys, CARRIED)) {
      return Decay.CARRIED;
    }
    Arrays.fill(x, whole, whole + keys, 1.0f);
    return Decay.ANEW;
  }

  /// A chunk's keys divided by their decays and its queries multiplied, whose rows begin the left
  /// matrix.
  ///
  /// @param whole `[2, keys]`: decays of all the state has yet to take, which grow by the chunk's;
  ///   then those before
  private Decay weighed(int t, int h, int left, int scaled, int whole, int steps) {
    System.arraycopy(x, whole, x, whole + keys, keys);
    Decay decay = judged(rows(t, h, left, scaled, whole, steps), x, whole, keys);
    if (decay == Decay.ANEW) {
      rows(t, h, left, scaled, whole, steps);
    }
    return decay;
  }

  private boolean rows(int t, int h, int left, int scaled, int whole, int steps) {
    GlaSweep s = sweep;
    int timeStride = s.gate.timeStride(s.H, s.K);
    return GlaChunkRows.weighed(
        in.g(),
        t * timeStride + h * s.gate.headStride(s.K),
        timeStride,
        s.gate == GateKind.KEY,
        LIMIT,
        in.k(),
        in.q(),
        (t * s.H + h) * s.K,
        s.H * s.K,
        s.K,
        s.scale,
        x,
        whole,
        keys,
        scaled,
        left,
        wide,
        steps);
  }

  /// A sequence and `count` heads from `first` on forward.
  ///
  /// @return the heads, as bits from `first` on, that have to go token by token, their results
  ///   unfinished
  int forward(int base, int n, int first, int count, GlaHost.Outputs into) {
    GlaSweep s = sweep;
    int start = s.start(n);
    int end = s.end(n);
    int left = (1 << count) - 1;
    if (!suits(end - start)) {
      return left;
    }
    for (int i = 0; i < count; i++) {
      int own = base + i * ownSize;
      loadState(in.h0(), (n * s.H + first + i) * s.K * s.V, own);
      Arrays.fill(x, own + wholeAt, own + wholeAt + keys, 1.0f);
    }
    int work = base + count * ownSize;
    int span = s.span(count);
    int strong = 0;
    for (int t = start; t < end; t += C) {
      if ((t - start) % span == 0) {
        readAhead(t, Math.min(span, end - t), first, count);
      }
      boolean kept = t > start && (t - start) % GlaChunkGradients.INTERVAL == 0;
      if (kept && into.kept() != null) {
        keep(into.kept(), base, n, t - start, first, count);
      }
      for (int i = 0; i < count; i++) {
        boolean there = (strong >> i & 1) == 0;
        if (there && !chunk(base + i * ownSize, work, t, Math.min(C, end - t), first + i, into)) {
          strong |= 1 << i;
        }
      }
    }
    for (int i = 0; i < count; i++) {
      int own = base + i * ownSize;
      GlaChunkRows.scaleRows(x, own, keys, values, own + wholeAt);
      int stateAt = (n * s.H + first + i) * s.K * s.V;
      GlaBlock.store(x, own, values, into.ht(), stateAt, s.V, s.V, s.K);
    }
    return strong;
  }

  private void keep(float[] kept, int base, int n, int at, int first, int count) {
    GlaSweep s = sweep;
    for (int i = 0; i < count; i++) {
      int own = base + i * ownSize;
      int place = GlaChunkGradients.place(s, n, at, first + i) * s.K * s.V;
      GlaChunkRows.storeScaled(x, own, values, own + wholeAt, s.K, kept, place, s.V);
    }
  }

  private void readAhead(int t, int steps, int first, int count) {
    float read = sweep.gatesAhead(in.g(), t, steps, first, count);
    read += sweep.keysAhead(in.k(), t, steps, first, count);
    read += sweep.keysAhead(in.q(), t, steps, first, count);
    prefetched = read + sweep.valuesAhead(in.v(), t, steps, first, count);
  }

  /// A chunk of a head; false where its gates are too strong.
  private boolean chunk(int state, int left, int t, int steps, int h, GlaHost.Outputs into) {
    GlaSweep s = sweep;
    int chunk = state + chunkAt;
    int whole = state + wholeAt;
    int scaled = left + scaledAt;
    int shared = left + sharedAt;
    int value = (t * s.H + h) * s.V;
    int valueStep = s.H * s.V;
    Decay decay = weighed(t, h, left, scaled, whole, steps);
    if (decay == Decay.STRONG) {
      return false;
    }
    if (decay == Decay.ANEW) {
      GlaChunkRows.scaleRows(x, state, keys, values, whole + keys);
    }
    GlaChunkRows.copied(in.v(), value, valueStep, s.V, x, chunk, values, values, steps);
    SmallTranspose.run(C, keys, x, scaled, keys, x, shared, C, x, left + squareAt);
    SmallProduct.multiply(C, C, keys, x, left, wide, 1, x, shared, C, x, left + keys, wide);
    GlaChunkRows.keepLower(x, left + keys, wide);
    float[] o = into.o();
    if (steps == C && s.V == values) {
      SmallProduct.multiply(
          C, values, wide, x, left, wide, 1, x, state, values, o, value, valueStep);
    } else {
      // One place in turn for transposed keys and outputs: the first cache is small.
      SmallProduct.multiply(C, values, wide, x, left, wide, 1, x, state, values, x, shared, values);
      GlaBlock.store(x, shared, values, o, value, valueStep, s.V, steps);
    }
    SmallProduct.add(keys, values, C, x, scaled, 1, keys, x, chunk, values, x, state, values);
    return true;
  }

  private void loadState(float @Nullable [] from, int at, int to) {
    Arrays.fill(x, to, to + keys * values, 0.0f);
    if (from != null) {
      GlaBlock.load(from, at, sweep.V, sweep.V, 1.0f, x, to, values, sweep.K);
    }
  }
}
