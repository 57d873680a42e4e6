package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.SmallProduct;
import dev.sluice.tasks.host.SmallTranspose;
import dev.sluice.tasks.host.VectorMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// A thread's memory for one chunk of 16 tokens of one head, and the steps that both passes take.
///
/// All rows are padded with zeros to multiples of 16, and a chunk that is cut short is filled up
/// with tokens of zeros and no gate, which change nothing.
final class DeltaRuleChunk {
  /// Tokens of a chunk.
  static final int C = 16;

  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final Class<? extends FloatVector> EXACT = Lanes.EXACT;
  private static final float[] UNIT = unit();
  private static final ThreadLocal<DeltaRuleChunk> OWN =
      ThreadLocal.withInitial(() -> new DeltaRuleChunk(0, 0));

  /// `K` and `V`, and both padded.
  final int keySize;

  final int valueSize;
  final int keys;
  final int values;

  /// `[32, keys]`: the rows of `k`, then those of `q`, as given.
  final float[] kq;

  /// `[keys, 16]`: `kᵀ`.
  final float[] kT;

  /// `[16, values]`: `r`, which begins as `v`.
  final float[] residual;

  /// `[16, values]`: `u = β r`.
  final float[] update;

  /// `[32, values]`: products with the state; the second half becomes the output.
  final float[] held;

  /// `[keys, values]`: the state of the head in work, see [#take].
  float[] state;

  /// Where sums of what was read ahead go; nothing reads it.
  float prefetched;

  /// `[32, 16]`: `k_i·k_j` and `q_i·k_j`, times [#weights], zero where `j > i`.
  final float[] scores = new float[2 * C * C];

  /// `[16, 16]`: the decay from token `j` to token `i`, 1 where they are one, zero where `j > i`.
  final float[] decay = new float[C * C];

  /// `[16]`: the decay from before the chunk to token `i`.
  final float[] fromStart = new float[C];

  /// `[16]`
  final float[] beta = new float[C];

  /// `[32]`: what the rows of [#kq] are to be multiplied with: one over their length, or 1.
  final float[] factors = new float[2 * C];

  /// `[32, 16]`: the decay from `j` to `i` times the factors of `k_j` and of `k_i` or `q_i`.
  final float[] weights = new float[2 * C * C];

  /// `[32]`: the decay from before the chunk to a row times its factor.
  final float[] toStart = new float[2 * C];

  /// `[16]`: the decay from a key to the end of the chunk times its factor.
  final float[] toEnd = new float[C];

  /// Products of rows.
  final RowDots dots = new RowDots();

  /// `[keys, values]` each, of the heads of a part.
  private float[][] states;

  /// `[16]`: the decay of each token.
  private final float[] gate = new float[C];

  /// `[16, 16]`: of a transposition under way.
  private final float[] square = new float[C * C];

  private DeltaRuleChunk(int keySize, int valueSize) {
    this.keySize = keySize;
    this.valueSize = valueSize;
    keys = padded(keySize);
    values = padded(valueSize);
    kq = new float[2 * C * keys];
    kT = new float[keys * C];
    residual = new float[C * values];
    update = new float[C * values];
    held = new float[2 * C * values];
    state = new float[keys * values];
    states = new float[][] {state};
  }

  /// The calling thread's own; made anew when the sizes change.
  static DeltaRuleChunk of(int keySize, int valueSize) {
    DeltaRuleChunk own = OWN.get();
    if (own.keySize != keySize || own.valueSize != valueSize) {
      own = new DeltaRuleChunk(keySize, valueSize);
      OWN.set(own);
    }
    return own;
  }

  /// Takes the state of head `h` of a part into work.
  void take(int h) {
    if (h >= states.length) {
      int before = states.length;
      states = Arrays.copyOf(states, h + 1);
      for (int i = before; i <= h; i++) {
        states[i] = new float[keys * values];
      }
    }
    state = states[h];
  }

  private static float[] unit() {
    float[] unit = new float[C * C];
    for (int i = 0; i < C; i++) {
      unit[i * (C + 1)] = 1.0f;
    }
    return unit;
  }

  static int padded(int size) {
    return (size + C - 1) / C * C;
  }

