package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.VectorMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// What [GlaChunks] does row by row: factors of decay and triangles of a chunk.
final class GlaChunkRows {
  /// Tokens of a chunk.
  static final int C = 16;

  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  private static final Class<? extends FloatVector> EXACT = Lanes.EXACT;

  private GlaChunkRows() {}

  /// Decays from where the state's own end to each token of a chunk, `d_i = whole · e^(g_0 + … +
  /// g_i)`, one over them, and keys divided by them, 0 beyond `used` columns and `steps` of the
  /// chunk's rows. Each pass over the rows would wait for its loads and stores, so there is one.
  ///
  /// @param gates where the first token's begin
  /// @param gateStep elements from token to token of `g`
  /// @param own whether each key has its own gate, else the first is all keys'
  /// @param k keys, rows of which begin at `at + i·step`
  /// @param whole place of `[width]` factors, `d_0 ⋯` of the tokens before; then the chunk's, too
  /// @param d place of `[steps, width]` decays, Overwritten
  /// @param inverse place of `[steps, width]`, Overwritten with one over them
  /// @param to place of `[16, width]`, Overwritten with the keys
  /// @return whether `Σ |g_i|` is at most `limit` for each key
  static boolean decayed(
      float[] g,
      int gates,
      int gateStep,
      boolean own,
      float limit,
      float[] k,
      int at,
      int step,
      int used,
      float[] x,
      int whole,
      int d,
      int inverse,
      int to,
      int width,
      int steps) {
    boolean bounded = true;
    FloatVector one = FloatVector.broadcast(S, 1.0f);
    for (int c = 0; c < width; c += L) {
      var inside = S.indexInRange(c, used);
      FloatVector product = FloatVector.fromArray(S, x, whole + c);
      FloatVector sum = FloatVector.zero(S);
      int gateAt = own ? gates + c : gates;
      int source = at + c;
      int row = c;
      for (int i = 0; i < steps; i++) {
        FloatVector gate =
            own ? FloatVector.fromArray(S, g, gateAt, inside) : FloatVector.broadcast(S, g[gateAt]);
        sum = gate.abs().add(sum);
        product = VectorMath.expBelow(gate).mul(product);
        product.intoArray(x, d + row);
        FloatVector share = one.div(product);
        share.intoArray(x, inverse + row);
        FloatVector.fromArray(S, k, source, inside).mul(share).intoArray(x, to + row);
        gateAt += gateStep;
        source += step;
        row += width;
      }
      EXACT.cast(product).intoArray(x, whole + c);
      bounded &= EXACT.cast(sum).compare(VectorOperators.LE, limit).allTrue();
    }
    clearRows(x, to, width, width, steps);
    return bounded;
  }

  /// [#decayed] with decays that are not kept, and `x[left + i·wide + c] = scale · q_i · d_i`.
  ///
  /// @param k keys, rows of which lie as those of `q`, Read
  static boolean weighed(
      float[] g,
      int gates,
      int gateStep,
      boolean own,
      float limit,
      float[] k,
      float[] q,
      int at,
      int step,
      int used,
      float scale,
      float[] x,
      int whole,
      int width,
      int to,
      int left,
      int wide,
      int steps) {
    boolean bounded = true;
    for (int c = 0; c < width; c += L) {
      var inside = S.indexInRange(c, used);
      FloatVector product = FloatVector.fromArray(S, x, whole + c);
      FloatVector sum = FloatVector.zero(S);
      int gateAt = own ? gates + c : gates;
      int source = at + c;
      int key = to + c;
      int query = left + c;
      for (int i = 0; i < steps; i++) {
        FloatVector gate =
            own ? FloatVector.fromArray(S, g, gateAt, inside) : FloatVector.broadcast(S, g[gateAt]);
        sum = gate.abs().add(sum);
        product = VectorMath.expBelow(gate).mul(product);
        FloatVector.fromArray(S, k, source, inside).div(product).intoArray(x, key);
        FloatVector.fromArray(S, q, source, inside).mul(scale).mul(product).intoArray(x, query);
        gateAt += gateStep;
        source += step;
        key += width;
        query += wide;
      }
      EXACT.cast(product).intoArray(x, whole + c);
      bounded &= EXACT.cast(sum).compare(VectorOperators.LE, limit).allTrue();
    }
    clearRows(x, to, width, width, steps);
    clearRows(x, left, wide, width, steps);
    return bounded;
  }

