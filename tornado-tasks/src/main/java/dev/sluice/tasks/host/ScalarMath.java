package dev.sluice.tasks.host;

/// Elementary functions in fp32, deterministic on every JVM: fused multiply-adds, divisions and bit
/// operations only, so that interpreted and compiled code agree. [VectorMath] does the same
/// operations lane by lane and gives the same bits.
///
/// Errors are below 2 units in the last place for `exp`, `log`, `tanh` and `erf`, below 4 for the
/// others unless said otherwise; `±∞`, `NaN` and subnormal arguments are covered. Coefficients are
/// our own minimax fits, rounded one by one to fp32.
public final class ScalarMath {
  // 2·eʳ = 2 + r·(2 + r·Q(r)) for |r| ≤ ln2/2: doubled, so that 2ⁿ⁻¹ stays finite up to the largest
  // result.
  static final float EXP_0 = 0x1.fffffcp-1f;
  static final float EXP_1 = 0x1.55548cp-2f;
  static final float EXP_2 = 0x1.5558bap-4f;
  static final float EXP_3 = 0x1.123e5cp-6f;
  static final float EXP_4 = 0x1.6a4b98p-9f;
  static final float EXP_LOW = -87.5f;
  static final float EXP_HIGH = 89f;
  static final float LOG2_E = 0x1.715476p0f;
  static final float LN2_HIGH = 0x1.62e430p-1f;
  static final float LN2_LOW = -0x1.05c610p-29f;

  /// Adding it rounds to a whole number, which then stands in the low bits.
  static final float ROUND = 0x1.8p23f;

  static final int ROUND_BITS = 0x4b400000;
  static final int HALF_BITS = 126 << 23;

  // log((1+s)/(1-s)) = 2s + s·w·P(w), w = s².
  static final float LOG_0 = 0x1.55557ap-1f;
  static final float LOG_1 = 0x1.995ed2p-2f;
  static final float LOG_2 = 0x1.31e134p-2f;
  static final int SQRT_HALF_BITS = 0x3f3504f3;
  static final int MANTISSA = 0x7fffff;
  static final float TWO_23 = 0x1p23f;

  // The same for w ≤ 1/9.
  static final float LOG1P_0 = 0x1.555558p-1f;
  static final float LOG1P_1 = 0x1.9996d6p-2f;
  static final float LOG1P_2 = 0x1.250568p-2f;
  static final float LOG1P_3 = 0x1.b7223ep-3f;
  static final float LOG1P_4 = 0x1.f0b478p-3f;

  // tanh(x) = x + x·w·P(w), w = x², |x| < 3/4.
  static final float TANH_0 = -0x1.55554ap-2f;
  static final float TANH_1 = 0x1.110ddap-3f;
  static final float TANH_2 = -0x1.b98108p-5f;
  static final float TANH_3 = 0x1.5f9082p-6f;
  static final float TANH_4 = -0x1.f662fep-8f;
  static final float TANH_5 = 0x1.c89750p-10f;
  static final float TANH_SMALL = 0.75f;

  // erf(x) = x + x·P(w), w = x², |x| < 1.
  static final float ERF_0 = 0x1.06eba2p-3f;
  static final float ERF_1 = -0x1.812674p-2f;
  static final float ERF_2 = 0x1.ce0936p-4f;
  static final float ERF_3 = -0x1.b5a302p-6f;
  static final float ERF_4 = 0x1.4245b0p-8f;
  static final float ERF_5 = -0x1.273ce8p-11f;

  // e^(t²)·erfc(t) = P(u), u = 2/(2+t), 0 ≤ t ≤ 10.
  static final float ERFC_0 = 0x1.d16104p-19f;
  static final float ERFC_1 = 0x1.20c250p-2f;
  static final float ERFC_2 = 0x1.223e56p-2f;
  static final float ERFC_3 = 0x1.e5072ep-3f;
  static final float ERFC_4 = 0x1.c8e656p-3f;
  static final float ERFC_5 = -0x1.de23e6p-5f;
  static final float ERFC_6 = 0x1.14f06ap-2f;
  static final float ERFC_7 = -0x1.6e8c26p-2f;
  static final float ERFC_8 = 0x1.21639ep-5f;
  static final float ERFC_9 = 0x1.6da376p-3f;
  static final float ERFC_10 = -0x1.e040bap-4f;
  static final float ERFC_11 = 0x1.879e7ep-6f;
  static final float ERFC_HIGH = 10f;

