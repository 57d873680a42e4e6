package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.host.CacheLines;
import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.SmallProduct;
import dev.sluice.tasks.host.SmallTranspose;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// A thread's memory for one chunk backwards, and its steps in their order. States are transposed
/// here, `[values, keys]`, so that products with them lie along the keys.
final class DeltaRuleBackwardChunk {
  private static final int C = DeltaRuleChunk.C;
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final Class<? extends FloatVector> EXACT = Lanes.EXACT;
  private static final ThreadLocal<DeltaRuleBackwardChunk> OWN =
      ThreadLocal.withInitial(() -> new DeltaRuleBackwardChunk(DeltaRuleChunk.of(0, 0, 0), 0));

  /// What the forward pass has too.
  final DeltaRuleChunk chunk;

  /// The memory that the places below are places in, rows of which begin with cache lines.
  final float[] mem;

  /// `[values, keys]`: the gradient of the state after the chunk, then of that before it, of the
  /// head in work, see [#take].
  int dState;

  /// `[32, values]`: `dV`, then the gradient of `Sᵀk`; `dO`, then that of `Sᵀq`.
  int dValues;

  /// `[32, keys]`: `dK`, then `dQ`; before [#throughNorm] those of rows of unit length, times the
  /// factor of the row.
  int dKeys;

  /// `[16]`
  int dBeta;

  /// `[16]`
  int dGate;

  /// `[values, keys]` each: the states before the chunks of a stretch.
  private int states;

  /// `[values, keys]` each, of the heads of a part.
  private int dStates;

  private final int keys;
  private final int values;

  /// `[16, values]`: the gradient of `u`.
  private int dUpdate;

  /// `[values, 16]`
  private int updateT;

  private int productT;

  /// `[16, keys]`: the keys' gradient from the state after the chunk.
  private int fromEnd;

  /// `[32, 16]`: `dV_i·u_j` and `dO_i·u_j`.
  private int pairs;

  /// `[32, 16]`: how much of `k_j` is in `dK_i`, and of `k_j` in `dQ_i`.
  private int mix;

  /// `[32]`: products of a row and its gradient.
  private int along;

  /// `[16]` each: parts of the gate's gradient.
  private int entering;

  private int leaving;

  private final RowDots dots;
  private final int heads;

  /// Parts until places are asked for again.
  private int placedFor;

  private DeltaRuleBackwardChunk(DeltaRuleChunk chunk, int heads) {
    this.chunk = chunk;
    this.heads = heads;
    dots = chunk.dots;
    keys = chunk.keys;
    values = chunk.values;
    mem = new float[place(0) + CacheLines.FLOATS - 1];
  }

  /// As [DeltaRuleChunk#place].
  private int place(int at) {
    dValues = at;
    dKeys = dValues + 2 * C * values;
    dUpdate = dKeys + 2 * C * keys;
    updateT = dUpdate + C * values;
    productT = updateT + values * C;
    fromEnd = productT + values * C;
    pairs = fromEnd + C * keys;
    mix = pairs + 2 * C * C;
    along = mix + 2 * C * C;
    entering = along + 2 * C;
    leaving = entering + C;
    dBeta = leaving + C;
    dGate = dBeta + C;
    states = dGate + C;
    dStates = states + GatedDeltaRuleHost.INTERVAL / C * values * keys;
    dState = dStates;
    return dStates + heads * values * keys;
  }

  /// The calling thread's own; made anew when the sizes change or there are more heads. What was in
  /// it is lost.
  ///
  /// @param heads of a part
  static DeltaRuleBackwardChunk of(int keySize, int valueSize, int heads) {
    DeltaRuleBackwardChunk own = OWN.get();
    // One head of the forward pass's states is in work here.
    DeltaRuleChunk chunk = DeltaRuleChunk.of(keySize, valueSize, 1);
    if (own.chunk != chunk || own.heads < heads) {
      own = new DeltaRuleBackwardChunk(chunk, heads);
      OWN.set(own);
    }
    if (--own.placedFor <= 0) {
      own.placedFor = CacheLines.patience();
      own.place(CacheLines.start(own.mem));
    }
    return own;
  }

