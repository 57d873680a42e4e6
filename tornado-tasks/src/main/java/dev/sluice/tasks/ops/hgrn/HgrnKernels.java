package dev.sluice.tasks.ops.hgrn;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The gated elementwise recurrence `h[t] = e^g[t] ⊙ h[t−1] + x[t]`, token by token and in chunks.
///
/// In chunks there are three passes each way: every chunk on its own from zero, the states between
/// the chunks, and every chunk again from its true state. No pass divides by a gate.
public final class HgrnKernels {
  private HgrnKernels() {}

  /// Token by token, one channel of a sequence a work-item.
  ///
  /// @param x `[rows, D]`, Read
  /// @param g `[rows, D]`, Read; log gates
  /// @param h0 `[N, D]`, Read if `initial` is 1, else ignored
  /// @param offsets `[N+1]`, Read
  /// @param o `[rows, D]`, Overwritten
  /// @param ht `[N, D]`, Overwritten
  public static void recurrentForward(
      FloatArray x,
      FloatArray g,
      FloatArray h0,
      IntArray offsets,
      FloatArray o,
      FloatArray ht,
      int initial,
      int N,
      int D) {
    for (@Parallel int n = 0; n < N; n++) {
      for (@Parallel int d = 0; d < D; d++) {
        float h = 0.0f;
        if (initial == 1) {
          h = h0.get(n * D + d);
        }
        int end = offsets.get(n + 1);
        for (int t = offsets.get(n); t < end; t++) {
          h = TornadoMath.exp(g.get(t * D + d)) * h + x.get(t * D + d);
          o.set(t * D + d, h);
        }
        ht.set(n * D + d, h);
      }
    }
  }

  /// Gradients token by token, from the last to the first.
  ///
  /// @param g `[rows, D]`, Read
  /// @param h0 `[N, D]`, Read if `initial` is 1, else ignored
  /// @param o `[rows, D]`, Read; of the forward pass
  /// @param offsets `[N+1]`, Read
  /// @param dO `[rows, D]`, Read if `fromOutput` is 1, else zero
  /// @param dHt `[N, D]`, Read if `fromState` is 1, else zero
  /// @param dX `[rows, D]`, Overwritten
  /// @param dG `[rows, D]`, Overwritten
  /// @param dH0 `[N, D]`, Overwritten
  public static void recurrentBackward(
      FloatArray g,
      FloatArray h0,
      FloatArray o,
      IntArray offsets,
      FloatArray dO,
      FloatArray dHt,
      FloatArray dX,
      FloatArray dG,
      FloatArray dH0,
      int initial,
      int fromOutput,
      int fromState,
      int N,
      int D) {
    for (@Parallel int n = 0; n < N; n++) {
      for (@Parallel int d = 0; d < D; d++) {
        float dH = 0.0f;
        if (fromState == 1) {
          dH = dHt.get(n * D + d);
        }
        int begin = offsets.get(n);
        for (int t = offsets.get(n + 1) - 1; t >= begin; t--) {
          int i = t * D + d;
          float before = 0.0f;
          if (t > begin) {
            before = o.get(i - D);
          } else if (initial == 1) {
            before = h0.get(n * D + d);
          }
          if (fromOutput == 1) {
            dH += dO.get(i);
          }
          dX.set(i, dH);
          dH = dH * TornadoMath.exp(g.get(i));
          dG.set(i, dH * before);
        }
        dH0.set(n * D + d, dH);
      }
    }
  }

  /// What a chunk does to a state: `h → decay ⊙ h + state`.
  ///
  /// @param x `[rows, D]`, Read
  /// @param g `[rows, D]`, Read
  /// @param bounds `[chunks, 2]`, Read; rows of each chunk
  /// @param decay `[chunks, D]`, Overwritten
  /// @param state `[chunks, D]`, Overwritten
  public static void chunkStates(
      FloatArray x,
      FloatArray g,
      IntArray bounds,
      FloatArray decay,
      FloatArray state,
      int chunks,
      int D) {
    for (@Parallel int c = 0; c < chunks; c++) {
      for (@Parallel int d = 0; d < D; d++) {
        float product = 1.0f;
        float h = 0.0f;
        int end = bounds.get(2 * c + 1);
        for (int t = bounds.get(2 * c); t < end; t++) {
          float gate = TornadoMath.exp(g.get(t * D + d));
          product = product * gate;
          h = gate * h + x.get(t * D + d);
        }
        decay.set(c * D + d, product);
        state.set(c * D + d, h);
      }
    }
  }

  /// The state before each chunk and behind the last one.
  ///
  /// @param h0 `[N, D]`, Read if `initial` is 1, else ignored
  /// @param first `[N+1]`, Read; the chunks of each sequence
  /// @param decay `[chunks, D]`, Read
  /// @param state `[chunks, D]`, Read; replaced by the state before the chunk
  /// @param ht `[N, D]`, Overwritten
  public static void passStates(
      FloatArray h0,
      IntArray first,
      FloatArray decay,
      FloatArray state,
      FloatArray ht,
      int initial,
      int N,
      int D) {
    for (@Parallel int n = 0; n < N; n++) {
      for (@Parallel int d = 0; d < D; d++) {
        float h = 0.0f;
        if (initial == 1) {
          h = h0.get(n * D + d);
        }
        int end = first.get(n + 1);
        for (int c = first.get(n); c < end; c++) {
          float own = state.get(c * D + d);
          state.set(c * D + d, h);
          h = decay.get(c * D + d) * h + own;
        }
        ht.set(n * D + d, h);
      }
    }
  }

