package dev.sluice.tasks.ops.selectivescan;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The backward pass of the selective scan, in chunks: their states are computed again from those
/// kept between them. What is summed over channels, chunks or rows goes through partial sums of a
/// fixed order.
public final class SelectiveScanGradientKernels {
  /// Rows of a chunk.
  static final int CHUNK = 32;

  /// Channels whose contributions to `dB` and `dC` one work-item sums.
  static final int BLOCK = 16;

  private SelectiveScanGradientKernels() {}

  /// The way back through gate and skip: `dSum = dY silu(z)`, `dZ = dY sum silu'(z)`, `dU = skip
  /// dSum`.
  ///
  /// @param skip `[D]`, Read
  /// @param z `[rows, D]`, Read if `gated` is 1, else ignored
  /// @param sum `[rows, D]`, Read if `gated` is 1
  /// @param dY `[rows, D]`, Read if `reached` is 1, else zero
  /// @param dSum `[rows, D]`, Overwritten
  /// @param dZ `[rows, D]`, Overwritten if `gated` is 1
  /// @param dU `[rows, D]`, Overwritten
  public static void finish(
      FloatArray skip,
      FloatArray z,
      FloatArray sum,
      FloatArray dY,
      FloatArray dSum,
      FloatArray dZ,
      FloatArray dU,
      int gated,
      int reached,
      int rows,
      int D) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        int i = r * D + d;
        float gradient = 0.0f;
        if (reached == 1) {
          gradient = dY.get(i);
        }
        if (gated == 1) {
          float gate = z.get(i);
          float sigmoid = 1.0f / (1.0f + TornadoMath.exp(0.0f - gate));
          dZ.set(i, gradient * sum.get(i) * sigmoid * (1.0f + gate * (1.0f - sigmoid)));
          gradient = gradient * gate * sigmoid;
        }
        dSum.set(i, gradient);
        dU.set(i, gradient * skip.get(d));
      }
    }
  }

  /// What a chunk does to the gradient of the state behind it: `dX → e^(A · total) dX + dState`.
  ///
  /// @param step `[rows, D]`, Read
  /// @param a `[D, N]`, Read
  /// @param c `[rows, N]`, Read
  /// @param bounds `[chunks, 2]`, Read
  /// @param dSum `[rows, D]`, Read
  /// @param total `[chunks, D]`, Overwritten by the sum of the chunk's steps
  /// @param dState `[chunks, D, N]`, Overwritten
  public static void chunkStates(
      FloatArray step,
      FloatArray a,
      FloatArray c,
      IntArray bounds,
      FloatArray dSum,
      FloatArray total,
      FloatArray dState,
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
          float dX = 0.0f;
          for (int t = end - 1; t >= begin; t--) {
            dX += c.get(t * N + n) * dSum.get(t * D + d);
            dX = dX * TornadoMath.exp(step.get(t * D + d) * rate);
          }
          dState.set((i * D + d) * N + n, dX);
        }
      }
    }
  }

  /// The gradient of the state behind each chunk and of the initial state.
  ///
  /// @param a `[D, N]`, Read
  /// @param dHt `[S, D, N]`, Read if `reached` is 1, else zero
  /// @param first `[S+1]`, Read
  /// @param total `[chunks, D]`, Read
  /// @param dState `[chunks, D, N]`, Read; replaced by the gradient of the state behind the chunk
  /// @param dH0 `[S, D, N]`, Overwritten
  public static void passStates(
      FloatArray a,
      FloatArray dHt,
      IntArray first,
      FloatArray total,
      FloatArray dState,
      FloatArray dH0,
      int reached,
      int S,
      int D,
      int N) {
    for (@Parallel int s = 0; s < S; s++) {
      for (@Parallel int j = 0; j < D * N; j++) {
        float dX = 0.0f;
        if (reached == 1) {
          dX = dHt.get(s * D * N + j);
        }
        int begin = first.get(s);
        for (int i = first.get(s + 1) - 1; i >= begin; i--) {
          float own = dState.get(i * D * N + j);
          dState.set(i * D * N + j, dX);
          dX = TornadoMath.exp(a.get(j) * total.get(i * D + j / N)) * dX + own;
        }
        dH0.set(s * D * N + j, dX);
      }
    }
  }

  /// The gradients within a chunk, one block of channels a work-item.
  ///
  /// @param u `[rows, D]`, Read
  /// @param step `[rows, D]`, Read
  /// @param a `[D, N]`, Read
  /// @param b `[rows, N]`, Read
  /// @param c `[rows, N]`, Read
  /// @param state `[chunks, D, N]`, Read; the state before each chunk
  /// @param bounds `[chunks, 2]`, Read
  /// @param dSum `[rows, D]`, Read
  /// @param dState `[chunks, D, N]`, Read; gradient of the state behind each chunk
  /// @param x `[chunks, blocks, CHUNK]`, scratch
  /// @param dStep `[rows, D]`, Overwritten
  /// @param dU `[rows, D]`, Accumulated
  /// @param dA `[chunks, D, N]`, Overwritten by partial sums
  /// @param dB `[blocks, rows, N]`, Overwritten by partial sums
  /// @param dC `[blocks, rows, N]`, Overwritten by partial sums
  public static void chunkInputs(
      FloatArray u,
      FloatArray step,
      FloatArray a,
      FloatArray b,
      FloatArray c,
      FloatArray state,
      IntArray bounds,
      FloatArray dSum,
      FloatArray dState,
      FloatArray x,
      FloatArray dStep,
      FloatArray dU,
      FloatArray dA,
      FloatArray dB,
      FloatArray dC,
      int chunks,
      int rows,
      int D,
      int N) {
    for (@Parallel int i = 0; i < chunks; i++) {
      for (@Parallel int block = 0; block < (D + BLOCK - 1) / BLOCK; block++) {
        int begin = bounds.get(2 * i);
        int end = bounds.get(2 * i + 1);
        int saved = (i * ((D + BLOCK - 1) / BLOCK) + block) * CHUNK - begin;
        for (int j = block * BLOCK * N; j < Math.min(D, block * BLOCK + BLOCK) * N; j++) {
          int d = j / N;
          int n = j - d * N;
          float value = state.get(i * D * N + j);
          for (int t = begin; t < end; t++) {
            float dt = step.get(t * D + d);
            x.set(saved + t, value);
            value =
                TornadoMath.exp(dt * a.get(j)) * value + dt * b.get(t * N + n) * u.get(t * D + d);
          }
          float dX = dState.get(i * D * N + j);
          float dRate = 0.0f;
          for (int t = end - 1; t >= begin; t--) {
            int at = t * D + d;
            int partial = (block * rows + t) * N + n;
            float dt = step.get(at);
            float input = b.get(t * N + n) * u.get(at);
            float decay = TornadoMath.exp(dt * a.get(j));
            float kept = decay * x.get(saved + t);
            dX += c.get(t * N + n) * dSum.get(at);
            boolean first = d == block * BLOCK;
            dC.set(partial, dSum.get(at) * (kept + dt * input) + (first ? 0.0f : dC.get(partial)));
            dB.set(partial, dX * dt * u.get(at) + (first ? 0.0f : dB.get(partial)));
            dStep.set(at, dX * (a.get(j) * kept + input) + (n == 0 ? 0.0f : dStep.get(at)));
            dU.set(at, dU.get(at) + dX * dt * b.get(t * N + n));
            dRate += dX * dt * kept;
            dX = dX * decay;
          }
          dA.set(i * D * N + j, dRate);
        }
      }
    }
  }

  /// `dDelta[r,d] = dStep[r,d] σ(delta[r,d] + bias[d])`
  ///
  /// @param delta `[rows, D]`, Read
  /// @param bias `[D]`, Read if `biased` is 1, else ignored
  /// @param dStep `[rows, D]`, Read
  /// @param dDelta `[rows, D]`, Overwritten
  public static void steps(
      FloatArray delta,
      FloatArray bias,
      FloatArray dStep,
      FloatArray dDelta,
      int biased,
      int rows,
      int D) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        float raw = delta.get(r * D + d);
        if (biased == 1) {
          raw += bias.get(d);
        }
        dDelta.set(r * D + d, dStep.get(r * D + d) / (1.0f + TornadoMath.exp(0.0f - raw)));
      }
    }
  }

  /// Partial sums over blocks of rows: `partial[0,b,d] = Σ_r dSum u`, `partial[1,b,d] = Σ_r
  /// dDelta`.
  ///
  /// @param u `[rows, D]`, Read
  /// @param dSum `[rows, D]`, Read
  /// @param dDelta `[rows, D]`, Read
  /// @param skips `[blocks, D]`, Overwritten
  /// @param biases `[blocks, D]`, Overwritten
  public static void rowSums(
      FloatArray u,
      FloatArray dSum,
      FloatArray dDelta,
      FloatArray skips,
      FloatArray biases,
      int blocks,
      int rows,
      int D) {
    for (@Parallel int b = 0; b < blocks; b++) {
      for (@Parallel int d = 0; d < D; d++) {
        int size = (rows + blocks - 1) / blocks;
        int end = Math.min(rows, b * size + size);
        float skip = 0.0f;
        float bias = 0.0f;
        for (int r = b * size; r < end; r++) {
          skip += dSum.get(r * D + d) * u.get(r * D + d);
          bias += dDelta.get(r * D + d);
        }
        skips.set(b * D + d, skip);
        biases.set(b * D + d, bias);
      }
    }
  }

  /// `total[j] = Σ_i partial[i,j]`
  ///
  /// @param partial `[count, size]`, Read
  /// @param total `[size]`, Overwritten
  public static void sum(FloatArray partial, FloatArray total, int count, int size) {
    for (@Parallel int j = 0; j < size; j++) {
      float sum = 0.0f;
      for (int i = 0; i < count; i++) {
        sum += partial.get(i * size + j);
      }
      total.set(j, sum);
    }
  }
}