  /// Takes the gradient of the state of head `h` of a part into work.
  void take(int h) {
    dState = dStates + h * values * keys;
  }

  /// The place of the state before chunk `c` of a stretch.
  int before(int c) {
    return states + c * values * keys;
  }

  /// `to = (the chunk's state)ᵀ`
  void turnState(int to) {
    SmallTranspose.run(
        keys, values, chunk.mem, chunk.state, values, mem, to, keys, chunk.mem, chunk.square);
  }

  /// `(the chunk's state) = fromᵀ`
  void turnBack(int from) {
    SmallTranspose.run(
        values, keys, mem, from, keys, chunk.mem, chunk.state, values, chunk.mem, chunk.square);
  }

  /// `u = β r`
  void fillUpdate() {
    System.arraycopy(chunk.mem, chunk.residual, chunk.mem, chunk.update, C * values);
    chunk.scaleRows(chunk.beta, values, chunk.mem, chunk.update);
  }

  /// The state after a chunk: `after = decay · before + Σ_j u_j (toEnd_j k_j)ᵀ`; changes the keys.
  void advance(int before, int after) {
    chunk.scaleRows(chunk.toEnd, keys, chunk.mem, chunk.kq);
    scaled(chunk.wholeDecay(), values * keys, before, after);
    SmallProduct.add(
        values,
        keys,
        C,
        chunk.mem,
        chunk.update,
        1,
        values,
        chunk.mem,
        chunk.kq,
        keys,
        mem,
        after,
        keys);
  }

  /// `dU_j = toEnd_j Dᵀk_j + Σ_{i≥j} scores_ij dO_i − Σ_{i>j} scores_ij dV_i` and `dV_j = β_j
  /// dU_j`, from the last token to the first; `dβ_j = dU_j·r_j`.
  void solve() {
    SmallProduct.multiply(
        values, C, chunk.keySize, mem, dState, keys, 1, chunk.mem, chunk.kT, C, mem, productT, C);
    SmallTranspose.run(values, C, mem, productT, C, mem, dUpdate, values, chunk.mem, chunk.square);
    chunk.scaleRows(chunk.toEnd, values, mem, dUpdate);
    SmallProduct.add(
        C,
        values,
        C,
        chunk.mem,
        chunk.scores + C * C,
        1,
        C,
        mem,
        dValues + C * values,
        values,
        mem,
        dUpdate,
        values);
    int x = 0;
    for (; x + 2 * L <= values; x += 2 * L) {
      substituteTwo(x);
    }
    if (x < values) {
      substituteOne(x);
    }
    dots.byLanes(values, mem, dUpdate, chunk.mem, chunk.residual, false);
    dots.sum(mem, dBeta);
  }

  private void substituteOne(int x) {
    for (int j = C - 1; j >= 0; j--) {
      int at = j * values + x;
      FloatVector d = FloatVector.fromArray(S, mem, dUpdate + at);
      for (int i = C - 1; i > j; i--) {
        FloatVector a = FloatVector.broadcast(S, -chunk.mem[chunk.scores + i * C + j]);
        d = a.fma(FloatVector.fromArray(S, mem, dValues + i * values + x), d);
      }
      EXACT.cast(d).intoArray(mem, dUpdate + at);
      FloatVector.broadcast(S, chunk.mem[chunk.beta + j]).mul(d).intoArray(mem, dValues + at);
    }
  }

  private void substituteTwo(int x) {
    for (int j = C - 1; j >= 0; j--) {
      int at = j * values + x;
      FloatVector d = FloatVector.fromArray(S, mem, dUpdate + at);
      FloatVector e = FloatVector.fromArray(S, mem, dUpdate + at + L);
      for (int i = C - 1; i > j; i--) {
        FloatVector a = FloatVector.broadcast(S, -chunk.mem[chunk.scores + i * C + j]);
        d = a.fma(FloatVector.fromArray(S, mem, dValues + i * values + x), d);
        e = a.fma(FloatVector.fromArray(S, mem, dValues + i * values + x + L), e);
      }
      EXACT.cast(d).intoArray(mem, dUpdate + at);
      EXACT.cast(e).intoArray(mem, dUpdate + at + L);
      FloatVector b = FloatVector.broadcast(S, chunk.mem[chunk.beta + j]);
      b.mul(d).intoArray(mem, dValues + at);
      b.mul(e).intoArray(mem, dValues + at + L);
    }
  }

