package dev.sluice.tasks.ops.gateddeltarule;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;

/// The gated delta rule in double precision, token by token, with every state kept.
///
/// For each sequence and value head, with `S` of shape `[K, V]`:
///
///     S ← e^g S;   r = v − Sᵀk;   S ← S + k (β r)ᵀ;   o = scale · Sᵀq
///
/// With [QkNorm#L2] `q` and `k` are first divided by their length, a row of `K` each.
///
/// Source: Yang, Kautz and Hatamizadeh, "Gated Delta Networks", 2024; Yang et al., "Parallelizing
/// Linear Transformers with the Delta Rule over Sequence Length", 2024.
public final class GatedDeltaRuleReference {
  private GatedDeltaRuleReference() {}

  /// What goes in; all Read.
  ///
  /// @param q `[M, H, K]`
  /// @param k `[M, H, K]`
  /// @param v `[M, HV, V]`
  /// @param g `[M, HV]` log gate, or null for no gate
  /// @param beta `[M, HV]`
  /// @param initial `[N, HV, K, V]` initial state, or null for zero
  /// @param offsets `[N+1]` first token of each sequence, and `M`
  public record Inputs(
      double[] q,
      double[] k,
      double[] v,
      double @Nullable [] g,
      double[] beta,
      double @Nullable [] initial,
      int[] offsets) {}

  /// Sizes, the factor of the output and the norm of `q` and `k`.
  public record Sizes(int H, int HV, int K, int V, double scale, QkNorm norm) {}

  /// What comes out.
  ///
  /// @param o `[M, HV, V]`
  /// @param last `[N, HV, K, V]` final state
  public record Outputs(double[] o, double[] last) {}

  /// The gradients of all inputs, each of its input's shape.
  public record InputGradients(
      double[] dQ, double[] dK, double[] dV, double[] dG, double[] dBeta, double[] dInitial) {}

  /// Outputs and final states.
  public static Outputs forward(Inputs given, Sizes s) {
    Inputs in = s.norm() == QkNorm.NONE ? given : unit(given, s.K());
    double[] o = new double[in.v().length];
    double[] last = new double[(in.offsets().length - 1) * s.HV() * s.K() * s.V()];
    for (int n = 0; n + 1 < in.offsets().length; n++) {
      for (int j = 0; j < s.HV(); j++) {
        double[][] states = states(in, s, n, j, o, new double[in.v().length]);
        int at = (n * s.HV() + j) * s.K() * s.V();
        System.arraycopy(states[states.length - 1], 0, last, at, s.K() * s.V());
      }
    }
    return new Outputs(o, last);
  }

  /// The gradients of `sum(o · dO) + sum(last · dLast)`. With `D` the gradient of the state:
  ///
  ///     D += scale · q dOᵀ;          dq = scale · S dO
  ///     e = Dᵀk;   dβ = e·r;   dv = βe;   dk = D(βr) − S'dv;   D ← D − k dvᵀ
  ///     dg = ⟨D, S'⟩;                D ← e^g D
  ///
  /// where `S'` is the state after the gate and before the update. Through the norm `x̂ = x s` of a
  /// row, `s = 1/√(Σ x² + eps)`: `dx = s (dx̂ − x̂ (x̂·dx̂))`.
  ///
  /// @param dO `[M, HV, V]`, Read
  /// @param dLast `[N, HV, K, V]`, Read
  public static InputGradients backward(Inputs given, Sizes s, double[] dO, double[] dLast) {
    Inputs in = s.norm() == QkNorm.NONE ? given : unit(given, s.K());
    var d =
        new InputGradients(
            new double[in.q().length],
            new double[in.k().length],
            new double[in.v().length],
            new double[in.beta().length],
            new double[in.beta().length],
            new double[dLast.length]);
    double[] r = new double[in.v().length];
    for (int n = 0; n + 1 < in.offsets().length; n++) {
      for (int j = 0; j < s.HV(); j++) {
        double[][] states = states(in, s, n, j, new double[in.v().length], r);
        int at = (n * s.HV() + j) * s.K() * s.V();
        double[] dS = Arrays.copyOfRange(dLast, at, at + s.K() * s.V());
        for (int t = in.offsets()[n + 1] - 1; t >= in.offsets()[n]; t--) {
          int i = t - in.offsets()[n];
          backwardToken(in, s, t, j, states[i], states[i + 1], r, dO, dS, d);
        }
        System.arraycopy(dS, 0, d.dInitial(), at, dS.length);
      }
    }
    if (s.norm() == QkNorm.L2) {
      throughNorm(given.q(), d.dQ(), s.K());
      throughNorm(given.k(), d.dK(), s.K());
    }
    return d;
  }

