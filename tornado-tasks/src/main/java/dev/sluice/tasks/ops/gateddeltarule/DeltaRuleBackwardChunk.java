package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.SmallProduct;
import java.util.Arrays;
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
      ThreadLocal.withInitial(() -> new DeltaRuleBackwardChunk(DeltaRuleChunk.of(0, 0)));

  /// What the forward pass has too.
  final DeltaRuleChunk chunk;

  /// `[values, keys]` each: the states before the chunks of a stretch.
  final float[][] states = new float[GatedDeltaRuleHost.INTERVAL / C][];

  /// `[values, keys]`: the gradient of the state after the chunk, then of that before it, of the
  /// head in work, see [#take].
  float[] dState;

  /// `[32, values]`: `dV`, then the gradient of `Sᵀk`; `dO`, then that of `Sᵀq`.
  final float[] dValues;

  /// `[32, keys]`: `dK`, then `dQ`; before [#throughNorm] those of rows of unit length, times the
  /// factor of the row.
  final float[] dKeys;

  /// `[16]`
  final float[] dBeta = new float[C];

  /// `[16]`
  final float[] dGate = new float[C];

  /// `[values, keys]` each, of the heads of a part.
  private float[][] dStates;

  private final int keys;
  private final int values;

  /// `[16, values]`: the gradient of `u`.
  private final float[] dUpdate;

  /// `[values, 16]`
  private final float[] updateT;

  private final float[] productT;

  /// `[16, keys]`: the keys' gradient from the state after the chunk.
  private final float[] fromEnd;

  /// `[32, 16]`: `dV_i·u_j` and `dO_i·u_j`.
  private final float[] pairs = new float[2 * C * C];

  /// `[32, 16]`: how much of `k_j` is in `dK_i`, and of `k_j` in `dQ_i`.
  private final float[] mix = new float[2 * C * C];

  private final RowDots dots;
  private final float[] lanes;

  /// `[32]`: products of a row and its gradient.
  private final float[] along = new float[2 * C];

  /// `[16]` each: parts of the gate's gradient.
  private final float[] entering = new float[C];

  private final float[] leaving = new float[C];

  private DeltaRuleBackwardChunk(DeltaRuleChunk chunk) {
    this.chunk = chunk;
    dots = chunk.dots;
    lanes = dots.lanes;
    keys = chunk.keys;
    values = chunk.values;
    for (int i = 0; i < states.length; i++) {
      states[i] = new float[values * keys];
    }
    dState = new float[values * keys];
    dStates = new float[][] {dState};
    dValues = new float[2 * C * values];
    dKeys = new float[2 * C * keys];
    dUpdate = new float[C * values];
    updateT = new float[values * C];
    productT = new float[values * C];
    fromEnd = new float[C * keys];
  }

  /// The calling thread's own; made anew when the sizes change.
  static DeltaRuleBackwardChunk of(int keySize, int valueSize) {
    DeltaRuleBackwardChunk own = OWN.get();
    DeltaRuleChunk chunk = DeltaRuleChunk.of(keySize, valueSize);
    if (own.chunk != chunk) {
      own = new DeltaRuleBackwardChunk(chunk);
      OWN.set(own);
    }
    return own;
  }

  /// Takes the gradient of the state of head `h` of a part into work.
  void take(int h) {
    if (h >= dStates.length) {
      int before = dStates.length;
      dStates = Arrays.copyOf(dStates, h + 1);
      for (int i = before; i <= h; i++) {
        dStates[i] = new float[values * keys];
      }
    }
    dState = dStates[h];
  }

  /// `to = (the chunk's state)ᵀ`
  void turnState(float[] to) {
    chunk.transpose(keys, values, chunk.state, 0, values, to, 0, keys);
  }

  /// `(the chunk's state) = fromᵀ`
  void turnBack(float[] from) {
    chunk.transpose(values, keys, from, 0, keys, chunk.state, 0, values);
  }

  /// `u = β r`
  void fillUpdate() {
    System.arraycopy(chunk.residual, 0, chunk.update, 0, C * values);
    chunk.scaleRows(chunk.beta, 0, values, chunk.update, 0);
  }

  /// The state after a chunk: `after = decay · before + Σ_j u_j (toEnd_j k_j)ᵀ`; changes the keys.
  void advance(float[] before, float[] after) {
    chunk.scaleRows(chunk.toEnd, 0, keys, chunk.kq, 0);
    DeltaRuleChunk.scaled(chunk.wholeDecay(), values * keys, before, after);
    SmallProduct.add(
        values, keys, C, chunk.update, 0, 1, values, chunk.kq, 0, keys, after, 0, keys);
  }

  /// `dU_j = toEnd_j Dᵀk_j + Σ_{i≥j} scores_ij dO_i − Σ_{i>j} scores_ij dV_i` and `dV_j = β_j
  /// dU_j`, from the last token to the first; `dβ_j = dU_j·r_j`.
  void solve() {
    SmallProduct.multiply(
        values, C, chunk.keySize, dState, 0, keys, 1, chunk.kT, 0, C, productT, 0, C);
    chunk.transpose(values, C, productT, 0, C, dUpdate, 0, values);
    chunk.scaleRows(chunk.toEnd, 0, values, dUpdate, 0);
    SmallProduct.add(
        C, values, C, chunk.scores, C * C, 1, C, dValues, C * values, values, dUpdate, 0, values);
    int x = 0;
    for (; x + 2 * L <= values; x += 2 * L) {
      substituteTwo(x);
    }
    if (x < values) {
      substituteOne(x);
    }
    dots.byLanes(values, dUpdate, 0, chunk.residual, 0, false);
    dots.sum(dBeta, 0);
  }

  private void substituteOne(int x) {
    for (int j = C - 1; j >= 0; j--) {
      int at = j * values + x;
      FloatVector d = FloatVector.fromArray(S, dUpdate, at);
      for (int i = C - 1; i > j; i--) {
        FloatVector a = FloatVector.broadcast(S, -chunk.scores[i * C + j]);
        d = a.fma(FloatVector.fromArray(S, dValues, i * values + x), d);
      }
      EXACT.cast(d).intoArray(dUpdate, at);
      FloatVector.broadcast(S, chunk.beta[j]).mul(d).intoArray(dValues, at);
    }
  }

  private void substituteTwo(int x) {
    for (int j = C - 1; j >= 0; j--) {
      int at = j * values + x;
      FloatVector d = FloatVector.fromArray(S, dUpdate, at);
      FloatVector e = FloatVector.fromArray(S, dUpdate, at + L);
      for (int i = C - 1; i > j; i--) {
        FloatVector a = FloatVector.broadcast(S, -chunk.scores[i * C + j]);
        d = a.fma(FloatVector.fromArray(S, dValues, i * values + x), d);
        e = a.fma(FloatVector.fromArray(S, dValues, i * values + x + L), e);
      }
      EXACT.cast(d).intoArray(dUpdate, at);
      EXACT.cast(e).intoArray(dUpdate, at + L);
      FloatVector b = FloatVector.broadcast(S, chunk.beta[j]);
      b.mul(d).intoArray(dValues, at);
      b.mul(e).intoArray(dValues, at + L);
    }
  }

  /// `dK` and `dQ` from the states at both ends and from the other tokens, and the parts of the
  /// gate's gradient that are sums over keys; turns [#dValues] into the gradients of the products
  /// with the state.
  void keyGradients(float[] before) {
    chunk.transpose(C, values, chunk.update, 0, values, updateT, 0, C);
    SmallProduct.multiply(
        2 * C, C, chunk.valueSize, dValues, 0, values, 1, updateT, 0, C, pairs, 0, C);
    fillMix();
    chunk.scaleRows(chunk.toStart, 0, values, dValues, 0);
    DeltaRuleChunk.scale(-1.0f, C * values, dValues, 0);
    chunk.scaleRows(chunk.toStart, C, values, dValues, C * values);
    SmallProduct.multiply(
        2 * C, keys, chunk.valueSize, dValues, 0, values, 1, before, 0, keys, dKeys, 0, keys);
    dots.byLanes(keys, chunk.kq, 0, dKeys, 0, false);
    dots.byLanes(keys, chunk.kq, C * keys, dKeys, C * keys, true);
    dots.sum(entering, 0);
    SmallProduct.multiply(
        C, keys, chunk.valueSize, chunk.update, 0, values, 1, dState, 0, keys, fromEnd, 0, keys);
    chunk.scaleRows(chunk.toEnd, 0, keys, fromEnd, 0);
    dots.byLanes(keys, chunk.kq, 0, fromEnd, 0, false);
    dots.sum(leaving, 0);
    addTo(C * keys, fromEnd, dKeys);
    SmallProduct.add(2 * C, keys, C, mix, 0, C, 1, chunk.kq, 0, keys, dKeys, 0, keys);
    SmallProduct.add(C, keys, C, mix, C * C, 1, C, chunk.kq, C * keys, keys, dKeys, 0, keys);
  }

  /// From the gradients of rows of unit length to those of the rows as given: with `x̂ = s x` and
  /// `[#dKeys] = s dx̂`, `dx = s dx̂ − s² x (x·s dx̂)`, which may be added up over the value heads
  /// of a key head.
  void throughNorm() {
    dots.byLanes(keys, chunk.kq, 0, dKeys, 0, false);
    dots.sum(along, 0);
    dots.byLanes(keys, chunk.kq, C * keys, dKeys, C * keys, false);
    dots.sum(along, C);
    for (int i = 0; i < 2 * C; i++) {
      across(chunk.factors[i] * along[i] * chunk.factors[i], i * keys);
    }
  }

  private void across(float part, int at) {
    FloatVector factor = FloatVector.broadcast(S, -part);
    for (int x = at; x < at + keys; x += L) {
      FloatVector d = FloatVector.fromArray(S, dKeys, x);
      factor.fma(FloatVector.fromArray(S, chunk.kq, x), d).intoArray(dKeys, x);
    }
  }

  private void fillMix() {
    for (int i = 0; i < C; i++) {
      for (int j = 0; j < i; j++) {
        float both = -chunk.weights[i * C + j] * pairs[i * C + j];
        mix[i * C + j] = both;
        mix[j * C + i] = both;
      }
      mix[i * C + i] = 0.0f;
    }
    for (int i = 0; i < C * C; i += L) {
      FloatVector weight = FloatVector.fromArray(S, chunk.weights, C * C + i);
      FloatVector.fromArray(S, pairs, C * C + i).mul(weight).intoArray(mix, C * C + i);
    }
  }

  /// `dg_i`: the sum of what decays at token `i`: the state before the chunk on its way to tokens
  /// from `i` on and to the end, and tokens before `i` on their way there. Only sums, no
  /// differences, so that it stays exact where little is left after the gate.
  void gateGradients(float[] before) {
    crossings();
    dots.sum(dGate, 0);
    float whole = chunk.wholeDecay() * product(before, dState);
    float later = 0.0f;
    float earlier = 0.0f;
    for (int i = C - 1; i >= 0; i--) {
      later += entering[i];
      dGate[i] += later;
      int k = C - 1 - i;
      dGate[k] += earlier + whole;
      earlier += leaving[k];
    }
  }

  /// By lanes, `Σ_{i≥t} Σ_{j<t}` of what `i` takes from `j`, for each token `t`.
  private void crossings() {
    for (int x = 0; x < C; x += L) {
      FloatVector later = FloatVector.zero(S);
      for (int t = C - 1; t >= 0; t--) {
        int at = t * C + x;
        FloatVector out = FloatVector.fromArray(S, chunk.scores, C * C + at);
        out = out.mul(FloatVector.fromArray(S, pairs, C * C + at));
        FloatVector update = FloatVector.fromArray(S, chunk.scores, at);
        update = update.mul(FloatVector.fromArray(S, pairs, at));
        later = out.sub(update).add(later);
        FloatVector row = FloatVector.zero(S).blend(later, S.indexInRange(x, t));
        row = x == 0 ? row : row.add(FloatVector.fromArray(S, lanes, t * C));
        row.intoArray(lanes, t * C);
      }
    }
  }

  /// The gradient of the state before the chunk.
  void stateGradient() {
    DeltaRuleChunk.scale(chunk.wholeDecay(), values * keys, dState, 0);
    SmallProduct.add(
        values, keys, 2 * C, dValues, 0, 1, values, chunk.kq, 0, keys, dState, 0, keys);
  }

  private float product(float[] a, float[] b) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int step = values * keys / 4;
    for (int i = 0; i < step; i += L) {
      s0 = FloatVector.fromArray(S, a, i).fma(FloatVector.fromArray(S, b, i), s0);
      int j = i + step;
      s1 = FloatVector.fromArray(S, a, j).fma(FloatVector.fromArray(S, b, j), s1);
      j += step;
      s2 = FloatVector.fromArray(S, a, j).fma(FloatVector.fromArray(S, b, j), s2);
      j += step;
      s3 = FloatVector.fromArray(S, a, j).fma(FloatVector.fromArray(S, b, j), s3);
    }
    EXACT.cast(s0).add(s1).add(EXACT.cast(s2).add(s3)).intoArray(lanes, 0);
    float sum = 0.0f;
    for (int i = 0; i < L; i++) {
      sum += lanes[i];
    }
    return sum;
  }

  private static void addTo(int size, float[] from, float[] to) {
    for (int i = 0; i < size; i += L) {
      FloatVector sum = FloatVector.fromArray(S, to, i).add(FloatVector.fromArray(S, from, i));
      sum.intoArray(to, i);
    }
  }
}