  /// Whether `width` factors all lie from `1/most` to `most`.
  static boolean within(float[] x, int at, int width, float most) {
    for (int c = 0; c < width; c += L) {
      FloatVector factor = FloatVector.fromArray(S, x, at + c);
      if (!factor.compare(VectorOperators.LE, most).allTrue()
          || !factor.compare(VectorOperators.GE, 1.0f / most).allTrue()) {
        return false;
      }
    }
    return true;
  }

  /// `x[to + i·ld + c] = scale · source[from + i·step + c] · x[d + i·width + c]`, 0 beyond `used`
  /// columns and `steps` of the chunk's rows.
  static void multiplied(
      float[] source,
      int from,
      int step,
      int used,
      float scale,
      float[] x,
      int d,
      int width,
      int to,
      int ld,
      int steps) {
    for (int i = 0; i < steps; i++) {
      for (int c = 0; c < width; c += L) {
        FloatVector.fromArray(S, source, from + i * step + c, S.indexInRange(c, used))
            .mul(scale)
            .mul(FloatVector.fromArray(S, x, d + i * width + c))
            .intoArray(x, to + i * ld + c);
      }
    }
    clearRows(x, to, ld, width, steps);
  }

  /// Copies rows of `used` elements, 0 beyond them and beyond `steps` of the chunk's rows.
  static void copied(
      float[] source,
      int from,
      int step,
      int used,
      float[] x,
      int to,
      int ld,
      int width,
      int steps) {
    for (int i = 0; i < steps; i++) {
      for (int c = 0; c < width; c += L) {
        FloatVector.fromArray(S, source, from + i * step + c, S.indexInRange(c, used))
            .intoArray(x, to + i * ld + c);
      }
    }
    clearRows(x, to, ld, width, steps);
  }

  private static void clearRows(float[] x, int to, int ld, int width, int steps) {
    for (int i = steps; i < C; i++) {
      for (int c = 0; c < width; c += L) {
        FloatVector.zero(S).intoArray(x, to + i * ld + c);
      }
    }
  }

  /// `x[at + r·ld + c] *= x[factors + c]` for `rows` rows of `width`.
  static void scaleColumns(float[] x, int at, int rows, int ld, int width, int factors) {
    for (int c = 0; c < width; c += L) {
      FloatVector factor = FloatVector.fromArray(S, x, factors + c);
      for (int r = 0; r < rows; r++) {
        FloatVector.fromArray(S, x, at + r * ld + c).mul(factor).intoArray(x, at + r * ld + c);
      }
    }
  }

  /// `x[at + r·width + c] *= x[factors + r]` for `rows` rows of `width`.
  static void scaleRows(float[] x, int at, int rows, int width, int factors) {
    for (int r = 0; r < rows; r++) {
      FloatVector factor = FloatVector.broadcast(S, x[factors + r]);
      for (int c = 0; c < width; c += L) {
        FloatVector.fromArray(S, x, at + r * width + c)
            .mul(factor)
            .intoArray(x, at + r * width + c);
      }
    }
  }

  /// `out_i ← out_i ⊙ d_i` and `target_i = factor·out_i + scale·own_i·source_i`, rows of `source`
  /// and `target` at `at + i·step`.
  static void mix(
      float[] x,
      int out,
      int d,
      int width,
      int own,
      float factor,
      float scale,
      float[] source,
      float[] target,
      int at,
      int step,
      int used,
      int steps) {
    for (int c = 0; c < used; c += L) {
      var inside = S.indexInRange(c, used);
      for (int i = 0; i < steps; i++) {
        FloatVector row = FloatVector.fromArray(S, x, out + i * width + c);
        row = row.mul(FloatVector.fromArray(S, x, d + i * width + c));
        row.intoArray(x, out + i * width + c);
        FloatVector.fromArray(S, source, at + i * step + c, inside)
            .fma(FloatVector.broadcast(S, scale * x[own + i]), row.mul(factor))
            .intoArray(target, at + i * step + c, inside);
      }
    }
  }

