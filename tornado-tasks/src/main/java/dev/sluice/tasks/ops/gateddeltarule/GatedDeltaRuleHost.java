package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.host.Prefetch;
import dev.sluice.tasks.host.SmallProduct;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The chunked form for the JVM's Vector API, forward.
///
/// Chunks of 16 tokens: products with the state and inside the chunk are small matrix products, and
/// the WY form's triangular system is solved token after token. A part of the work is a sequence
/// and a group of key heads, which share nothing, so the result does not depend on the number of
/// threads. Heads of a part take stretches of tokens in turn, whose rows are read ahead together;
/// see [HeadGroups].
final class GatedDeltaRuleHost {
  /// Tokens from one kept state to the next.
  static final int INTERVAL = 64;

  private static final int C = DeltaRuleChunk.C;

  private GatedDeltaRuleHost() {}

  /// Sizes, the factor of the output and the key heads of a part.
  record Sizes(int N, int T, int H, int HV, int K, int V, float scale, int group) {
    int parts() {
      return N * groups();
    }

    /// The sequence of a part.
    int sequence(int part) {
      return part / groups();
    }

    /// The first value head of a part.
    int first(int part) {
      return part % groups() * group * (HV / H);
    }

    /// Value heads of a part.
    int count(int part) {
      return Math.min(group * (HV / H), HV - first(part));
    }

    private int groups() {
      return Math.ceilDiv(H, group);
    }

    /// The key head of a value head.
    int keyHead(int j) {
      return j / (HV / H);
    }

    int start(int @Nullable [] offsets, int n) {
      return offsets == null ? n * T : offsets[n];
    }
  }

  /// What both passes use.
  ///
  /// @param q `[M, H, K]`, Read
  /// @param k `[M, H, K]`, Read
  /// @param v `[M, HV, V]`, Read
  /// @param g `[M, HV]`, Read; null for no gate
  /// @param beta `[M, HV]`, Read
  /// @param initial `[N, HV, K, V]`, Read; null for zero
  /// @param offsets `[N+1]`, Read; null where sequences are not packed
  /// @param factors `[M, H, 2]`, Overwritten by the forward pass with what a row of `q` and one of
  ///   `k` is multiplied with to be of unit length; null where they are taken as they are
  /// @param residual `[M, HV, V]`, Overwritten by the forward pass with `r = v − Sᵀk`
  /// @param kept `[M/INTERVAL, HV, K, V]`, Overwritten by the forward pass with a state every
  ///   INTERVAL tokens but the first, placed as in [GatedDeltaRuleKernels]
  record Arrays(
      float[] q,
      float[] k,
      float[] v,
      float @Nullable [] g,
      float[] beta,
      float @Nullable [] initial,
      int @Nullable [] offsets,
      float @Nullable [] factors,
      float[] residual,
      float[] kept) {}

  /// The forward pass as a job of [Sizes#parts] parts.
  ///
  /// @param o `[M, HV, V]`, Overwritten
  /// @param last `[N, HV, K, V]`, Overwritten with the final states
  static IntConsumer forward(Sizes s, Arrays a, float[] o, float[] last) {
    return part -> forwardPart(s, a, o, last, part);
  }

  private static void forwardPart(Sizes s, Arrays a, float[] o, float[] last, int part) {
    int n = s.sequence(part);
    int first = s.first(part);
    int count = s.count(part);
    int start = s.start(a.offsets(), n);
    int length = s.start(a.offsets(), n + 1) - start;
    int size = s.K() * s.V();
    DeltaRuleChunk chunk = DeltaRuleChunk.of(s.K(), s.V(), count);
    for (int h = 0; h < count; h++) {
      chunk.take(h);
      chunk.loadState(a.initial(), (n * s.HV() + first + h) * size);
    }
    for (int i = 0; i < length; i += INTERVAL) {
      int steps = Math.min(INTERVAL, length - i);
      chunk.prefetched = readAhead(s, a, a.v(), start + i, steps, first, count);
      for (int h = 0; h < count; h++) {
        chunk.take(h);
        if (i > 0) {
          int place = start / INTERVAL + i / INTERVAL - 1;
          chunk.storeState(a.kept(), (place * s.HV() + first + h) * size);
        }
        for (int t = 0; t < steps; t += C) {
          forwardRows(s, a, o, chunk, start + i + t, Math.min(C, steps - t), first + h);
        }
      }
    }
    for (int h = 0; h < count; h++) {
      chunk.take(h);
      chunk.storeState(last, (n * s.HV() + first + h) * size);
    }
  }

