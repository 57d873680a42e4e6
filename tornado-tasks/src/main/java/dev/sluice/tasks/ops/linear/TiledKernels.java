package dev.sluice.tasks.ops.linear;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Matrix product in float32 for devices with work-groups.
///
/// A group of 256 work-items computes a tile of 64 × 64 results, a work-item 4 × 4 of them, from
/// slices of both operands in local memory, 16 deep. Strides say which way an operand lies, so that
/// one kernel serves all transposes; they are constants of the compiled kernel.
public final class TiledKernels {
  /// Rows and columns of a tile.
  public static final int TILE = 64;

  /// Work-items of a group.
  public static final int GROUP = 256;

  /// Terms of the sum that one slice holds; a part has a multiple of it.
  public static final int DEPTH = 16;

  /// One more than a tile, so that neighbours write to different banks.
  private static final int PITCH = TILE + 1;

  private TiledKernels() {}

  /// `c[m,n] (+)= Σ_{k in part} a[m·aRow + k·aStep]·b[n·bRow + k·bStep] (+ bias[n])`, one part of
  /// the sum for each slice of `c`; groups `(tiles of M × tiles of N, parts)`
  ///
  /// @param a M rows of K, Read, from `aOffset` on
  /// @param b N rows of K, Read, from `bOffset` on
  /// @param bias `[N]`, Read where `useBias` is 1
  /// @param c `[parts, M, N]`, Overwritten, or Accumulated where `accumulate` is 1, from `cOffset`
  ///   on
  /// @param part how many of the K terms a part has, a multiple of 16
  public static void multiply(
      KernelContext context,
      FloatArray a,
      FloatArray b,
      FloatArray bias,
      FloatArray c,
      int aOffset,
      int aRow,
      int aStep,
      int bOffset,
      int bRow,
      int bStep,
      int cOffset,
      int useBias,
      int accumulate,
      int part,
      int M,
      int N,
      int K) {
    float[] aTile = context.allocateFloatLocalArray(PITCH * DEPTH);
    float[] bTile = context.allocateFloatLocalArray(PITCH * DEPTH);
    int item = context.localIdx;
    int columns = (N + TILE - 1) / TILE;
    int m0 = context.groupIdx / columns * TILE;
    int n0 = context.groupIdx % columns * TILE;
    int y = item / 16;
    int x = item % 16;
    int first = context.groupIdy * part;
    int last = Math.min(K, first + part);
    float c00 = 0.0f;
    float c01 = 0.0f;
    float c02 = 0.0f;
    float c03 = 0.0f;
    float c10 = 0.0f;
    float c11 = 0.0f;
    float c12 = 0.0f;
    float c13 = 0.0f;
    float c20 = 0.0f;
    float c21 = 0.0f;
    float c22 = 0.0f;
    float c23 = 0.0f;
    float c30 = 0.0f;
    float c31 = 0.0f;
    float c32 = 0.0f;
    float c33 = 0.0f;
    for (int k0 = first; k0 < last; k0 += DEPTH) {
      for (int j = item; j < TILE * DEPTH; j += GROUP) {
        int m = aStep == 1 ? j / DEPTH : j % TILE;
        int k = aStep == 1 ? j % DEPTH : j / TILE;
        aTile[k * PITCH + m] = element(a, aOffset, aRow, aStep, m0 + m, M, k0 + k, last);
      }
      for (int j = item; j < TILE * DEPTH; j += GROUP) {
        int n = bStep == 1 ? j / DEPTH : j % TILE;
        int k = bStep == 1 ? j % DEPTH : j / TILE;
        bTile[k * PITCH + n] = element(b, bOffset, bRow, bStep, n0 + n, N, k0 + k, last);
      }
      context.localBarrier();
      for (int k = 0; k < DEPTH; k++) {
        float a0 = aTile[k * PITCH + y];
        float a1 = aTile[k * PITCH + y + 16];
        float a2 = aTile[k * PITCH + y + 32];
        float a3 = aTile[k * PITCH + y + 48];
        float b0 = bTile[k * PITCH + x];
        float b1 = bTile[k * PITCH + x + 16];
        float b2 = bTile[k * PITCH + x + 32];
        float b3 = bTile[k * PITCH + x + 48];
        c00 += a0 * b0;
        c01 += a0 * b1;
        c02 += a0 * b2;
        c03 += a0 * b3;
        c10 += a1 * b0;
        c11 += a1 * b1;
        c12 += a1 * b2;
        c13 += a1 * b3;
        c20 += a2 * b0;
        c21 += a2 * b1;
        c22 += a2 * b2;
        c23 += a2 * b3;
        c30 += a3 * b0;
        c31 += a3 * b1;
        c32 += a3 * b2;
        c33 += a3 * b3;
      }
      context.localBarrier();
    }
    int base = cOffset + context.groupIdy * M * N;
    m0 += y;
    n0 += x;
    store(c, bias, c00, c01, c02, c03, base, m0, n0, useBias, accumulate, M, N);
    store(c, bias, c10, c11, c12, c13, base, m0 + 16, n0, useBias, accumulate, M, N);
    store(c, bias, c20, c21, c22, c23, base, m0 + 32, n0, useBias, accumulate, M, N);
    store(c, bias, c30, c31, c32, c33, base, m0 + 48, n0, useBias, accumulate, M, N);
  }

  /// Row `r`, term `k`, or 0 outside. Local memory is filled in the kernel itself, where neighbours
  /// read neighbours whichever way the operand lies.
  private static float element(
      FloatArray source, int offset, int row, int step, int r, int rows, int k, int last) {
    float value = 0.0f;
    if (r < rows && k < last) {
      value = source.get(offset + r * row + k * step);
    }
    return value;
  }

  private static void store(
      FloatArray c,
      FloatArray bias,
      float v0,
      float v1,
      float v2,
      float v3,
      int base,
      int m,
      int n,
      int useBias,
      int accumulate,
      int M,
      int N) {
    if (m < M) {
      int i = base + m * N + n;
      storeOne(c, bias, v0, i, n, useBias, accumulate, N);
      storeOne(c, bias, v1, i + 16, n + 16, useBias, accumulate, N);
      storeOne(c, bias, v2, i + 32, n + 32, useBias, accumulate, N);
      storeOne(c, bias, v3, i + 48, n + 48, useBias, accumulate, N);
    }
  }

  private static void storeOne(
      FloatArray c,
      FloatArray bias,
      float value,
      int i,
      int n,
      int useBias,
      int accumulate,
      int N) {
    if (n < N) {
      float sum = value;
      if (useBias == 1) {
        sum += bias.get(n);
      }
      if (accumulate == 1) {
        sum += c.get(i);
      }
      c.set(i, sum);
    }
  }
}
