package dev.sluice.tasks.ops.selectivescan;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The forward pass of the selective scan. In a work-item the state's elements come one after the
/// other, so that each is a scalar.
public final class SelectiveScanKernels {
  private SelectiveScanKernels() {}

  /// `step[r,d] = softplus(delta[r,d] + bias[d])`, by `ln(1+e) = 2 artanh(e/(2+e))`, which is exact
  /// for small steps too.
  ///
  /// @param delta `[rows, D]`, Read
  /// @param bias `[D]`, Read if `biased` is 1, else ignored
  /// @param step `[rows, D]`, Overwritten
  public static void steps(
      FloatArray delta, FloatArray bias, FloatArray step, int biased, int rows, int D) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        float raw = delta.get(r * D + d);
        if (biased == 1) {
          raw += bias.get(d);
        }
        float small = TornadoMath.exp(0.0f - TornadoMath.abs(raw));
        float x = small / (2.0f + small);
        float x2 = x * x;
        float series = 1.0f / 15.0f;
        series = series * x2 + 1.0f / 13.0f;
        series = series * x2 + 1.0f / 11.0f;
        series = series * x2 + 1.0f / 9.0f;
        series = series * x2 + 1.0f / 7.0f;
        series = series * x2 + 1.0f / 5.0f;
        series = series * x2 + 1.0f / 3.0f;
        series = series * x2 + 1.0f;
        step.set(r * D + d, TornadoMath.max(raw, 0.0f) + 2.0f * x * series);
      }
    }
  }

  /// Token by token: `y[t,d] = Σ_n C[t,n] x[t,d,n]`, a channel of a sequence a work-item.
  ///
  /// @param u `[rows, D]`, Read
  /// @param step `[rows, D]`, Read
  /// @param a `[D, N]`, Read
  /// @param b `[rows, N]`, Read
  /// @param c `[rows, N]`, Read
  /// @param h0 `[S, D, N]`, Read if `initial` is 1, else ignored
  /// @param bounds `[chunks, 2]`, Read; rows of each chunk
  /// @param first `[S+1]`, Read; chunks of each sequence
  /// @param y `[rows, D]`, Overwritten
  /// @param ht `[S, D, N]`, Overwritten
  /// @param state `[chunks, D, N]`, Overwritten by the state before each chunk; saved for the
  ///   backward pass
  public static void recurrent(
      FloatArray u,
      FloatArray step,
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray h0,
      IntArray bounds,
      IntArray first,
      FloatArray y,
      FloatArray ht,
      FloatArray state,
      int initial,
      int S,
      int D,
      int N) {
    for (@Parallel int s = 0; s < S; s++) {
      for (@Parallel int d = 0; d < D; d++) {
        for (int n = 0; n < N; n++) {
          float x = 0.0f;
          if (initial == 1) {
            x = h0.get((s * D + d) * N + n);
          }
          float rate = a.get(d * N + n);
          int chunkEnd = first.get(s + 1);
          for (int i = first.get(s); i < chunkEnd; i++) {
            state.set((i * D + d) * N + n, x);
            int end = bounds.get(2 * i + 1);
            for (int t = bounds.get(2 * i); t < end; t++) {
              float dt = step.get(t * D + d);
              x = TornadoMath.exp(dt * rate) * x + dt * b.get(t * N + n) * u.get(t * D + d);
              float sum = c.get(t * N + n) * x;
              if (n > 0) {
                sum += y.get(t * D + d);
              }
              y.set(t * D + d, sum);
            }
          }
          ht.set((s * D + d) * N + n, x);
        }
      }
    }
  }

  /// What a chunk does to a state: `x → e^(A · total) x + state`.
  ///
  /// @param u `[rows, D]`, Read
  /// @param step `[rows, D]`, Read
  /// @param a `[D, N]`, Read
  /// @param b `[rows, N]`, Read
  /// @param bounds `[chunks, 2]`, Read
  /// @param total `[chunks, D]`, Overwritten by the sum of the chunk's steps
  /// @param state `[chunks, D, N]`, Overwritten
  public static void chunkStates(
      FloatArray u,
      FloatArray step,
      FloatArray a,
      FloatArray b,
      IntArray bounds,
      FloatArray total,
      FloatArray state,
      int chunks,
      int D,
      int N) {
    for (@Parallel int i = 0; i < chunks; i++) {
      for (@Parallel int d = 0; d < D; d++) {
        int begin = bounds.get(2 * i);
        int end = bounds.get(2 * i + 1);
        float sum = 0.0f;
        for (int t = begin; t < end; t++) {
          sum += step.get(t * D + d);
        }
        total.set(i * D + d, sum);
        for (int n = 0; n < N; n++) {
          float rate = a.get(d * N + n);
          float x = 0.0f;
          for (int t = begin; t < end; t++) {
            float dt = step.get(t * D + d);
            x = TornadoMath.exp(dt * rate) * x + dt * b.get(t * N + n) * u.get(t * D + d);
          }
          state.set((i * D + d) * N + n, x);
        }
      }
    }
  }

  /// The state before each chunk and behind the last one.
  ///
  /// @param a `[D, N]`, Read
  /// @param h0 `[S, D, N]`, Read if `initial` is 1, else ignored
  /// @param first `[S+1]`, Read
  /// @param total `[chunks, D]`, Read
  /// @param state `[chunks, D, N]`, Read; replaced by the state before the chunk
  /// @param ht `[S, D, N]`, Overwritten
  public static void passStates(
      FloatArray a,
      FloatArray h0,
      IntArray first,
      FloatArray total,
      FloatArray state,
      FloatArray ht,
      int initial,
      int S,
      int D,
      int N) {
    for (@Parallel int s = 0; s < S; s++) {
      for (@Parallel int j = 0; j < D * N; j++) {
        float x = 0.0f;
        if (initial == 1) {
          x = h0.get(s * D * N + j);
        }
        int end = first.get(s + 1);
        for (int i = first.get(s); i < end; i++) {
          float own = state.get(i * D * N + j);
          state.set(i * D * N + j, x);
          x = TornadoMath.exp(a.get(j) * total.get(i * D + j / N)) * x + own;
        }
        ht.set(s * D * N + j, x);
      }
    }
  }

  /// `y[t,d] = Σ_n C[t,n] x[t,d,n]` within each chunk from the state before it.
  ///
  /// @param u `[rows, D]`, Read
  /// @param step `[rows, D]`, Read
  /// @param a `[D, N]`, Read
  /// @param b `[rows, N]`, Read
  /// @param c `[rows, N]`, Read
  /// @param bounds `[chunks, 2]`, Read
  /// @param state `[chunks, D, N]`, Read
  /// @param y `[rows, D]`, Overwritten
  public static void chunkOutputs(
      FloatArray u,
      FloatArray step,
      FloatArray a,
      FloatArray b,
      FloatArray c,
      IntArray bounds,
      FloatArray state,
      FloatArray y,
      int chunks,
      int D,
      int N) {
    for (@Parallel int i = 0; i < chunks; i++) {
      for (@Parallel int d = 0; d < D; d++) {
        int end = bounds.get(2 * i + 1);
        for (int n = 0; n < N; n++) {
          float rate = a.get(d * N + n);
          float x = state.get((i * D + d) * N + n);
          for (int t = bounds.get(2 * i); t < end; t++) {
            float dt = step.get(t * D + d);
            x = TornadoMath.exp(dt * rate) * x + dt * b.get(t * N + n) * u.get(t * D + d);
            float sum = c.get(t * N + n) * x;
            if (n > 0) {
              sum += y.get(t * D + d);
            }
            y.set(t * D + d, sum);
          }
        }
      }
    }
  }

  /// `sum[r,d] += skip[d] u[r,d]`
  ///
  /// @param u `[rows, D]`, Read
  /// @param skip `[D]`, Read
  /// @param sum `[rows, D]`, Accumulated
  public static void addInput(FloatArray u, FloatArray skip, FloatArray sum, int rows, int D) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        sum.set(r * D + d, sum.get(r * D + d) + skip.get(d) * u.get(r * D + d));
      }
    }
  }

  /// `y[i] = sum[i] silu(z[i])`
  ///
  /// @param z `[size]`, Read
  /// @param sum `[size]`, Read
  /// @param y `[size]`, Overwritten
  public static void gate(FloatArray z, FloatArray sum, FloatArray y, int size) {
    for (@Parallel int i = 0; i < size; i++) {
      y.set(i, sum.get(i) * z.get(i) / (1.0f + TornadoMath.exp(0.0f - z.get(i))));
    }
  }
}