  /// Copies `count` rows of `size` elements to rows of `ld`, the rest of the 16 rows zero.
  ///
  /// What fills up a row is zeroed each time: a factor that was NaN once would stay there.
  static void load(
      int count, int size, float[] from, int fromAt, int step, float[] to, int toAt, int ld) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(from, fromAt + i * step, to, toAt + i * ld, size);
      if (size < ld) {
        Arrays.fill(to, toAt + i * ld + size, toAt + (i + 1) * ld, 0.0f);
      }
    }
    if (count < C) {
      Arrays.fill(to, toAt + count * ld, toAt + C * ld, 0.0f);
    }
  }

  /// Copies `count` rows back.
  static void store(
      int count, int size, float[] from, int fromAt, int ld, float[] to, int toAt, int step) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(from, fromAt + i * ld, to, toAt + i * step, size);
    }
  }

  /// `to[x, r] = from[r, x]`; rows and columns are multiples of 16.
  void transpose(
      int rows,
      int columns,
      float[] from,
      int fromAt,
      int fromStep,
      float[] to,
      int toAt,
      int toStep) {
    SmallTranspose.run(rows, columns, from, fromAt, fromStep, to, toAt, toStep, square, 0);
  }

  /// `to[i] = factor · from[i]` over a multiple of 16 elements.
  static void scaled(float factor, int size, float[] from, float[] to) {
    FloatVector factors = FloatVector.broadcast(S, factor);
    for (int i = 0; i < size; i += L) {
      FloatVector.fromArray(S, from, i).mul(factors).intoArray(to, i);
    }
  }

  /// `x[i] *= factor` over a multiple of 16 elements.
  static void scale(float factor, int size, float[] x, int at) {
    FloatVector factors = FloatVector.broadcast(S, factor);
    for (int i = at; i < at + size; i += L) {
      FloatVector.fromArray(S, x, i).mul(factors).intoArray(x, i);
    }
  }

  /// Fills [#decay], [#fromStart] and [#beta] for `count` tokens.
  ///
  /// Products of gates of single tokens, so that nothing is divided and no factor exceeds 1.
  void gates(int count, float @Nullable [] g, float[] strength, int at, int step) {
    for (int i = 0; i < C; i++) {
      boolean there = i < count;
      gate[i] = there && g != null ? g[at + i * step] : 0.0f;
      beta[i] = there ? strength[at + i * step] : 0.0f;
    }
    exponentials();
    float product = 1.0f;
    for (int i = 0; i < C; i++) {
      product *= gate[i];
      fromStart[i] = product;
    }
    for (int x = 0; x < C; x += L) {
      fillDecay(x);
    }
  }

  private void exponentials() {
    for (int x = 0; x < C; x += L) {
      VectorMath.exp(FloatVector.fromArray(S, gate, x)).intoArray(gate, x);
    }
  }

  /// A row of the decay is the one before it times a gate, and 1 on the diagonal.
  private void fillDecay(int x) {
    FloatVector row = FloatVector.zero(S);
    for (int i = 0; i < C; i++) {
      FloatVector factor = FloatVector.broadcast(S, gate[i]);
      row = factor.fma(row, FloatVector.fromArray(S, UNIT, i * C + x));
      row.intoArray(decay, i * C + x);
    }
  }

  /// The decay from before the chunk to its end.
  float wholeDecay() {
    return fromStart[C - 1];
  }

  /// Fills [#kT] and the products that become [#scores].
  void multiplyRows() {
    transpose(C, keys, kq, 0, keys, kT, 0, C);
    SmallProduct.multiply(2 * C, C, keySize, kq, 0, keys, 1, kT, 0, C, scores, 0, C);
  }

  /// `factors = 1/√(Σ x² + eps)` of all rows, behind [#multiplyRows], which has the squares of
  /// keys.
  void findFactors() {
    for (int i = 0; i < C; i++) {
      factors[i] = scores[i * (C + 1)];
    }
    dots.byLanes(keys, kq, C * keys, kq, C * keys, false);
    dots.sum(factors, C);
    FloatVector one = FloatVector.broadcast(S, 1.0f);
    for (int i = 0; i < 2 * C; i += L) {
      FloatVector square = FloatVector.fromArray(S, factors, i).add(QkNorm.EPS);
      one.div(square.sqrt()).intoArray(factors, i);
    }
  }

  /// Fills [#weights], [#toStart] and [#toEnd] from the gates and [#factors]: rows of `k` and `q`
  /// stay as they are, and what they are to be multiplied with is in what they meet.
  ///
  /// @param scale of queries
  void weigh(float scale) {
    multiplied(fromStart, 0, factors, 0, toStart, 0);
    multiplied(fromStart, 0, factors, C, toStart, C);
    scale(scale, C, toStart, C);
    multiplied(decay, (C - 1) * C, factors, 0, toEnd, 0);
    for (int i = 0; i < C; i++) {
      weighRow(i, scale);
    }
  }

  /// `to = a · b` for 16 elements.
  private static void multiplied(float[] a, int aAt, float[] b, int bAt, float[] to, int toAt) {
    for (int x = 0; x < C; x += L) {
      FloatVector left = FloatVector.fromArray(S, a, aAt + x);
      left.mul(FloatVector.fromArray(S, b, bAt + x)).intoArray(to, toAt + x);
    }
  }

  private void weighRow(int i, float scale) {
    FloatVector key = FloatVector.broadcast(S, factors[i]);
    FloatVector query = FloatVector.broadcast(S, scale * factors[C + i]);
    for (int x = 0; x < C; x += L) {
      FloatVector others = FloatVector.fromArray(S, factors, x);
      FloatVector row = FloatVector.fromArray(S, decay, i * C + x).mul(others);
      row.mul(key).intoArray(weights, i * C + x);
      row.mul(query).intoArray(weights, (C + i) * C + x);
    }
  }

  /// Turns the products of [#multiplyRows] into [#scores].
  void weighScores() {
    for (int i = 0; i < 2 * C * C; i += L) {
      FloatVector weight = FloatVector.fromArray(S, weights, i);
      FloatVector.fromArray(S, scores, i).mul(weight).intoArray(scores, i);
    }
  }

  /// `r_i = v_i − toStart_i Sᵀk_i − Σ_{j<i} scores_ij u_j` and `u_i = β_i r_i`, token after token:
  /// forward substitution in the unit lower triangular matrix of the WY form.
  void solve() {
    int x = 0;
    for (; x + 2 * L <= values; x += 2 * L) {
      solveTwo(x);
    }
    if (x < values) {
      solveOne(x);
    }
  }

  private void solveOne(int x) {
    for (int i = 0; i < C; i++) {
      int at = i * values + x;
      FloatVector start = FloatVector.broadcast(S, -toStart[i]);
      FloatVector r = FloatVector.fromArray(S, residual, at);
      r = start.fma(FloatVector.fromArray(S, held, at), r);
      for (int j = 0; j < i; j++) {
        FloatVector a = FloatVector.broadcast(S, -scores[i * C + j]);
        r = a.fma(FloatVector.fromArray(S, update, j * values + x), r);
      }
      EXACT.cast(r).intoArray(residual, at);
      FloatVector.broadcast(S, beta[i]).mul(r).intoArray(update, at);
    }
  }

  private void solveTwo(int x) {
    for (int i = 0; i < C; i++) {
      int at = i * values + x;
      FloatVector start = FloatVector.broadcast(S, -toStart[i]);
      FloatVector r = FloatVector.fromArray(S, residual, at);
      FloatVector s = FloatVector.fromArray(S, residual, at + L);
      r = start.fma(FloatVector.fromArray(S, held, at), r);
      s = start.fma(FloatVector.fromArray(S, held, at + L), s);
      for (int j = 0; j < i; j++) {
        FloatVector a = FloatVector.broadcast(S, -scores[i * C + j]);
        r = a.fma(FloatVector.fromArray(S, update, j * values + x), r);
        s = a.fma(FloatVector.fromArray(S, update, j * values + x + L), s);
      }
      EXACT.cast(r).intoArray(residual, at);
      EXACT.cast(s).intoArray(residual, at + L);
      FloatVector b = FloatVector.broadcast(S, beta[i]);
      b.mul(r).intoArray(update, at);
      b.mul(s).intoArray(update, at + L);
    }
  }

  /// `x[i, …] *= factors[i]` for 16 rows of `columns`.
  void scaleRows(float[] factors, int from, int columns, float[] x, int at) {
    for (int i = 0; i < C; i++) {
      scale(factors[from + i], columns, x, at + i * columns);
    }
  }

  /// Reads a state `[K, V]` into padded rows, or zeros it where there is none.
  void loadState(float @Nullable [] from, int at, float[] state) {
    if (from == null) {
      Arrays.fill(state, 0.0f);
      return;
    }
    for (int i = 0; i < keySize; i++) {
      System.arraycopy(from, at + i * valueSize, state, i * values, valueSize);
      Arrays.fill(state, i * values + valueSize, (i + 1) * values, 0.0f);
    }
    Arrays.fill(state, keySize * values, keys * values, 0.0f);
  }

  /// Writes a state of padded rows.
  void storeState(float[] state, float[] to, int at) {
    for (int i = 0; i < keySize; i++) {
      System.arraycopy(state, i * values, to, at + i * valueSize, valueSize);
    }
  }
}
