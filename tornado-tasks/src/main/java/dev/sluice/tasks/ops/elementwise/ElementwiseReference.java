package dev.sluice.tasks.ops.elementwise;

/// The functions of single elements in double precision, each with its derivative.
public final class ElementwiseReference {
  private static final double ROOT_2 = Math.sqrt(2.0);
  private static final double ROOT_2_PI = Math.sqrt(2.0 * Math.PI);

  private ElementwiseReference() {}

  /// `σ(x) = 1 / (1 + e^−x)`
  public static double sigmoid(double x) {
    return 1.0 / (1.0 + Math.exp(-x));
  }

  /// `σ'(x)`
  public static double sigmoidDerivative(double x) {
    double s = sigmoid(x);
    return s * (1.0 - s);
  }

  /// `x·σ(x)`
  public static double silu(double x) {
    return x * sigmoid(x);
  }

  /// Derivative of [#silu].
  public static double siluDerivative(double x) {
    double s = sigmoid(x);
    return s * (1.0 + x * (1.0 - s));
  }

  /// `x·Φ(x)`, Φ the distribution function of the normal distribution.
  public static double gelu(double x) {
    return x * normalDistribution(x);
  }

  /// Derivative of [#gelu].
  public static double geluDerivative(double x) {
    return normalDistribution(x) + x * Math.exp(-0.5 * x * x) / ROOT_2_PI;
  }

  /// `log σ(x)`
  public static double logSigmoid(double x) {
    return -softplus(-x);
  }

  /// Derivative of [#logSigmoid].
  public static double logSigmoidDerivative(double x) {
    return sigmoid(-x);
  }

  /// `log(1 + e^x)`
  public static double softplus(double x) {
    return Math.max(x, 0.0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /// Derivative of [#softplus].
  public static double softplusDerivative(double x) {
    return sigmoid(x);
  }

  /// `e^x`
  public static double exp(double x) {
    return Math.exp(x);
  }

  /// Derivative of [#exp].
  public static double expDerivative(double x) {
    return Math.exp(x);
  }

  /// `tanh x`
  public static double tanh(double x) {
    return Math.tanh(x);
  }

  /// Derivative of [#tanh].
  public static double tanhDerivative(double x) {
    double t = Math.tanh(x);
    return 1.0 - t * t;
  }

  /// `max(x, 0)`
  public static double relu(double x) {
    return Math.max(x, 0.0);
  }

  /// Derivative of [#relu], 0 at 0.
  public static double reluDerivative(double x) {
    return x > 0 ? 1.0 : 0.0;
  }

  /// `x + 1` above 0, `e^x` below.
  public static double eluPlusOne(double x) {
    return x > 0 ? x + 1.0 : Math.exp(x);
  }

  /// Derivative of [#eluPlusOne].
  public static double eluPlusOneDerivative(double x) {
    return x > 0 ? 1.0 : Math.exp(x);
  }

  /// Φ by the series `½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …)` near zero and by the continued fraction
  /// of Mills' ratio beyond.
  private static double normalDistribution(double x) {
    double density = Math.exp(-0.5 * x * x) / ROOT_2_PI;
    double size = Math.abs(x);
    double tail;
    if (size < 2.5 * ROOT_2) {
      double term = size;
      double sum = size;
      for (int n = 1; n < 200; n++) {
        term *= size * size / (2 * n + 1);
        sum += term;
      }
      tail = 0.5 - density * sum;
    } else {
      double fraction = 0.0;
      for (int n = 200; n > 0; n--) {
        fraction = n / (size + fraction);
      }
      tail = density / (size + fraction);
    }
    return x < 0 ? tail : 1.0 - tail;
  }
}
