package dev.sluice.tasks.ops.rotary;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Rotary position embedding. The angle of a pair is computed once for all heads.
public final class RotaryKernels {
  private RotaryKernels() {}

  /// `positions[b·T + t] = t`
  ///
  /// @param positions `[B·T]`, Overwritten
  public static void countPositions(IntArray positions, int B, int T) {
    for (@Parallel int i = 0; i < B * T; i++) {
      positions.set(i, i % T);
    }
  }

  /// `positions[b·T + t] = offset[b or 0] + t`
  ///
  /// @param offset `[count]`, Read; `count` is 1 or `B`
  /// @param positions `[B·T]`, Overwritten
  public static void offsetPositions(IntArray offset, IntArray positions, int count, int B, int T) {
    for (@Parallel int i = 0; i < B * T; i++) {
      positions.set(i, offset.get(i / T % count) + i % T);
    }
  }

  /// Positions within packed sequences: `positions[r] = r − bounds[r, 0]`
  ///
  /// @param bounds `[rows, 3]`, Read; the rows of each row's sequence
  /// @param positions `[rows]`, Overwritten
  public static void packedPositions(IntArray bounds, IntArray positions, int rows) {
    for (@Parallel int r = 0; r < rows; r++) {
      positions.set(r, r - bounds.get(3 * r));
    }
  }

  /// With `a = position[r] · base^(−2i/D)`, for `i < D/2`: `y[i] = x[i] cos a − x[i+D/2] sin a` and
  /// `y[i+D/2] = x[i] sin a + x[i+D/2] cos a`.
  ///
  /// @param x `[rows, H, D]`, Read
  /// @param positions `[rows]`, Read
  /// @param y `[rows, H, D]`, Overwritten
  /// @param logBase `ln base`
  /// @param direction 1, or −1 to rotate back
  public static void rotatePairs(
      FloatArray x,
      IntArray positions,
      FloatArray y,
      float logBase,
      float direction,
      int rows,
      int H,
      int D) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int i = 0; i < (D >> 1); i++) {
        float frequency = TornadoMath.exp(-2.0f * i / D * logBase);
        float angle = positions.get(r) * frequency;
        float cosine = TornadoMath.cos(angle);
        float sine = TornadoMath.sin(angle) * direction;
        for (int h = 0; h < H; h++) {
          int at = (r * H + h) * D + i;
          float first = x.get(at);
          float second = x.get(at + (D >> 1));
          y.set(at, first * cosine - second * sine);
          y.set(at + (D >> 1), first * sine + second * cosine);
        }
      }
    }
  }
}
