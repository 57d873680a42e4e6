package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleHost.Arrays;
import dev.sluice.tasks.ops.gateddeltarule.GatedDeltaRuleHost.Sizes;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The chunked form for the JVM's Vector API, backward.
///
/// The states before the chunks of a stretch are computed again from the kept one, then the chunks
/// are walked from the last to the first with the gradient of the state.
final class GatedDeltaRuleHostBackward {
  private static final int C = DeltaRuleChunk.C;
  private static final int INTERVAL = GatedDeltaRuleHost.INTERVAL;

  private GatedDeltaRuleHostBackward() {}

  /// The gradients; all Overwritten but the first two, which are Read.
  ///
  /// @param dO `[M, HV, V]`
  /// @param dLast `[N, HV, K, V]`, or null for zero
  /// @param dG `[M, HV]`, or null where there is no gate
  record Gradients(
      float[] dO,
      float @Nullable [] dLast,
      float[] dQ,
      float[] dK,
      float[] dV,
      float @Nullable [] dG,
      float[] dBeta,
      float[] dInitial) {}

  /// The backward pass as a job of [Sizes#parts] parts.
  static IntConsumer backward(Sizes s, Arrays a, Gradients d) {
    return part -> backwardPart(s, a, d, part);
  }

  private static void backwardPart(Sizes s, Arrays a, Gradients d, int part) {
    int n = s.sequence(part);
    int first = s.first(part);
    int count = s.count(part);
    int start = s.start(a.offsets(), n);
    int length = s.start(a.offsets(), n + 1) - start;
    int size = s.K() * s.V();
    DeltaRuleBackwardChunk work = DeltaRuleBackwardChunk.of(s.K(), s.V(), count);
    DeltaRuleChunk chunk = work.chunk;
    for (int h = 0; h < count; h++) {
      work.take(h);
      chunk.loadState(d.dLast(), (n * s.HV() + first + h) * size);
      work.turnState(work.dState);
    }
    for (int i = (length - 1) / INTERVAL * INTERVAL; i >= 0; i -= INTERVAL) {
      int steps = Math.min(INTERVAL, length - i);
      float read = GatedDeltaRuleHost.readAhead(s, a, a.residual(), start + i, steps, first, count);
      chunk.prefetched =
          read + GatedDeltaRuleHost.valuesAhead(s, d.dO(), start + i, steps, first, count);
      for (int h = 0; h < count; h++) {
        work.take(h);
        if (i == 0) {
          chunk.loadState(a.initial(), (n * s.HV() + first + h) * size);
        } else {
          int place = start / INTERVAL + i / INTERVAL - 1;
          chunk.loadState(a.kept(), (place * s.HV() + first + h) * size);
        }
        backwardStretch(s, a, d, work, start + i, steps, first + h);
      }
    }
    for (int h = 0; h < count; h++) {
      work.take(h);
      work.turnBack(work.dState);
      chunk.storeState(d.dInitial(), (n * s.HV() + first + h) * size);
    }
  }

  /// The stretch of `steps` tokens from `start` on of value head `j`, whose first state is loaded.
  private static void backwardStretch(
      Sizes s, Arrays a, Gradients d, DeltaRuleBackwardChunk work, int start, int steps, int j) {
    work.turnState(work.before(0));
    int last = (steps - 1) / C;
    for (int c = 0; c < last; c++) {
      int t = start + c * C;
      GatedDeltaRuleHost.loadKeys(s, a, work.chunk, t, C, j);
      GatedDeltaRuleHost.loadFactors(s, a, work.chunk, t, C, j);
      loadUpdate(s, a, work, t, C, j);
      work.advance(work.before(c), work.before(c + 1));
    }
    boolean add = j % (s.HV() / s.H()) > 0;
    for (int c = last; c >= 0; c--) {
      int t = c * C;
      backwardChunk(s, a, d, work, work.before(c), start + t, Math.min(C, steps - t), j, add);
    }
  }

  private static void loadUpdate(
      Sizes s, Arrays a, DeltaRuleBackwardChunk work, int t, int count, int j) {
    int at = (t * s.HV() + j) * s.V();
    int values = work.chunk.values;
    DeltaRuleChunk.load(
        count,
        s.V(),
        a.residual(),
        at,
        s.HV() * s.V(),
        work.chunk.mem,
        work.chunk.residual,
        values);
    work.fillUpdate();
  }

  private static void backwardChunk(
      Sizes s,
      Arrays a,
      Gradients d,
      DeltaRuleBackwardChunk work,
      int before,
      int t,
      int count,
      int j,
      boolean add) {
    DeltaRuleChunk chunk = work.chunk;
    int values = chunk.values;
    int at = (t * s.HV() + j) * s.V();
    int step = s.HV() * s.V();
    GatedDeltaRuleHost.loadKeys(s, a, chunk, t, count, j);
    GatedDeltaRuleHost.loadQueries(s, a, chunk, t, count, j);
    loadUpdate(s, a, work, t, count, j);
    DeltaRuleChunk.load(
        count, s.V(), d.dO(), at, step, work.mem, work.dValues + C * values, values);
    GatedDeltaRuleHost.loadFactors(s, a, chunk, t, count, j);
    chunk.multiplyRows();
    chunk.weighScores();
    work.solve();
    DeltaRuleChunk.store(count, s.V(), work.mem, work.dValues, values, d.dV(), at, step);
    work.keyGradients(before);
    if (a.factors() != null) {
      work.throughNorm();
    }
    storeKeys(s, d, work, t, count, j, add);
    float[] dG = d.dG();
    if (dG != null) {
      work.gateGradients(before);
    }
    work.stateGradient();
    for (int i = 0; i < count; i++) {
      int head = (t + i) * s.HV() + j;
      d.dBeta()[head] = work.mem[work.dBeta + i];
      if (dG != null) {
        dG[head] = work.mem[work.dGate + i];
      }
    }
  }

  private static void storeKeys(
      Sizes s, Gradients d, DeltaRuleBackwardChunk work, int t, int count, int j, boolean add) {
    int row = (t * s.H() + s.keyHead(j)) * s.K();
    int step = s.H() * s.K();
    int keys = work.chunk.keys;
    if (add) {
      addRows(count, s.K(), work.mem, work.dKeys, keys, d.dK(), row, step);
      addRows(count, s.K(), work.mem, work.dKeys + C * keys, keys, d.dQ(), row, step);
    } else {
      DeltaRuleChunk.store(count, s.K(), work.mem, work.dKeys, keys, d.dK(), row, step);
      DeltaRuleChunk.store(count, s.K(), work.mem, work.dKeys + C * keys, keys, d.dQ(), row, step);
    }
  }

  private static void addRows(
      int count, int size, float[] from, int fromAt, int ld, float[] to, int toAt, int step) {
    for (int i = 0; i < count; i++) {
      for (int x = 0; x < size; x++) {
        to[toAt + i * step + x] += from[fromAt + i * ld + x];
      }
    }
  }
}
