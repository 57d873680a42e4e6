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

  /// Decays from where the state's own end to each token of a chunk, and rows divided by them: `d_i
  /// = whole · e^(g_0 + … + g_i)`, without `g_i` itself where `before`, and `x[to + i·ld + c] =
  /// scale · source[at + i·step + c] / d_i`, 0 beyond `used` columns and `steps` of the chunk's
  /// rows. Each pass over the rows would wait for its loads and stores, so there is one.
  ///
  /// @param gates where the first token's begin
  /// @param gateStep elements from token to token of `g`
  /// @param own whether each key has its own gate, else the first is all keys'
  /// @param whole place of `[width]` factors, `d_0 ⋯` of the tokens before; then the chunk's, too
  /// @param d place of `[steps, width]` decays, Overwritten
  /// @return whether `Σ |g_i|` is at most `limit` for each key
  static boolean decayed(
      float[] g,
      int gates,
      int gateStep,
      boolean own,
      boolean before,
      float limit,
      float[] source,
      int at,
      int step,
      int used,
      float scale,
      float[] x,
      int whole,
      int d,
      int width,
      int to,
      int ld,
      int steps) {
    boolean bounded = true;
    for (int c = 0; c < width; c += L) {
      var inside = S.indexInRange(c, used);
      FloatVector product = FloatVector.fromArray(S, x, whole + c);
      FloatVector sum = FloatVector.zero(S);
      int gateAt = own ? gates + c : gates;
      int sourceAt = at + c;
      int decayAt = d + c;
      int target = to + c;
      for (int i = 0; i < steps; i++) {
        FloatVector gate =
            own ? FloatVector.fromArray(S, g, gateAt, inside) : FloatVector.broadcast(S, g[gateAt]);
        sum = gate.abs().add(sum);
        FloatVector next = VectorMath.expBelow(gate).mul(product);
        FloatVector decay = before ? EXACT.cast(product) : next;
        product = next;
        decay.intoArray(x, decayAt);
        FloatVector.fromArray(S, source, sourceAt, inside)
            .mul(scale)
            .div(decay)
            .intoArray(x, target);
        gateAt += gateStep;
        sourceAt += step;
        decayAt += width;
        target += ld;
      }
      EXACT.cast(product).intoArray(x, whole + c);
      bounded &= EXACT.cast(sum).compare(VectorOperators.LE, limit).allTrue();
    }
    clearRows(x, to, ld, width, steps);
    return bounded;
  }

  /// [#decayed] of keys, with decays that are not kept: `x[left + i·wide + c] = scale · q_i · d_i`.
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

  /// `out_i ← out_i ⊙ d_i` and `target_i = scale·out_i + share·own_i·source_i`, rows of `source`
  /// and `target` at `at + i·step`.
  static void mix(
      float[] x,
      int out,
      int d,
      int width,
      int own,
      float scale,
      float share,
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
            .fma(FloatVector.broadcast(S, share * x[own + i]), row.mul(scale))
            .intoArray(target, at + i * step + c, inside);
      }
    }
  }

  /// `target_i = scale·out_i ⊙ source_i`, places as for [#mix].
  static void meet(
      float[] x,
      int out,
      int width,
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
        FloatVector.fromArray(S, source, at + i * step + c, inside)
            .mul(FloatVector.fromArray(S, x, out + i * width + c).mul(scale))
            .intoArray(target, at + i * step + c, inside);
      }
    }
  }

  /// Row after row, `running ← running − out_i ⊙ source_i + target_i` and `target_i = running`,
  /// places as for [#mix].
  static void accumulate(
      float[] x,
      int out,
      int width,
      int running,
      float[] source,
      float[] target,
      int at,
      int step,
      int used,
      int steps) {
    for (int c = 0; c < used; c += L) {
      var inside = S.indexInRange(c, used);
      FloatVector sum = FloatVector.fromArray(S, x, running + c);
      for (int i = 0; i < steps; i++) {
        FloatVector taken = FloatVector.fromArray(S, source, at + i * step + c, inside);
        sum = EXACT.cast(sum).sub(taken.mul(FloatVector.fromArray(S, x, out + i * width + c)));
        sum = sum.add(FloatVector.fromArray(S, target, at + i * step + c, inside));
        sum.intoArray(target, at + i * step + c, inside);
      }
      EXACT.cast(sum).intoArray(x, running + c);
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

  /// Of a square of 16, keeps the diagonal and what is right of it.
  static void keepUpper(float[] x, int at, int ld) {
    for (int r = 0; r < C; r++) {
      for (int c = 0; c < C; c += L) {
        FloatVector row = FloatVector.fromArray(S, x, at + r * ld + c);
        row.blend(0.0f, S.indexInRange(c, r)).intoArray(x, at + r * ld + c);
      }
    }
  }
}
