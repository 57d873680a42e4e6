package dev.sluice.tasks.host;

import static dev.sluice.tasks.host.ScalarMath.*;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The functions of [ScalarMath] on vectors of [Lanes#FLOATS], the same operations in the same
/// order, hence the same bits. The Vector API's own `EXP` and sums over lanes are not used: their
/// results may differ between interpreted and compiled code.
public final class VectorMath {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;
  // Vectors once for all where broadcasts at the place of use would pass the number of nodes at
  // which the compiler stops
  // inlining; elsewhere broadcasts are faster, since they are lifted out of loops.
  private static final FloatVector Q_0 = FloatVector.broadcast(S, ERFC_0);
  private static final FloatVector Q_1 = FloatVector.broadcast(S, ERFC_1);
  private static final FloatVector Q_2 = FloatVector.broadcast(S, ERFC_2);
  private static final FloatVector Q_3 = FloatVector.broadcast(S, ERFC_3);
  private static final FloatVector Q_4 = FloatVector.broadcast(S, ERFC_4);
  private static final FloatVector Q_5 = FloatVector.broadcast(S, ERFC_5);
  private static final FloatVector Q_6 = FloatVector.broadcast(S, ERFC_6);
  private static final FloatVector Q_7 = FloatVector.broadcast(S, ERFC_7);
  private static final FloatVector Q_8 = FloatVector.broadcast(S, ERFC_8);
  private static final FloatVector Q_9 = FloatVector.broadcast(S, ERFC_9);
  private static final FloatVector Q_10 = FloatVector.broadcast(S, ERFC_10);
  private static final FloatVector Q_11 = FloatVector.broadcast(S, ERFC_11);
  private static final FloatVector T_0 = FloatVector.broadcast(S, TANH_0);
  private static final FloatVector T_1 = FloatVector.broadcast(S, TANH_1);
  private static final FloatVector T_2 = FloatVector.broadcast(S, TANH_2);
  private static final FloatVector T_3 = FloatVector.broadcast(S, TANH_3);
  private static final FloatVector T_4 = FloatVector.broadcast(S, TANH_4);
  private static final FloatVector T_5 = FloatVector.broadcast(S, TANH_5);
  private static final FloatVector N_0 = FloatVector.broadcast(S, LOG_0);
  private static final FloatVector N_1 = FloatVector.broadcast(S, LOG_1);
  private static final FloatVector N_2 = FloatVector.broadcast(S, LOG_2);

  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(S, 8 % L, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(S, 4 % L, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(S, 2, 1, true);
  private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(S, 1, 1, true);

  private static final int EXP_LOW_BITS = Float.floatToRawIntBits(EXP_LOW);
  private static final int EXP_LOW_NEGATED = Float.floatToRawIntBits(-EXP_LOW);

  private VectorMath() {}

  /// The sum over lanes in one fixed order: halves are added until one lane is left.
  public static float sum(FloatVector x) {
    FloatVector s = x;
    if (L > 8) {
      s = s.add(s.rearrange(BY_8));
    }
    if (L > 4) {
      s = s.add(s.rearrange(BY_4));
    }
    s = s.add(s.rearrange(BY_2));
    return s.add(s.rearrange(BY_1)).lane(0);
  }

  /// `eˣ`; 0 below x = −86.99, where results would be (nearly) subnormal.
  public static FloatVector exp(FloatVector x) {
    FloatVector c = x.blend(EXP_LOW, x.compare(VectorOperators.LT, EXP_LOW));
    return expInRange(c.blend(EXP_HIGH, c.compare(VectorOperators.GT, EXP_HIGH)));
  }

  /// [#exp] for −87.5 ≤ x ≤ 89.
  private static FloatVector expInRange(FloatVector c) {
    FloatVector z = c.fma(FloatVector.broadcast(S, LOG2_E), FloatVector.broadcast(S, ROUND));
    FloatVector n = z.sub(ROUND);
    FloatVector r = n.fma(FloatVector.broadcast(S, -LN2_HIGH), c);
    r = n.fma(FloatVector.broadcast(S, -LN2_LOW), r);
    FloatVector p = FloatVector.broadcast(S, EXP_4);
    p = p.fma(r, FloatVector.broadcast(S, EXP_3));
    p = p.fma(r, FloatVector.broadcast(S, EXP_2));
    p = p.fma(r, FloatVector.broadcast(S, EXP_1));
    p = p.fma(r, FloatVector.broadcast(S, EXP_0));
    p = p.fma(r, FloatVector.broadcast(S, 2f)).fma(r, FloatVector.broadcast(S, 2f));
    return p.mul(
        z.reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, 23)
            .add(HALF_BITS)
            .reinterpretAsFloats());
  }

  /// [#exp] for x ≤ 89, which is not asked.
  public static FloatVector expBelow(FloatVector x) {
    FloatVector c = x.blend(EXP_LOW, x.compare(VectorOperators.LT, EXP_LOW));
    return expInRange(c);
  }

  /// [#expBelow] by an instruction less, which takes some NaNs for very small numbers.
  public static FloatVector expOfNumber(FloatVector x) {
    // As unsigned integers, negative numbers are the larger the smaller they are.
    IntVector c = x.reinterpretAsInts().lanewise(VectorOperators.UMIN, EXP_LOW_BITS);
    return expInRange(c.reinterpretAsFloats());
  }

  /// Natural logarithm; −∞ at 0, NaN below.
  public static FloatVector log(FloatVector x) {
    FloatVector y = x.blend(x.mul(TWO_23), x.compare(VectorOperators.LT, Float.MIN_NORMAL));
    FloatVector k =
        FloatVector.broadcast(S, 0f).blend(-23f, x.compare(VectorOperators.LT, Float.MIN_NORMAL));
    k = k.add(exponent(y));
    FloatVector f = mantissa(y).sub(1f);
    FloatVector s = f.div(f.add(2f));
    FloatVector w = s.mul(s);
    FloatVector p = N_2;
    p = p.fma(w, N_1);
    p = p.fma(w, N_0);
    FloatVector h = f.mul(0.5f).mul(f);
    FloatVector t = s.fma(p.fma(w, h), k.mul(LN2_LOW));
    FloatVector q = k.fma(FloatVector.broadcast(S, LN2_HIGH), f.sub(h.sub(t)));
    q = q.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    q = q.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
    q = FloatVector.broadcast(S, Float.NaN).blend(q, x.compare(VectorOperators.GE, 0f));
    return q;
  }

  /// `log(1 + y)` for 0 ≤ y ≤ 1, exact to the last places also for tiny y.
  public static FloatVector log1pUnit(FloatVector y) {
    FloatVector s = y.div(y.add(2f));
    FloatVector w = s.mul(s);
    FloatVector p = FloatVector.broadcast(S, LOG1P_4);
    p = p.fma(w, FloatVector.broadcast(S, LOG1P_3));
    p = p.fma(w, FloatVector.broadcast(S, LOG1P_2));
    p = p.fma(w, FloatVector.broadcast(S, LOG1P_1));
    p = p.fma(w, FloatVector.broadcast(S, LOG1P_0));
    return s.mul(w).fma(p, s.add(s));
  }

  /// `1 / (1 + e⁻ˣ)`.
  public static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(S, 1f).div(exp(x.neg()).add(1f));
  }

  /// `x / (1 + e⁻ˣ)`; −0 at −∞.
  public static FloatVector silu(FloatVector x) {
    FloatVector c = x.blend(-EXP_HIGH, x.compare(VectorOperators.LT, -EXP_HIGH));
    // As integers: cheaper than a comparison. A NaN that is lost here is still in the numerator.
    FloatVector t = c.reinterpretAsInts().min(EXP_LOW_NEGATED).reinterpretAsFloats();
    return c.div(expOfNegative(t).add(1f));
  }

  /// Derivative of [#silu]: `s·(1 + x·(1 − s))` with `s = sigmoid(x)`; errors relative to 1,
  /// constant beyond ±85.
  public static FloatVector siluGradient(FloatVector x) {
    FloatVector c = x.blend(-SILU_RANGE, x.compare(VectorOperators.LT, -SILU_RANGE));
    c = c.blend(SILU_RANGE, c.compare(VectorOperators.GT, SILU_RANGE));
    FloatVector e = expOfNegative(c);
    FloatVector s = FloatVector.broadcast(S, 1f).div(e.add(1f));
    return s.mul(c.fma(e.mul(s), FloatVector.broadcast(S, 1f)));
  }

  /// `e⁻ˣ` for −89 ≤ x ≤ 87.5, with the bits of [#exp] of `−x`: all signs are turned, those of the
  /// odd coefficients included.
  private static FloatVector expOfNegative(FloatVector x) {
    FloatVector z = x.fma(FloatVector.broadcast(S, -LOG2_E), FloatVector.broadcast(S, ROUND));
    FloatVector n = z.sub(ROUND);
    FloatVector r = n.fma(FloatVector.broadcast(S, LN2_HIGH), x);
    r = n.fma(FloatVector.broadcast(S, LN2_LOW), r);
    FloatVector p = FloatVector.broadcast(S, EXP_4);
    p = p.fma(r, FloatVector.broadcast(S, -EXP_3));
    p = p.fma(r, FloatVector.broadcast(S, EXP_2));
    p = p.fma(r, FloatVector.broadcast(S, -EXP_1));
    p = p.fma(r, FloatVector.broadcast(S, EXP_0));
    p = p.fma(r, FloatVector.broadcast(S, -2f)).fma(r, FloatVector.broadcast(S, 2f));
    return p.mul(
        z.reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, 23)
            .add(HALF_BITS)
            .reinterpretAsFloats());
  }

  /// `log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)`.
  public static FloatVector softplus(FloatVector x) {
    FloatVector m = x.blend(0f, x.compare(VectorOperators.LT, 0f));
    return m.add(log1pUnit(exp(x.abs().neg())));
  }

  /// `log(sigmoid(x)) = min(x, 0) − log(1 + e^−|x|)`.
  public static FloatVector logSigmoid(FloatVector x) {
    FloatVector m = x.blend(0f, x.compare(VectorOperators.GT, 0f));
    return m.sub(log1pUnit(exp(x.abs().neg())));
  }

  /// Hyperbolic tangent.
  public static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector w = x.mul(x);
    FloatVector p = T_5;
    p = p.fma(w, T_4);
    p = p.fma(w, T_3);
    p = p.fma(w, T_2);
    p = p.fma(w, T_1);
    p = p.fma(w, T_0);
    FloatVector small = a.mul(w).fma(p, a);
    FloatVector big =
        FloatVector.broadcast(S, 1f).sub(FloatVector.broadcast(S, 2f).div(exp(a.add(a)).add(1f)));
    return copySign(big.blend(small, a.compare(VectorOperators.LT, TANH_SMALL)), x);
  }

  /// `erfc(t) = 2/√π ∫ₜ^∞ e^−s² ds` for t ≥ 0; 0 above 9.3; errors up to 8 last places.
  public static FloatVector erfcPositive(FloatVector t) {
    FloatVector c = t.blend(ERFC_HIGH, t.compare(VectorOperators.GT, ERFC_HIGH));
    FloatVector u = FloatVector.broadcast(S, 2f).div(c.add(2f));
    FloatVector h = c.mul(c);
    FloatVector l = c.fma(c, h.neg());
    FloatVector e = exp(h.neg());
    e = l.neg().fma(e, e);
    FloatVector p = Q_11;
    p = p.fma(u, Q_10);
    p = p.fma(u, Q_9);
    p = p.fma(u, Q_8);
    p = p.fma(u, Q_7);
    p = p.fma(u, Q_6);
    p = p.fma(u, Q_5);
    p = p.fma(u, Q_4);
    p = p.fma(u, Q_3);
    p = p.fma(u, Q_2);
    p = p.fma(u, Q_1);
    p = p.fma(u, Q_0);
    return p.mul(e);
  }

  /// `erf(x) = 2/√π ∫₀ˣ e^−s² ds`.
  public static FloatVector erf(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector w = x.mul(x);
    FloatVector p = FloatVector.broadcast(S, ERF_5);
    p = p.fma(w, FloatVector.broadcast(S, ERF_4));
    p = p.fma(w, FloatVector.broadcast(S, ERF_3));
    p = p.fma(w, FloatVector.broadcast(S, ERF_2));
    p = p.fma(w, FloatVector.broadcast(S, ERF_1));
    p = p.fma(w, FloatVector.broadcast(S, ERF_0));
    FloatVector small = a.fma(p, a);
    FloatVector big = FloatVector.broadcast(S, 1f).sub(erfcPositive(a));
    return copySign(big.blend(small, a.compare(VectorOperators.LT, 1f)), x);
  }

  /// `Φ(x) = ½ erfc(−x/√2)`.
  public static FloatVector normalCdf(FloatVector x) {
    FloatVector half = erfcPositive(x.abs().mul(SQRT_HALF)).mul(0.5f);
    return FloatVector.broadcast(S, 1f).sub(half).blend(half, x.compare(VectorOperators.LT, 0f));
  }

  /// `x·Φ(x)`, the exact form; errors grow to 200 last places where it is below 1e-15; −0 at −∞.
  public static FloatVector gelu(FloatVector x) {
    FloatVector c = x.blend(-Float.MAX_VALUE, x.compare(VectorOperators.LT, -Float.MAX_VALUE));
    return c.mul(normalCdf(x));
  }

  /// Derivative of [#gelu]: `Φ(x) + x·e^(−x²/2)/√(2π)`; errors relative to 1.
  public static FloatVector geluGradient(FloatVector x) {
    FloatVector c = x.blend(-GELU_RANGE, x.compare(VectorOperators.LT, -GELU_RANGE));
    c = c.blend(GELU_RANGE, c.compare(VectorOperators.GT, GELU_RANGE));
    FloatVector e = exp(c.mul(c).mul(-0.5f)).mul(INV_SQRT_2PI);
    return c.fma(e, normalCdf(c));
  }

  private static FloatVector exponent(FloatVector y) {
    IntVector bits = y.reinterpretAsInts().sub(SQRT_HALF_BITS);
    IntVector e = bits.lanewise(VectorOperators.ASHR, 23);
    return e.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND);
  }

  private static FloatVector mantissa(FloatVector y) {
    IntVector bits = y.reinterpretAsInts().sub(SQRT_HALF_BITS).and(MANTISSA);
    return bits.add(SQRT_HALF_BITS).reinterpretAsFloats();
  }

  private static FloatVector copySign(FloatVector size, FloatVector sign) {
    IntVector bits = sign.reinterpretAsInts().and(Integer.MIN_VALUE);
    return size.abs().reinterpretAsInts().or(bits).reinterpretAsFloats();
  }
}
