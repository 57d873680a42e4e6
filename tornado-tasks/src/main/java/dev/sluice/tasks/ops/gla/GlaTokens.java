package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// The form of [GlaHost] for any gates: token by token, with tiles of the state in registers. `e^g`
/// is computed as it stands and never divided by.
///
/// A head is cut into panels of up to four vectors of the state's columns, which share nothing.
///
/// The backward pass makes three sweeps and keeps no states: the state again, forward in time, for
/// `dQ`; its gradient, backward in time, once with values as rows for `dK` and `dG` and once with
/// keys as rows for `dV` and `dH0`. So every sum runs over rows and none across a vector. For the
/// gate's gradient see [GlaKernels#backwardKey].
final class GlaTokens {
  private static final int L = Lanes.COUNT;
  private static final int STEPS = GlaSweep.STEPS;

  private final GlaSweep sweep;
  private final float[] scratch;
  private final float[] q;
  private final float[] k;
  private final float[] v;
  private final float[] g;
  private final float @Nullable [] h0;

  /// @param scratch [GlaSweep#scratch] floats from each place that a pass is given, Overwritten
  GlaTokens(GlaSweep sweep, GlaHost.Operands in, float[] scratch) {
    this.sweep = sweep;
    this.scratch = scratch;
    q = in.q();
    k = in.k();
    v = in.v();
    g = in.g();
    h0 = in.h0();
  }

  /// A sequence and a head forward.
  void forward(int base, int n, int h, GlaHost.Outputs into) {
    for (int panel = 0; panel < sweep.valuePanels; panel++) {
      forwardItem(base, n, h, panel, into);
    }
  }

  /// A sequence and a head backward.
  void backward(int base, int n, int h, GlaHost.Cotangents into) {
    for (int panel = 0; panel < sweep.keyPanels; panel++) {
      queryItem(base, n, h, panel, into);
      keyItem(base, n, h, panel, into);
    }
    for (int panel = 0; panel < sweep.valuePanels; panel++) {
      valueItem(base, n, h, panel, into);
    }
  }

  private void forwardItem(int base, int n, int h, int p, GlaHost.Outputs into) {
    GlaSweep s = sweep;
    float[] x = scratch;
    int rows = s.keyRows();
    int width = s.valuePanel;
    int d = base + rows * width;
    int a = d + STEPS * rows;
    int w = a + STEPS * rows;
    int b = w + STEPS * rows;
    int out = b + STEPS * width;
    int used = s.valueWidth(p);
    int first = p * width;
    int stateAt = (n * s.H + h) * s.K * s.V + first;
    loadState(h0, stateAt, used, base, rows, width);
    int keyStep = s.H * s.K;
    int valueStep = s.H * s.V;
    int end = s.end(n);
    for (int t = s.start(n); t < end; t += STEPS) {
      int steps = Math.min(STEPS, end - t);
      int key = (t * s.H + h) * s.K;
      int value = (t * s.H + h) * s.V + first;
      s.decays(g, t, 1, end, h, 0, s.K, x, d, rows, steps);
      GlaBlock.load(k, key, keyStep, s.K, 1.0f, x, a, rows, steps);
      GlaBlock.load(q, key, keyStep, s.K, s.scale, x, w, rows, steps);
      GlaBlock.load(v, value, valueStep, used, 1.0f, x, b, width, steps);
      GlaSweep.rowsDecay(x, base, s.K, rows, d, a, w, b, out, width, steps);
      GlaBlock.store(x, out, width, into.o(), value, valueStep, used, steps);
    }
    GlaBlock.store(x, base, width, into.ht(), stateAt, s.V, used, s.K);
  }

  /// Keys as rows, a panel of values as columns.
  private void loadState(float @Nullable [] from, int at, int used, int to, int rows, int width) {
    Arrays.fill(scratch, to, to + rows * width, 0.0f);
    if (from != null) {
      GlaBlock.load(from, at, sweep.V, used, 1.0f, scratch, to, width, sweep.K);
    }
  }