  static final float SQRT_HALF = 0x1.6a09e6p-1f;
  static final float INV_SQRT_2PI = 0x1.988454p-2f;
  static final float GELU_RANGE = 20f;
  static final float SILU_RANGE = 85f;

  private ScalarMath() {}

  /// `eˣ`; 0 below x = −86.99, where results would be (nearly) subnormal.
  public static float exp(float x) {
    float c = x < EXP_LOW ? EXP_LOW : x;
    c = c > EXP_HIGH ? EXP_HIGH : c;
    float z = Math.fma(c, LOG2_E, ROUND);
    float n = z - ROUND;
    float r = Math.fma(n, -LN2_HIGH, c);
    r = Math.fma(n, -LN2_LOW, r);
    float p = EXP_4;
    p = Math.fma(p, r, EXP_3);
    p = Math.fma(p, r, EXP_2);
    p = Math.fma(p, r, EXP_1);
    p = Math.fma(p, r, EXP_0);
    p = Math.fma(Math.fma(p, r, 2f), r, 2f);
    return p * Float.intBitsToFloat((Float.floatToRawIntBits(z) << 23) + HALF_BITS);
  }

  /// Natural logarithm; −∞ at 0, NaN below.
  public static float log(float x) {
    float y = x < Float.MIN_NORMAL ? x * TWO_23 : x;
    float k = x < Float.MIN_NORMAL ? -23f : 0f;
    k = k + exponent(y);
    float f = mantissa(y) - 1f;
    float s = f / (f + 2f);
    float w = s * s;
    float p = LOG_2;
    p = Math.fma(p, w, LOG_1);
    p = Math.fma(p, w, LOG_0);
    float h = (f * 0.5f) * f;
    float t = Math.fma(s, Math.fma(p, w, h), k * LN2_LOW);
    float q = Math.fma(k, LN2_HIGH, f - (h - t));
    q = x == Float.POSITIVE_INFINITY ? x : q;
    q = x == 0f ? Float.NEGATIVE_INFINITY : q;
    q = x >= 0f ? q : Float.NaN;
    return q;
  }

  /// `log(1 + y)` for 0 ≤ y ≤ 1, exact to the last places also for tiny y.
  public static float log1pUnit(float y) {
    float s = y / (y + 2f);
    float w = s * s;
    float p = LOG1P_4;
    p = Math.fma(p, w, LOG1P_3);
    p = Math.fma(p, w, LOG1P_2);
    p = Math.fma(p, w, LOG1P_1);
    p = Math.fma(p, w, LOG1P_0);
    return Math.fma(s * w, p, s + s);
  }

  /// `1 / (1 + e⁻ˣ)`.
  public static float sigmoid(float x) {
    return 1f / (exp(-x) + 1f);
  }

  /// `x / (1 + e⁻ˣ)`; −0 at −∞.
  public static float silu(float x) {
    float c = x < -Float.MAX_VALUE ? -Float.MAX_VALUE : x;
    return c / (exp(-x) + 1f);
  }

  /// Derivative of [#silu]: `s·(1 + x·(1 − s))` with `s = sigmoid(x)`; errors relative to 1,
  /// constant beyond ±85.
  public static float siluGradient(float x) {
    float c = x < -SILU_RANGE ? -SILU_RANGE : x;
    c = c > SILU_RANGE ? SILU_RANGE : c;
    float e = exp(-c);
    float s = 1f / (e + 1f);
    return s * Math.fma(c, e * s, 1f);
  }

  /// `log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)`.
  public static float softplus(float x) {
    float m = x < 0f ? 0f : x;
    return m + log1pUnit(exp(-Math.abs(x)));
  }

