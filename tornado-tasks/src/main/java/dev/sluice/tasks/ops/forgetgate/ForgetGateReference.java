package dev.sluice.tasks.ops.forgetgate;

/// The forget gate in double precision.
public final class ForgetGateReference {
  private ForgetGateReference() {}

  /// Outputs.
  ///
  /// @param logGate `g`, `[R, D]`
  /// @param rest `1 − e^g`, `[R, D]`
  public record Result(double[] logGate, double[] rest) {}

  /// Gradients.
  ///
  /// @param dX `[R, D]`
  /// @param dLogits `[L, D]`
  public record Gradients(double[] dX, double[] dLogits) {}

  /// `bound[d] = Σ_{1 ≤ l ≤ layer} softmax_l(logits[l,d])`
  ///
  /// @param logits `[L, D]`, Read
  /// @return `[D]`
  public static double[] bound(double[] logits, int layer, int L, int D) {
    double[] bound = new double[D];
    for (int d = 0; d < D; d++) {
      for (int l = 1; l <= layer; l++) {
        bound[d] += share(logits, l, d, L, D);
      }
    }
    return bound;
  }

  /// `g = log(bound + (1 − bound) σ(x))`
  ///
  /// @param x `[R, D]`, Read
  /// @param bound `[D]`, Read
  public static Result forward(double[] x, double[] bound, int D) {
    double[] logGate = new double[x.length];
    double[] rest = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double b = bound[i % D];
      rest[i] = (1 - b) / (1 + Math.exp(x[i]));
      double logSigmoid = Math.min(x[i], 0) - Math.log1p(Math.exp(-Math.abs(x[i])));
      logGate[i] = b == 0 ? logSigmoid : Math.log(b + (1 - b) * Math.exp(logSigmoid));
    }
    return new Result(logGate, rest);
  }

  /// The gradients of [#forward] and [#bound].
  ///
  /// @param x `[R, D]`, Read
  /// @param logits `[L, D]`, Read
  /// @param dLogGate `[R, D]`, Read
  /// @param dRest `[R, D]`, Read
  public static Gradients backward(
      double[] x, double[] logits, double[] dLogGate, double[] dRest, int layer, int L, int D) {
    double[] bound = bound(logits, layer, L, D);
    double[] dBound = new double[D];
    double[] dX = new double[x.length];
    double[] dLogits = new double[L * D];
    for (int i = 0; i < x.length; i++) {
      double b = bound[i % D];
      double s = 1 / (1 + Math.exp(-x[i]));
      double gate = b + (1 - b) * s;
      double slope = (1 - b) * s * (1 - s);
      dX[i] = dLogGate[i] * slope / gate - dRest[i] * slope;
      dBound[i % D] += (1 - s) * (dLogGate[i] / gate - dRest[i]);
    }
    for (int l = 0; l < L; l++) {
      for (int d = 0; d < D; d++) {
        double inside = l >= 1 && l <= layer ? 1 : 0;
        dLogits[l * D + d] = share(logits, l, d, L, D) * (inside - bound[d]) * dBound[d];
      }
    }
    return new Gradients(dX, dLogits);
  }

  private static double share(double[] logits, int layer, int d, int L, int D) {
    double sum = 0;
    for (int l = 0; l < L; l++) {
      sum += Math.exp(logits[l * D + d] - logits[layer * D + d]);
    }
    return 1 / sum;
  }
}