  private void valueItem(int base, int n, int h, int p, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    float[] x = scratch;
    int rows = s.keyRows();
    int width = s.valuePanel;
    int d = base + rows * width;
    int a = d + STEPS * rows;
    int w = a + STEPS * rows;
    int b = w + STEPS * rows;
    int out = b + STEPS * width;
    int used = s.valueWidth(p);
    int first = p * width;
    int stateAt = (n * s.H + h) * s.K * s.V + first;
    loadState(into.dHt(), stateAt, used, base, rows, width);
    int keyStep = -s.H * s.K;
    int valueStep = -s.H * s.V;
    int start = s.start(n);
    int end = s.end(n);
    for (int t = end - 1; t >= start; t -= STEPS) {
      int steps = Math.min(STEPS, t - start + 1);
      int key = (t * s.H + h) * s.K;
      int value = (t * s.H + h) * s.V + first;
      s.decays(g, t + 1, -1, end, h, 0, s.K, x, d, rows, steps);
      GlaBlock.load(q, key, keyStep, s.K, s.scale, x, a, rows, steps);
      GlaBlock.load(k, key, keyStep, s.K, 1.0f, x, w, rows, steps);
      GlaBlock.load(into.dO(), value, valueStep, used, 1.0f, x, b, width, steps);
      GlaSweep.rowsDecay(x, base, s.K, rows, d, a, w, b, out, width, steps);
      GlaBlock.store(x, out, width, into.dV(), value, valueStep, used, steps);
    }
    float[] dH0 = into.dH0();
    if (dH0 != null) {
      s.decays(g, start, 1, end, h, 0, s.K, x, d, rows, 1);
      for (int i = 0; i < s.K; i++) {
        for (int c = 0; c < width; c += L) {
          FloatVector.fromArray(Lanes.FLOATS, x, base + i * width + c)
              .mul(x[d + i])
              .intoArray(x, base + i * width + c);
        }
      }
      GlaBlock.store(x, base, width, dH0, stateAt, s.V, used, s.K);
    }
  }

  private void queryItem(int base, int n, int h, int p, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    float[] x = scratch;
    int rows = s.valueRows();
    int width = s.keyPanel;
    int a = base + rows * width;
    int w = a + STEPS * rows;
    int d = w + STEPS * rows;
    int b = d + STEPS * width;
    int out = b + STEPS * width;
    int own = out + STEPS * width;
    int used = s.keyWidth(p);
    int first = p * width;
    int stateAt = ((n * s.H + h) * s.K + first) * s.V;
    if (h0 == null) {
      Arrays.fill(x, base, base + rows * width, 0.0f);
    } else {
      GlaBlock.transpose(h0, stateAt, s.V, used, s.V, x, base, width, rows);
    }
    int keyStep = s.H * s.K;
    int valueStep = s.H * s.V;
    int end = s.end(n);
    for (int t = s.start(n); t < end; t += STEPS) {
      int steps = Math.min(STEPS, end - t);
      int key = (t * s.H + h) * s.K + first;
      int value = (t * s.H + h) * s.V;
      s.decays(g, t, 1, end, h, first, used, x, d, width, steps);
      GlaBlock.load(v, value, valueStep, s.V, 1.0f, x, a, rows, steps);
      GlaBlock.load(into.dO(), value, valueStep, s.V, 1.0f, x, w, rows, steps);
      GlaBlock.load(k, key, keyStep, used, 1.0f, x, b, width, steps);
      GlaBlock.dots(x, a, w, rows, own, steps);
      // The last token waits, so that the state before it can meet the final state's gradient.
      boolean last = into.dHt() != null && into.dG() != null && t + steps == end;
      int now = last ? steps - 1 : steps;
      GlaSweep.columnsDecay(x, base, s.V, rows, d, a, w, b, out, width, now);
      if (last) {
        int z = now * width;
        int r = now * rows;
        finalTerm(into, base, d + z, own + STEPS, width, used, stateAt);
        GlaSweep.columnsDecay(x, base, s.V, rows, d + z, a + r, w + r, b + z, out + z, width, 1);
      }
      for (int i = 0; i < steps; i++) {
        boolean term = last && i == now;
        queryToken(
            into, t + i, h, p, b + i * width, out + i * width, own + i, term ? own + STEPS : -1);
      }
    }
  }

  /// `x[to + c] = Σ_r d[c] · S[r,c] · dHt[c,r]`
  private void finalTerm(
      GlaHost.Cotangents into, int state, int d, int to, int width, int used, int stateAt) {
    float[] x = scratch;
    float[] dHt = into.dHt();
    if (dHt == null) {
      return;
    }
    Arrays.fill(x, to, to + width, 0.0f);
    for (int c = 0; c < used; c++) {
      float sum = 0.0f;
      for (int r = 0; r < sweep.V; r++) {
        sum += x[state + r * width + c] * dHt[stateAt + c * sweep.V + r];
      }
      x[to + c] = sum * x[d + c];
    }
  }