  /// `dK` and `dQ` from the states at both ends and from the other tokens, and the parts of the
  /// gate's gradient that are sums over keys; turns [#dValues] into the gradients of the products
  /// with the state.
  void keyGradients(int before) {
    SmallTranspose.run(
        C, values, chunk.mem, chunk.update, values, mem, updateT, C, chunk.mem, chunk.square);
    SmallProduct.multiply(
        2 * C, C, chunk.valueSize, mem, dValues, values, 1, mem, updateT, C, mem, pairs, C);
    fillMix();
    chunk.scaleRows(chunk.toStart, values, mem, dValues);
    DeltaRuleChunk.scale(-1.0f, C * values, mem, dValues);
    chunk.scaleRows(chunk.toStart + C, values, mem, dValues + C * values);
    SmallProduct.multiply(
        2 * C, keys, chunk.valueSize, mem, dValues, values, 1, mem, before, keys, mem, dKeys, keys);
    dots.byLanes(keys, chunk.mem, chunk.kq, mem, dKeys, false);
    dots.byLanes(keys, chunk.mem, chunk.kq + C * keys, mem, dKeys + C * keys, true);
    dots.sum(mem, entering);
    SmallProduct.multiply(
        C,
        keys,
        chunk.valueSize,
        chunk.mem,
        chunk.update,
        values,
        1,
        mem,
        dState,
        keys,
        mem,
        fromEnd,
        keys);
    chunk.scaleRows(chunk.toEnd, keys, mem, fromEnd);
    dots.byLanes(keys, chunk.mem, chunk.kq, mem, fromEnd, false);
    dots.sum(mem, leaving);
    addTo(C * keys, fromEnd, dKeys);
    SmallProduct.add(2 * C, keys, C, mem, mix, C, 1, chunk.mem, chunk.kq, keys, mem, dKeys, keys);
    SmallProduct.add(
        C, keys, C, mem, mix + C * C, 1, C, chunk.mem, chunk.kq + C * keys, keys, mem, dKeys, keys);
  }

  /// From the gradients of rows of unit length to those of the rows as given: with `x̂ = s x` and
  /// `[#dKeys] = s dx̂`, `dx = s dx̂ − s² x (x·s dx̂)`, which may be added up over the value heads
  /// of a key head.
  void throughNorm() {
    dots.byLanes(keys, chunk.mem, chunk.kq, mem, dKeys, false);
    dots.sum(mem, along);
    dots.byLanes(keys, chunk.mem, chunk.kq + C * keys, mem, dKeys + C * keys, false);
    dots.sum(mem, along + C);
    for (int i = 0; i < 2 * C; i++) {
      across(
          chunk.mem[chunk.factors + i] * mem[along + i] * chunk.mem[chunk.factors + i], i * keys);
    }
  }

  private void across(float part, int at) {
    FloatVector factor = FloatVector.broadcast(S, -part);
    for (int x = at; x < at + keys; x += L) {
      FloatVector d = FloatVector.fromArray(S, mem, dKeys + x);
      factor.fma(FloatVector.fromArray(S, chunk.mem, chunk.kq + x), d).intoArray(mem, dKeys + x);
    }
  }

  private void fillMix() {
    for (int i = 0; i < C; i++) {
      for (int j = 0; j < i; j++) {
        float both = -chunk.mem[chunk.weights + i * C + j] * mem[pairs + i * C + j];
        mem[mix + i * C + j] = both;
        mem[mix + j * C + i] = both;
      }
      mem[mix + i * C + i] = 0.0f;
    }
    for (int i = 0; i < C * C; i += L) {
      FloatVector weight = FloatVector.fromArray(S, chunk.mem, chunk.weights + C * C + i);
      FloatVector.fromArray(S, mem, pairs + C * C + i).mul(weight).intoArray(mem, mix + C * C + i);
    }
  }

