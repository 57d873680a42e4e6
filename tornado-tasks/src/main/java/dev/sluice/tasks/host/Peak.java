package dev.sluice.tasks.host;

import dev.sluice.embedded.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// What this machine can do at most, measured by loops that do nothing else; what other figures are
/// fractions of. Measure it in the same run as these: clocks and neighbours change.
public final class Peak {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;

  /// Vectors in flight: latency times two units, and some to spare.
  private static final int CHAINS = 12;

  private static final int STEPS = 200_000;

  /// Divisions in flight.
  private static final int QUOTIENTS = 6;

  private static final int DIVISIONS = 50_000;
  private static final int REPEATS = 12;

  /// Floats a thread copies: far more than its share of any cache.
  private static final int COPY = 1 << 24;

  private static volatile float sink;

  private Peak() {}

  /// The most fp32 multiply-adds, counted as two operations each, on registers only.
  ///
  /// @param workers the pool, all of whose threads compute
  /// @return operations per second, the best of several runs
  public static double multiplyAdd(Workers workers) {
    double best = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      long start = System.nanoTime();
      workers.run(workers.threads(), part -> sink = chains(STEPS));
      double seconds = (System.nanoTime() - start) * 1e-9;
      best = Math.max(best, 2.0 * CHAINS * STEPS * Lanes.COUNT * workers.threads() / seconds);
    }
    return best;
  }

  /// The most fp32 divisions on registers.
  ///
  /// @param workers the pool, all of whose threads divide
  /// @return divisions per second, the best of several runs
  public static double divide(Workers workers) {
    double best = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      long start = System.nanoTime();
      workers.run(workers.threads(), part -> sink = quotients(DIVISIONS));
      double seconds = (System.nanoTime() - start) * 1e-9;
      best =
          Math.max(
              best, (double) QUOTIENTS * DIVISIONS * Lanes.COUNT * workers.threads() / seconds);
    }
    return best;
  }

  /// The most bytes a copy of large arrays moves, read and written counted.
  ///
  /// @param workers the pool, all of whose threads copy
  /// @return bytes per second, the best of several runs
  public static double copy(Workers workers) {
    float[] from = new float[COPY];
    float[] to = new float[COPY];
    double best = 0;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
      long start = System.nanoTime();
      Elementwise.copy(workers, COPY, from, 0, to, 0);
      double seconds = (System.nanoTime() - start) * 1e-9;
      best = Math.max(best, 8.0 * COPY / seconds);
    }
    sink = to[COPY / 2];
    return best;
  }

  private static float chains(int steps) {
    FloatVector x = FloatVector.broadcast(S, 0.999f);
    FloatVector y = FloatVector.broadcast(S, 1e-3f);
    FloatVector a = y;
    FloatVector b = y;
    FloatVector c = y;
    FloatVector d = y;
    FloatVector e = y;
    FloatVector f = y;
    FloatVector g = y;
    FloatVector h = y;
    FloatVector i = y;
    FloatVector j = y;
    FloatVector k = y;
    FloatVector l = y;
    for (int step = 0; step < steps; step++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    FloatVector sum = a.add(b).add(c).add(d).add(e).add(f);
    return VectorMath.sum(sum.add(g).add(h).add(i).add(j).add(k).add(l));
  }

  private static float quotients(int steps) {
    FloatVector x = FloatVector.broadcast(S, 0.999f);
    FloatVector a = x;
    FloatVector b = x;
    FloatVector c = x;
    FloatVector d = x;
    FloatVector e = x;
    FloatVector f = x;
    for (int step = 0; step < steps; step++) {
      a = x.div(a);
      b = x.div(b);
      c = x.div(c);
      d = x.div(d);
      e = x.div(e);
      f = x.div(f);
    }
    return VectorMath.sum(a.add(b).add(c).add(d).add(e).add(f));
  }
}