  /// Has rows of a stretch of tokens on their way: of queries, keys and `values`.
  static float readAhead(
      Sizes s, Arrays a, float[] values, int t, int steps, int first, int count) {
    int key = (t * s.H() + s.keyHead(first)) * s.K();
    int keys = count / (s.HV() / s.H()) * s.K();
    float read = Prefetch.rows(a.k(), key, s.H() * s.K(), keys, steps);
    read += Prefetch.rows(a.q(), key, s.H() * s.K(), keys, steps);
    return read + valuesAhead(s, values, t, steps, first, count);
  }

  /// As [#readAhead], of values alone.
  static float valuesAhead(Sizes s, float[] values, int t, int steps, int first, int count) {
    int step = s.HV() * s.V();
    return Prefetch.rows(values, t * step + first * s.V(), step, count * s.V(), steps);
  }

  private static void forwardRows(
      Sizes s, Arrays a, float[] o, DeltaRuleChunk chunk, int t, int count, int j) {
    int at = (t * s.HV() + j) * s.V();
    int step = s.HV() * s.V();
    int values = chunk.values;
    loadKeys(s, a, chunk, t, count, j);
    loadQueries(s, a, chunk, t, count, j);
    DeltaRuleChunk.load(count, s.V(), a.v(), at, step, chunk.mem, chunk.residual, values);
    chunk.multiplyRows();
    if (a.factors() == null) {
      loadFactors(s, a, chunk, t, count, j);
    } else {
      saveFactors(s, a.factors(), chunk, t, count, j);
    }
    forwardChunk(chunk);
    DeltaRuleChunk.store(count, s.V(), chunk.mem, chunk.held + C * values, values, o, at, step);
    DeltaRuleChunk.store(count, s.V(), chunk.mem, chunk.residual, values, a.residual(), at, step);
  }

  /// Loads `k`, the gates and β of a chunk.
  static void loadKeys(Sizes s, Arrays a, DeltaRuleChunk chunk, int t, int count, int j) {
    loadRows(s, a.k(), chunk, t, count, j, 0);
    chunk.gates(count, a.g(), a.beta(), t * s.HV() + j, s.HV());
  }

  /// Loads `q` of a chunk.
  static void loadQueries(Sizes s, Arrays a, DeltaRuleChunk chunk, int t, int count, int j) {
    loadRows(s, a.q(), chunk, t, count, j, C);
  }

  private static void loadRows(
      Sizes s, float[] x, DeltaRuleChunk chunk, int t, int count, int j, int row) {
    int from = (t * s.H() + s.keyHead(j)) * s.K();
    int keys = chunk.keys;
    DeltaRuleChunk.load(
        count, s.K(), x, from, s.H() * s.K(), chunk.mem, chunk.kq + row * keys, keys);
  }

  /// Takes the factors of a chunk's rows as the forward pass saved them, 1 where there are none,
  /// and weighs by them.
  static void loadFactors(Sizes s, Arrays a, DeltaRuleChunk chunk, int t, int count, int j) {
    float[] saved = a.factors();
    for (int i = 0; i < C; i++) {
      int at = ((t + i) * s.H() + s.keyHead(j)) * 2;
      chunk.mem[chunk.factors + i] = saved == null || i >= count ? 1.0f : saved[at + 1];
      chunk.mem[chunk.factors + C + i] = saved == null || i >= count ? 1.0f : saved[at];
    }
    chunk.weigh(s.scale());
  }

  /// Finds the factors of a chunk's rows, saves them and weighs by them.
  private static void saveFactors(
      Sizes s, float[] saved, DeltaRuleChunk chunk, int t, int count, int j) {
    chunk.findFactors();
    for (int i = 0; i < count; i++) {
      int at = ((t + i) * s.H() + s.keyHead(j)) * 2;
      saved[at] = chunk.mem[chunk.factors + C + i];
      saved[at + 1] = chunk.mem[chunk.factors + i];
    }
    chunk.weigh(s.scale());
  }

  /// Residuals, outputs and the state after the chunk.
  private static void forwardChunk(DeltaRuleChunk c) {
    float[] mem = c.mem;
    int keys = c.keys;
    int values = c.values;
    int out = c.held + C * values;
    c.weighScores();
    SmallProduct.multiply(
        2 * C, values, c.keySize, mem, c.kq, keys, 1, mem, c.state, values, mem, c.held, values);
    c.solve();
    c.scaleRows(c.toStart + C, values, mem, out);
    SmallProduct.add(
        C, values, C, mem, c.scores + C * C, C, 1, mem, c.update, values, mem, out, values);
    c.scaleRows(c.toEnd, keys, mem, c.kq);
    DeltaRuleChunk.scale(c.wholeDecay(), keys * values, mem, c.state);
    SmallProduct.add(
        keys, values, C, mem, c.kq, 1, keys, mem, c.update, values, mem, c.state, values);
  }
}