  private static Inputs unit(Inputs in, int K) {
    return new Inputs(
        unit(in.q(), K), unit(in.k(), K), in.v(), in.g(), in.beta(), in.initial(), in.offsets());
  }

  private static double[] unit(double[] rows, int K) {
    double[] unit = new double[rows.length];
    for (int at = 0; at < rows.length; at += K) {
      double s = reciprocalLength(rows, at, K);
      for (int i = at; i < at + K; i++) {
        unit[i] = rows[i] * s;
      }
    }
    return unit;
  }

  /// From the gradients of rows of unit length to those of the rows `x`, in place.
  private static void throughNorm(double[] x, double[] d, int K) {
    for (int at = 0; at < x.length; at += K) {
      double s = reciprocalLength(x, at, K);
      double along = 0;
      for (int i = at; i < at + K; i++) {
        along += d[i] * x[i] * s;
      }
      for (int i = at; i < at + K; i++) {
        d[i] = s * (d[i] - x[i] * s * along);
      }
    }
  }

  private static double reciprocalLength(double[] x, int at, int K) {
    double squares = 0;
    for (int i = at; i < at + K; i++) {
      squares += x[i] * x[i];
    }
    return 1 / Math.sqrt(squares + QkNorm.EPS);
  }

  private static double[][] states(
      Inputs in, Sizes s, int n, int j, double[] o, double[] residual) {
    int length = in.offsets()[n + 1] - in.offsets()[n];
    double[][] states = new double[length + 1][s.K() * s.V()];
    if (in.initial() != null) {
      System.arraycopy(in.initial(), (n * s.HV() + j) * s.K() * s.V(), states[0], 0, s.K() * s.V());
    }
    for (int i = 0; i < length; i++) {
      int t = in.offsets()[n] + i;
      int kAt = keyRow(s, t, j);
      int vAt = (t * s.HV() + j) * s.V();
      double decay = decay(in, s, t, j);
      double[] before = states[i];
      double[] after = states[i + 1];
      for (int v = 0; v < s.V(); v++) {
        double r = in.v()[vAt + v];
        for (int k = 0; k < s.K(); k++) {
          r -= decay * before[k * s.V() + v] * in.k()[kAt + k];
        }
        residual[vAt + v] = r;
        double out = 0;
        for (int k = 0; k < s.K(); k++) {
          int x = k * s.V() + v;
          after[x] = decay * before[x] + in.k()[kAt + k] * in.beta()[t * s.HV() + j] * r;
          out += after[x] * in.q()[kAt + k];
        }
        o[vAt + v] = s.scale() * out;
      }
    }
    return states;
  }

  private static void backwardToken(
      Inputs in,
      Sizes s,
      int t,
      int j,
      double[] before,
      double[] after,
      double[] residual,
      double[] dO,
      double[] dS,
      InputGradients d) {
    int kAt = keyRow(s, t, j);
    int vAt = (t * s.HV() + j) * s.V();
    int head = t * s.HV() + j;
    double beta = in.beta()[head];
    double decay = decay(in, s, t, j);
    for (int v = 0; v < s.V(); v++) {
      double e = 0;
      for (int k = 0; k < s.K(); k++) {
        int x = k * s.V() + v;
        d.dQ()[kAt + k] += s.scale() * after[x] * dO[vAt + v];
        dS[x] += s.scale() * in.q()[kAt + k] * dO[vAt + v];
        e += dS[x] * in.k()[kAt + k];
      }
      double r = residual[vAt + v];
      d.dBeta()[head] += e * r;
      d.dV()[vAt + v] = beta * e;
      for (int k = 0; k < s.K(); k++) {
        int x = k * s.V() + v;
        double gated = decay * before[x];
        d.dK()[kAt + k] += dS[x] * beta * r - gated * beta * e;
        dS[x] -= in.k()[kAt + k] * beta * e;
        d.dG()[head] += dS[x] * gated;
        dS[x] *= decay;
      }
    }
  }