  /// The outputs of a chunk from the state before it.
  ///
  /// @param x `[rows, D]`, Read
  /// @param g `[rows, D]`, Read
  /// @param bounds `[chunks, 2]`, Read
  /// @param state `[chunks, D]`, Read; the state before each chunk
  /// @param o `[rows, D]`, Overwritten
  public static void chunkOutputs(
      FloatArray x,
      FloatArray g,
      IntArray bounds,
      FloatArray state,
      FloatArray o,
      int chunks,
      int D) {
    for (@Parallel int c = 0; c < chunks; c++) {
      for (@Parallel int d = 0; d < D; d++) {
        float h = state.get(c * D + d);
        int end = bounds.get(2 * c + 1);
        for (int t = bounds.get(2 * c); t < end; t++) {
          h = TornadoMath.exp(g.get(t * D + d)) * h + x.get(t * D + d);
          o.set(t * D + d, h);
        }
      }
    }
  }

  /// What a chunk does to the gradient of the state behind it: `dH → decay ⊙ dH + dState`.
  ///
  /// @param g `[rows, D]`, Read
  /// @param bounds `[chunks, 2]`, Read
  /// @param dO `[rows, D]`, Read if `fromOutput` is 1, else zero
  /// @param decay `[chunks, D]`, Overwritten
  /// @param dState `[chunks, D]`, Overwritten
  public static void chunkStateGradients(
      FloatArray g,
      IntArray bounds,
      FloatArray dO,
      FloatArray decay,
      FloatArray dState,
      int fromOutput,
      int chunks,
      int D) {
    for (@Parallel int c = 0; c < chunks; c++) {
      for (@Parallel int d = 0; d < D; d++) {
        float product = 1.0f;
        float dH = 0.0f;
        int begin = bounds.get(2 * c);
        for (int t = bounds.get(2 * c + 1) - 1; t >= begin; t--) {
          float gate = TornadoMath.exp(g.get(t * D + d));
          if (fromOutput == 1) {
            dH += dO.get(t * D + d);
          }
          dH = dH * gate;
          product = product * gate;
        }
        decay.set(c * D + d, product);
        dState.set(c * D + d, dH);
      }
    }
  }

  /// The gradient of the state behind each chunk and of the initial state.
  ///
  /// @param dHt `[N, D]`, Read if `fromState` is 1, else zero
  /// @param first `[N+1]`, Read
  /// @param decay `[chunks, D]`, Read
  /// @param dState `[chunks, D]`, Read; replaced by the gradient of the state behind the chunk
  /// @param dH0 `[N, D]`, Overwritten
  public static void passStateGradients(
      FloatArray dHt,
      IntArray first,
      FloatArray decay,
      FloatArray dState,
      FloatArray dH0,
      int fromState,
      int N,
      int D) {
    for (@Parallel int n = 0; n < N; n++) {
      for (@Parallel int d = 0; d < D; d++) {
        float dH = 0.0f;
        if (fromState == 1) {
          dH = dHt.get(n * D + d);
        }
        int begin = first.get(n);
        for (int c = first.get(n + 1) - 1; c >= begin; c--) {
          float own = dState.get(c * D + d);
          dState.set(c * D + d, dH);
          dH = decay.get(c * D + d) * dH + own;
        }
        dH0.set(n * D + d, dH);
      }
    }
  }

  /// The gradients within a chunk from that of the state behind it.
  ///
  /// @param g `[rows, D]`, Read
  /// @param o `[rows, D]`, Read; of the forward pass
  /// @param state `[chunks, D]`, Read; the state before each chunk
  /// @param bounds `[chunks, 2]`, Read
  /// @param dO `[rows, D]`, Read if `fromOutput` is 1, else zero
  /// @param dState `[chunks, D]`, Read; gradient of the state behind each chunk
  /// @param dX `[rows, D]`, Overwritten
  /// @param dG `[rows, D]`, Overwritten
  public static void chunkGradients(
      FloatArray g,
      FloatArray o,
      FloatArray state,
      IntArray bounds,
      FloatArray dO,
      FloatArray dState,
      FloatArray dX,
      FloatArray dG,
      int fromOutput,
      int chunks,
      int D) {
    for (@Parallel int c = 0; c < chunks; c++) {
      for (@Parallel int d = 0; d < D; d++) {
        float dH = dState.get(c * D + d);
        int begin = bounds.get(2 * c);
        for (int t = bounds.get(2 * c + 1) - 1; t >= begin; t--) {
          int i = t * D + d;
          float before = state.get(c * D + d);
          if (t > begin) {
            before = o.get(i - D);
          }
          if (fromOutput == 1) {
            dH += dO.get(i);
          }
          dX.set(i, dH);
          dH = dH * TornadoMath.exp(g.get(i));
          dG.set(i, dH * before);
        }
      }
    }
  }
}