  /// Gradients of a chunk's queries, keys and gates, from its last token to its first: `a = scale·d
  /// ⊙ dq̃`, `b = dk̃ ⊙ inverse`, `dQ = a + scale·own·k`, `dK = b + scale·own·q`, `running ←
  /// running
  /// + q ⊙ a − k ⊙ b`, `dG = running`; rows of the tensors at `at + i·step`.
  ///
  /// @param dQueries place of `dq̃`
  /// @param dKeys place of `dk̃`
  /// @param whole the token whose `k ⊙ b` is not taken, or −1
  static void meet(
      float[] x,
      int dQueries,
      int d,
      int dKeys,
      int inverse,
      int width,
      int own,
      int running,
      float scale,
      float[] q,
      float[] k,
      float[] dQ,
      float[] dK,
      float[] dG,
      int at,
      int step,
      int used,
      int steps,
      int whole) {
    for (int c = 0; c < used; c += L) {
      var inside = S.indexInRange(c, used);
      FloatVector sum = FloatVector.fromArray(S, x, running + c);
      int row = (steps - 1) * width + c;
      int place = at + (steps - 1) * step + c;
      for (int i = steps - 1; i >= 0; i--) {
        FloatVector query = FloatVector.fromArray(S, q, place, inside);
        FloatVector key = FloatVector.fromArray(S, k, place, inside);
        FloatVector share = FloatVector.broadcast(S, scale * x[own + i]);
        FloatVector a = FloatVector.fromArray(S, x, dQueries + row).mul(scale);
        a = a.mul(FloatVector.fromArray(S, x, d + row));
        FloatVector b = FloatVector.fromArray(S, x, dKeys + row);
        b = b.mul(FloatVector.fromArray(S, x, inverse + row));
        key.fma(share, a).intoArray(dQ, place, inside);
        query.fma(share, b).intoArray(dK, place, inside);
        FloatVector taken = FloatVector.broadcast(S, i == whole ? 0.0f : -1.0f);
        sum = query.fma(a, key.mul(taken).fma(b, sum));
        sum.intoArray(dG, place, inside);
        row -= width;
        place -= step;
      }
      EXACT.cast(sum).intoArray(x, running + c);
    }
  }

  /// `target[to + r·used + c] = x[at + r·width + c] · x[factors + r]` for `rows` rows.
  static void storeScaled(
      float[] x, int at, int width, int factors, int rows, float[] target, int to, int used) {
    for (int r = 0; r < rows; r++) {
      FloatVector factor = FloatVector.broadcast(S, x[factors + r]);
      for (int c = 0; c < used; c += L) {
        FloatVector.fromArray(S, x, at + r * width + c)
            .mul(factor)
            .intoArray(target, to + r * used + c, S.indexInRange(c, used));
      }
    }
  }

  /// `Σ_c out_c · source_c` of one row.
  static float dot(float[] x, int out, float[] source, int at, int used) {
    FloatVector sum = FloatVector.zero(S);
    for (int c = 0; c < used; c += L) {
      FloatVector right = FloatVector.fromArray(S, source, at + c, S.indexInRange(c, used));
      sum = FloatVector.fromArray(S, x, out + c).fma(right, sum);
    }
    return VectorMath.sum(EXACT.cast(sum));
  }

  /// Of a square of 16, keeps the diagonal and what is left of it.
  static void keepLower(float[] x, int at, int ld) {
    for (int r = 0; r < C; r++) {
      for (int c = 0; c < C; c += L) {
        FloatVector row = FloatVector.fromArray(S, x, at + r * ld + c);
        FloatVector.zero(S).blend(row, S.indexInRange(c, r + 1)).intoArray(x, at + r * ld + c);
      }
    }
  }

  /// Of a square of 16, keeps what is left of the diagonal, and the diagonal at `own`.
  static void keepStrictlyLower(float[] x, int at, int ld, int own) {
    for (int r = 0; r < C; r++) {
      x[own + r] = x[at + r * (ld + 1)];
      for (int c = 0; c < C; c += L) {
        FloatVector row = FloatVector.fromArray(S, x, at + r * ld + c);
        FloatVector.zero(S).blend(row, S.indexInRange(c, r)).intoArray(x, at + r * ld + c);
      }
    }
  }
}