  /// `log(sigmoid(x)) = min(x, 0) − log(1 + e^−|x|)`.
  public static float logSigmoid(float x) {
    float m = x > 0f ? 0f : x;
    return m - log1pUnit(exp(-Math.abs(x)));
  }

  /// Hyperbolic tangent.
  public static float tanh(float x) {
    float a = Math.abs(x);
    float w = x * x;
    float p = TANH_5;
    p = Math.fma(p, w, TANH_4);
    p = Math.fma(p, w, TANH_3);
    p = Math.fma(p, w, TANH_2);
    p = Math.fma(p, w, TANH_1);
    p = Math.fma(p, w, TANH_0);
    float small = Math.fma(a * w, p, a);
    float big = 1f - (2f / (exp(a + a) + 1f));
    return Math.copySign(a < TANH_SMALL ? small : big, x);
  }

  /// `erfc(t) = 2/√π ∫ₜ^∞ e^−s² ds` for t ≥ 0; 0 above 9.3; errors up to 8 last places.
  public static float erfcPositive(float t) {
    float c = t > ERFC_HIGH ? ERFC_HIGH : t;
    float u = 2f / (c + 2f);
    float h = c * c;
    float l = Math.fma(c, c, -h);
    float e = exp(-h);
    e = Math.fma(-l, e, e);
    float p = ERFC_11;
    p = Math.fma(p, u, ERFC_10);
    p = Math.fma(p, u, ERFC_9);
    p = Math.fma(p, u, ERFC_8);
    p = Math.fma(p, u, ERFC_7);
    p = Math.fma(p, u, ERFC_6);
    p = Math.fma(p, u, ERFC_5);
    p = Math.fma(p, u, ERFC_4);
    p = Math.fma(p, u, ERFC_3);
    p = Math.fma(p, u, ERFC_2);
    p = Math.fma(p, u, ERFC_1);
    p = Math.fma(p, u, ERFC_0);
    return p * e;
  }

  /// `erf(x) = 2/√π ∫₀ˣ e^−s² ds`.
  public static float erf(float x) {
    float a = Math.abs(x);
    float w = x * x;
    float p = ERF_5;
    p = Math.fma(p, w, ERF_4);
    p = Math.fma(p, w, ERF_3);
    p = Math.fma(p, w, ERF_2);
    p = Math.fma(p, w, ERF_1);
    p = Math.fma(p, w, ERF_0);
    float small = Math.fma(a, p, a);
    float big = 1f - erfcPositive(a);
    return Math.copySign(a < 1f ? small : big, x);
  }

  /// `Φ(x) = ½ erfc(−x/√2)`.
  public static float normalCdf(float x) {
    float half = erfcPositive(Math.abs(x) * SQRT_HALF) * 0.5f;
    return x < 0f ? half : 1f - half;
  }

  /// `x·Φ(x)`, the exact form; errors grow to 200 last places where it is below 1e-15; −0 at −∞.
  public static float gelu(float x) {
    float c = x < -Float.MAX_VALUE ? -Float.MAX_VALUE : x;
    return c * normalCdf(x);
  }

  /// Derivative of [#gelu]: `Φ(x) + x·e^(−x²/2)/√(2π)`; errors relative to 1.
  public static float geluGradient(float x) {
    float c = x < -GELU_RANGE ? -GELU_RANGE : x;
    c = c > GELU_RANGE ? GELU_RANGE : c;
    float e = exp((c * c) * -0.5f) * INV_SQRT_2PI;
    return Math.fma(c, e, normalCdf(c));
  }

  /// The exponent of `y` as a whole number, for a fraction in [√½, √2).
  private static float exponent(float y) {
    int e = (Float.floatToRawIntBits(y) - SQRT_HALF_BITS) >> 23;
    return Float.intBitsToFloat(e + ROUND_BITS) - ROUND;
  }

  private static float mantissa(float y) {
    int bits = (Float.floatToRawIntBits(y) - SQRT_HALF_BITS) & MANTISSA;
    return Float.intBitsToFloat(bits + SQRT_HALF_BITS);
  }
}