  /// `dg_i`: the sum of what decays at token `i`: the state before the chunk on its way to tokens
  /// from `i` on and to the end, and tokens before `i` on their way there. Only sums, no
  /// differences, so that it stays exact where little is left after the gate.
  void gateGradients(int before) {
    crossings();
    dots.sum(mem, dGate);
    float whole = chunk.wholeDecay() * product(before, dState);
    float later = 0.0f;
    float earlier = 0.0f;
    for (int i = C - 1; i >= 0; i--) {
      later += mem[entering + i];
      mem[dGate + i] += later;
      int k = C - 1 - i;
      mem[dGate + k] += earlier + whole;
      earlier += mem[leaving + k];
    }
  }

  /// By lanes, `Σ_{i≥t} Σ_{j<t}` of what `i` takes from `j`, for each token `t`.
  private void crossings() {
    for (int x = 0; x < C; x += L) {
      FloatVector later = FloatVector.zero(S);
      for (int t = C - 1; t >= 0; t--) {
        int at = t * C + x;
        FloatVector out = FloatVector.fromArray(S, chunk.mem, chunk.scores + C * C + at);
        out = out.mul(FloatVector.fromArray(S, mem, pairs + C * C + at));
        FloatVector update = FloatVector.fromArray(S, chunk.mem, chunk.scores + at);
        update = update.mul(FloatVector.fromArray(S, mem, pairs + at));
        later = out.sub(update).add(later);
        FloatVector row = FloatVector.zero(S).blend(later, S.indexInRange(x, t));
        row = x == 0 ? row : row.add(FloatVector.fromArray(S, dots.mem, dots.lanes + t * C));
        row.intoArray(dots.mem, dots.lanes + t * C);
      }
    }
  }

  /// The gradient of the state before the chunk.
  void stateGradient() {
    DeltaRuleChunk.scale(chunk.wholeDecay(), values * keys, mem, dState);
    SmallProduct.add(
        values, keys, 2 * C, mem, dValues, 1, values, chunk.mem, chunk.kq, keys, mem, dState, keys);
  }

  private float product(int a, int b) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int step = values * keys / 4;
    for (int i = 0; i < step; i += L) {
      s0 = FloatVector.fromArray(S, mem, a + i).fma(FloatVector.fromArray(S, mem, b + i), s0);
      int j = i + step;
      s1 = FloatVector.fromArray(S, mem, a + j).fma(FloatVector.fromArray(S, mem, b + j), s1);
      j += step;
      s2 = FloatVector.fromArray(S, mem, a + j).fma(FloatVector.fromArray(S, mem, b + j), s2);
      j += step;
      s3 = FloatVector.fromArray(S, mem, a + j).fma(FloatVector.fromArray(S, mem, b + j), s3);
    }
    EXACT.cast(s0).add(s1).add(EXACT.cast(s2).add(s3)).intoArray(dots.mem, dots.lanes);
    float sum = 0.0f;
    for (int i = 0; i < L; i++) {
      sum += dots.mem[dots.lanes + i];
    }
    return sum;
  }

  /// `to[i] = factor · from[i]` over a multiple of 16 elements.
  private void scaled(float factor, int size, int from, int to) {
    FloatVector factors = FloatVector.broadcast(S, factor);
    for (int i = 0; i < size; i += L) {
      FloatVector.fromArray(S, mem, from + i).mul(factors).intoArray(mem, to + i);
    }
  }

  private void addTo(int size, int from, int to) {
    for (int i = 0; i < size; i += L) {
      FloatVector sum = FloatVector.fromArray(S, mem, to + i);
      sum.add(FloatVector.fromArray(S, mem, from + i)).intoArray(mem, to + i);
    }
  }
}