  /// `dQ = scale·(out + own·k)`; `dG = scale·q ⊙ out`, plus the final term if there is one.
  private void queryToken(
      GlaHost.Cotangents into, int t, int h, int p, int b, int out, int own, int term) {
    GlaSweep s = sweep;
    float[] x = scratch;
    int key = (t * s.H + h) * s.K + p * s.keyPanel;
    int used = s.keyWidth(p);
    FloatVector total = FloatVector.zero(Lanes.FLOATS);
    float[] dG = into.dG();
    for (int c = 0; c < used; c += L) {
      var inside = Lanes.FLOATS.indexInRange(c, used);
      FloatVector before = FloatVector.fromArray(Lanes.FLOATS, x, out + c);
      FloatVector keys = FloatVector.fromArray(Lanes.FLOATS, x, b + c);
      FloatVector dQ = keys.fma(FloatVector.broadcast(Lanes.FLOATS, x[own]), before);
      dQ.mul(s.scale).intoArray(into.dQ(), key + c, inside);
      if (dG != null) {
        FloatVector gate =
            FloatVector.fromArray(Lanes.FLOATS, q, key + c, inside).mul(s.scale).mul(before);
        if (term >= 0) {
          gate = gate.add(FloatVector.fromArray(Lanes.FLOATS, x, term + c));
        }
        if (s.gate == GateKind.KEY) {
          gate.intoArray(dG, key + c, inside);
        }
        total = total.add(gate);
      }
    }
    if (dG != null && s.gate == GateKind.HEAD) {
      dG[(t * s.H + h) * s.keyPanels + p] = VectorMath.sum(total);
    }
  }

  private void keyItem(int base, int n, int h, int p, GlaHost.Cotangents into) {
    GlaSweep s = sweep;
    float[] x = scratch;
    int rows = s.valueRows();
    int width = s.keyPanel;
    int a = base + rows * width;
    int w = a + STEPS * rows;
    int d = w + STEPS * rows;
    int b = d + STEPS * width;
    int out = b + STEPS * width;
    int own = out + STEPS * width;
    int later = own + STEPS;
    int used = s.keyWidth(p);
    int first = p * width;
    int stateAt = ((n * s.H + h) * s.K + first) * s.V;
    float[] dHt = into.dHt();
    if (dHt == null) {
      Arrays.fill(x, base, base + rows * width, 0.0f);
    } else {
      GlaBlock.transpose(dHt, stateAt, s.V, used, s.V, x, base, width, rows);
    }
    Arrays.fill(x, later, later + width, 0.0f);
    int keyStep = -s.H * s.K;
    int valueStep = -s.H * s.V;
    int start = s.start(n);
    int end = s.end(n);
    for (int t = end - 1; t >= start; t -= STEPS) {
      int steps = Math.min(STEPS, t - start + 1);
      int key = (t * s.H + h) * s.K + first;
      int value = (t * s.H + h) * s.V;
      s.decays(g, t + 1, -1, end, h, first, used, x, d, width, steps);
      GlaBlock.load(into.dO(), value, valueStep, s.V, 1.0f, x, a, rows, steps);
      GlaBlock.load(v, value, valueStep, s.V, 1.0f, x, w, rows, steps);
      GlaBlock.load(q, key, keyStep, used, s.scale, x, b, width, steps);
      GlaBlock.dots(x, a, w, rows, own, steps);
      GlaSweep.columnsDecay(x, base, s.V, rows, d, a, w, b, out, width, steps);
      for (int i = 0; i < steps; i++) {
        boolean last = t - i == end - 1;
        keyToken(into, t - i, h, p, b + i * width, out + i * width, own + i, later, last);
      }
    }
  }

  /// `dK = out + own·scale·q`; the running sum `later` loses `k ⊙ out` (not at the last token,
  /// whose final term has it left out already), gains what [#queryToken] left, and is `dG`.
  private void keyToken(
      GlaHost.Cotangents into,
      int t,
      int h,
      int p,
      int b,
      int out,
      int own,
      int later,
      boolean last) {
    GlaSweep s = sweep;
    float[] x = scratch;
    int key = (t * s.H + h) * s.K + p * s.keyPanel;
    int used = s.keyWidth(p);
    FloatVector total = FloatVector.zero(Lanes.FLOATS);
    float[] dG = into.dG();
    for (int c = 0; c < used; c += L) {
      var inside = Lanes.FLOATS.indexInRange(c, used);
      FloatVector after = FloatVector.fromArray(Lanes.FLOATS, x, out + c);
      FloatVector queries = FloatVector.fromArray(Lanes.FLOATS, x, b + c);
      queries
          .fma(FloatVector.broadcast(Lanes.FLOATS, x[own]), after)
          .intoArray(into.dK(), key + c, inside);
      if (dG != null) {
        FloatVector taken = FloatVector.fromArray(Lanes.FLOATS, k, key + c, inside).mul(after);
        if (s.gate == GateKind.HEAD) {
          total = total.add(taken);
        } else {
          FloatVector running = FloatVector.fromArray(Lanes.FLOATS, x, later + c);
          running = last ? running : running.sub(taken);
          running = running.add(FloatVector.fromArray(Lanes.FLOATS, dG, key + c, inside));
          running.intoArray(x, later + c);
          running.intoArray(dG, key + c, inside);
        }
      }
    }
    if (dG != null && s.gate == GateKind.HEAD) {
      int at = (t * s.H + h) * s.keyPanels + p;
      float running = last ? x[later] : x[later] - VectorMath.sum(total);
      x[later] = running + dG[at];
      dG[at] = x[later];
    }
  }
}
