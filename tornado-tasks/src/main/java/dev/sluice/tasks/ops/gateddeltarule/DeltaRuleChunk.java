package dev.sluice.tasks.ops.gateddeltarule;

import dev.sluice.tasks.host.CacheLines;
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
      ThreadLocal.withInitial(() -> new DeltaRuleChunk(0, 0, 0));

  /// `K` and `V`, and both padded.
  final int keySize;

  final int valueSize;
  final int keys;
  final int values;

  /// All that the places below are places in, rows of which begin with cache lines.
  float[] mem;

  /// `[32, keys]`: the rows of `k`, then those of `q`, as given.
  int kq;

  /// `[keys, 16]`: `kᵀ`.
  int kT;

  /// `[16, values]`: `r`, which begins as `v`.
  int residual;

  /// `[16, values]`: `u = β r`.
  int update;

  /// `[32, values]`: products with the state; the second half becomes the output.
  int held;

  /// `[keys, values]`: the state of the head in work, see [#take].
  int state;

  /// Where sums of what was read ahead go; nothing reads it.
  float prefetched;

  /// `[32, 16]`: `k_i·k_j` and `q_i·k_j`, times [#weights], zero where `j > i`.
  int scores;

  /// `[16, 16]`: the decay from token `j` to token `i`, 1 where they are one, zero where `j > i`.
  int decay;

  /// `[16]`: the decay from before the chunk to token `i`.
  int fromStart;

  /// `[16]`
  int beta;

  /// `[32]`: what the rows of [#kq] are to be multiplied with: one over their length, or 1.
  int factors;

  /// `[32, 16]`: the decay from `j` to `i` times the factors of `k_j` and of `k_i` or `q_i`.
  int weights;

  /// `[32]`: the decay from before the chunk to a row times its factor.
  int toStart;

  /// `[16]`: the decay from a key to the end of the chunk times its factor.
  int toEnd;

  /// Products of rows.
  final RowDots dots = new RowDots();

  /// `[keys, values]` each, of the heads of a part.
  private int states;

  /// `[16]`: the decay of each token.
  private int gate;

  /// `[16, 16]`: of a transposition under way.
  int square;

  private final int heads;

  /// Parts until places are asked for again.
  private int placedFor;

  private DeltaRuleChunk(int keySize, int valueSize, int heads) {
    this.keySize = keySize;
    this.valueSize = valueSize;
    this.heads = heads;
    keys = padded(keySize);
    values = padded(valueSize);
    mem = new float[0];
    mem = new float[place(0) + CacheLines.FLOATS - 1];
  }

  /// Says where everything lies from `at` on, all in multiples of 16 floats.
  ///
  /// @return the end
  private int place(int at) {
    kq = at;
    kT = kq + 2 * C * keys;
    residual = kT + keys * C;
    update = residual + C * values;
    held = update + C * values;
    scores = held + 2 * C * values;
    decay = scores + 2 * C * C;
    weights = decay + C * C;
    square = weights + 2 * C * C;
    factors = square + C * C;
    toStart = factors + 2 * C;
    toEnd = toStart + 2 * C;
    fromStart = toEnd + C;
    beta = fromStart + C;
    gate = beta + C;
    int sums = gate + C;
    dots.place(mem, sums);
    states = sums + RowDots.SIZE;
    state = states;
    return states + heads * keys * values;
  }

  /// The calling thread's own; made anew when the sizes change or there are more heads. What was in
  /// it is lost.
  ///
  /// @param heads of a part
  static DeltaRuleChunk of(int keySize, int valueSize, int heads) {
    DeltaRuleChunk own = OWN.get();
    if (own.keySize != keySize || own.valueSize != valueSize || own.heads < heads) {
      own = new DeltaRuleChunk(keySize, valueSize, heads);
      OWN.set(own);
    }
    if (--own.placedFor <= 0) {
      own.placedFor = CacheLines.patience();
      own.place(CacheLines.start(own.mem));
    }
    return own;
  }

  /// Takes the state of head `h` of a part into work.
  void take(int h) {
    state = states + h * keys * values;
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
      mem[gate + i] = there && g != null ? g[at + i * step] : 0.0f;
      mem[beta + i] = there ? strength[at + i * step] : 0.0f;
    }
    exponentials();
    float product = 1.0f;
    for (int i = 0; i < C; i++) {
      product *= mem[gate + i];
      mem[fromStart + i] = product;
    }
    for (int x = 0; x < C; x += L) {
      fillDecay(x);
    }
  }

  private void exponentials() {
    for (int x = 0; x < C; x += L) {
      VectorMath.exp(FloatVector.fromArray(S, mem, gate + x)).intoArray(mem, gate + x);
    }
  }

  /// A row of the decay is the one before it times a gate, and 1 on the diagonal.
  private void fillDecay(int x) {
    FloatVector row = FloatVector.zero(S);
    for (int i = 0; i < C; i++) {
      FloatVector factor = FloatVector.broadcast(S, mem[gate + i]);
      row = factor.fma(row, FloatVector.fromArray(S, UNIT, i * C + x));
      row.intoArray(mem, decay + i * C + x);
    }
  }

  /// The decay from before the chunk to its end.
  float wholeDecay() {
    return mem[fromStart + C - 1];
  }

  /// Fills [#kT] and the products that become [#scores].
  void multiplyRows() {
    SmallTranspose.run(C, keys, mem, kq, keys, mem, kT, C, mem, square);
    SmallProduct.multiply(2 * C, C, keySize, mem, kq, keys, 1, mem, kT, C, mem, scores, C);
  }

  /// `factors = 1/√(Σ x² + eps)` of all rows, behind [#multiplyRows], which has the squares of
  /// keys.
  void findFactors() {
    for (int i = 0; i < C; i++) {
      mem[factors + i] = mem[scores + i * (C + 1)];
    }
    int queries = kq + C * keys;
    dots.byLanes(keys, mem, queries, mem, queries, false);
    dots.sum(mem, factors + C);
    FloatVector one = FloatVector.broadcast(S, 1.0f);
    for (int i = 0; i < 2 * C; i += L) {
      FloatVector square = FloatVector.fromArray(S, mem, factors + i).add(QkNorm.EPS);
      one.div(square.sqrt()).intoArray(mem, factors + i);
    }
  }

  /// Fills [#weights], [#toStart] and [#toEnd] from the gates and [#factors]: rows of `k` and `q`
  /// stay as they are, and what they are to be multiplied with is in what they meet.
  ///
  /// @param scale of queries
  void weigh(float scale) {
    multiplied(fromStart, factors, toStart);
    multiplied(fromStart, factors + C, toStart + C);
    scale(scale, C, mem, toStart + C);
    multiplied(decay + (C - 1) * C, factors, toEnd);
    for (int i = 0; i < C; i++) {
      weighRow(i, scale);
    }
  }

  /// `to = a · b` for 16 elements.
  private void multiplied(int a, int b, int to) {
    for (int x = 0; x < C; x += L) {
      FloatVector left = FloatVector.fromArray(S, mem, a + x);
      left.mul(FloatVector.fromArray(S, mem, b + x)).intoArray(mem, to + x);
    }
  }

  private void weighRow(int i, float scale) {
    FloatVector key = FloatVector.broadcast(S, mem[factors + i]);
    FloatVector query = FloatVector.broadcast(S, scale * mem[factors + C + i]);
    for (int x = 0; x < C; x += L) {
      FloatVector others = FloatVector.fromArray(S, mem, factors + x);
      FloatVector row = FloatVector.fromArray(S, mem, decay + i * C + x).mul(others);
      row.mul(key).intoArray(mem, weights + i * C + x);
      row.mul(query).intoArray(mem, weights + (C + i) * C + x);
    }
  }

  /// Turns the products of [#multiplyRows] into [#scores].
  void weighScores() {
    for (int i = 0; i < 2 * C * C; i += L) {
      FloatVector weight = FloatVector.fromArray(S, mem, weights + i);
      FloatVector.fromArray(S, mem, scores + i).mul(weight).intoArray(mem, scores + i);
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
      FloatVector start = FloatVector.broadcast(S, -mem[toStart + i]);
      FloatVector r = FloatVector.fromArray(S, mem, residual + at);
      r = start.fma(FloatVector.fromArray(S, mem, held + at), r);
      for (int j = 0; j < i; j++) {
        FloatVector a = FloatVector.broadcast(S, -mem[scores + i * C + j]);
        r = a.fma(FloatVector.fromArray(S, mem, update + j * values + x), r);
      }
      EXACT.cast(r).intoArray(mem, residual + at);
      FloatVector.broadcast(S, mem[beta + i]).mul(r).intoArray(mem, update + at);
    }
  }

  private void solveTwo(int x) {
    for (int i = 0; i < C; i++) {
      int at = i * values + x;
      FloatVector start = FloatVector.broadcast(S, -mem[toStart + i]);
      FloatVector r = FloatVector.fromArray(S, mem, residual + at);
      FloatVector s = FloatVector.fromArray(S, mem, residual + at + L);
      r = start.fma(FloatVector.fromArray(S, mem, held + at), r);
      s = start.fma(FloatVector.fromArray(S, mem, held + at + L), s);
      for (int j = 0; j < i; j++) {
        FloatVector a = FloatVector.broadcast(S, -mem[scores + i * C + j]);
        r = a.fma(FloatVector.fromArray(S, mem, update + j * values + x), r);
        s = a.fma(FloatVector.fromArray(S, mem, update + j * values + x + L), s);
      }
      EXACT.cast(r).intoArray(mem, residual + at);
      EXACT.cast(s).intoArray(mem, residual + at + L);
      FloatVector b = FloatVector.broadcast(S, mem[beta + i]);
      b.mul(r).intoArray(mem, update + at);
      b.mul(s).intoArray(mem, update + at + L);
    }
  }

  /// `x[i, …] *= mem[factors + i]` for 16 rows of `columns` from `at` on.
  void scaleRows(int factors, int columns, float[] x, int at) {
    for (int i = 0; i < C; i++) {
      scale(mem[factors + i], columns, x, at + i * columns);
    }
  }

  /// Reads a state `[K, V]` into padded rows, or zeros it where there is none.
  void loadState(float @Nullable [] from, int at) {
    Arrays.fill(mem, state, state + keys * values, 0.0f);
    for (int i = 0; from != null && i < keySize; i++) {
      System.arraycopy(from, at + i * valueSize, mem, state + i * values, valueSize);
    }
  }

  /// Writes a state of padded rows.
  void storeState(float[] to, int at) {
    for (int i = 0; i < keySize; i++) {
      System.arraycopy(mem, state + i * values, to, at + i * valueSize, valueSize);
    }
  }
}