  private static int keyRow(Sizes s, int t, int j) {
    return (t * s.H() + j / (s.HV() / s.H())) * s.K();
  }

  private static double decay(Inputs in, Sizes s, int t, int j) {
    return in.g() == null ? 1 : Math.exp(in.g()[t * s.HV() + j]);
  }

  /// One head's tokens as one chunk, by the WY form: with `G` the running sum of `g`, `L` the strict
  /// lower part of `diag(β) K Kᵀ ⊙ e^(G_i−G_j)` and `A = (I+L)⁻¹`:
  ///
  ///     U = A diag(β) V − A diag(β e^G) K S
  ///     o = scale · (diag(e^G) Q S + lower(Q Kᵀ ⊙ e^(G_i−G_j)) U)
  ///     S ← e^G_C S + (diag(e^(G_C−G)) K)ᵀ U
  ///
  /// @param in one sequence with `H = HV = 1` and a gate; `q` and `k` are taken as they are
  /// @return the same as [#forward]
  /// @throws IllegalArgumentException if there are several heads
  public static Outputs forwardByWy(Inputs in, Sizes s) {
    if (s.HV() != 1 || in.g() == null || in.initial() == null) {
      throw new IllegalArgumentException("the WY form is for one head with a gate and a state");
    }
    int c = in.beta().length;
    DMatrixRMaj q = matrix(in.q(), c, s.K());
    DMatrixRMaj k = matrix(in.k(), c, s.K());
    DMatrixRMaj state = matrix(in.initial().clone(), s.K(), s.V());
    double[] sum = in.g().clone();
    Arrays.parallelPrefix(sum, Double::sum);
    DMatrixRMaj inverse = product(k, false, k, true);
    DMatrixRMaj scores = product(q, false, k, true);
    for (int i = 0; i < c; i++) {
      for (int j = 0; j < c; j++) {
        double gate = Math.exp(sum[i] - sum[j]);
        inverse.set(i, j, j < i ? in.beta()[i] * inverse.get(i, j) * gate : i == j ? 1 : 0);
        scores.set(i, j, j <= i ? scores.get(i, j) * gate : 0);
      }
    }
    if (!CommonOps_DDRM.invert(inverse)) {
      throw new IllegalStateException("I + L is unit lower triangular and must have an inverse");
    }
    double[] decay = Arrays.stream(sum).map(Math::exp).toArray();
    double[] rest = Arrays.stream(sum).map(x -> Math.exp(sum[c - 1] - x)).toArray();
    DMatrixRMaj right = product(scaled(decay, k), false, state, false);
    CommonOps_DDRM.subtract(matrix(in.v(), c, s.V()), right, right);
    DMatrixRMaj u = product(inverse, false, scaled(in.beta(), right), false);
    DMatrixRMaj o = product(scaled(decay, q), false, state, false);
    CommonOps_DDRM.addEquals(o, product(scores, false, u, false));
    CommonOps_DDRM.scale(s.scale(), o);
    CommonOps_DDRM.scale(decay[c - 1], state);
    CommonOps_DDRM.addEquals(state, product(scaled(rest, k), true, u, false));
    return new Outputs(o.getData(), state.getData());
  }

  private static DMatrixRMaj matrix(double[] values, int rows, int columns) {
    return DMatrixRMaj.wrap(rows, columns, values);
  }

  private static DMatrixRMaj scaled(double[] rows, DMatrixRMaj a) {
    DMatrixRMaj copy = a.copy();
    CommonOps_DDRM.multRows(rows, copy);
    return copy;
  }

  private static DMatrixRMaj product(
      DMatrixRMaj a, boolean transposeA, DMatrixRMaj b, boolean transposeB) {
    DMatrixRMaj c = new DMatrixRMaj(1, 1);
    if (transposeA) {
      CommonOps_DDRM.multTransA(a, b, c);
    } else if (transposeB) {
      CommonOps_DDRM.multTransB(a, b, c);
    } else {
      CommonOps_DDRM.mult(a, b, c);
    }
    return c;
  }
}
