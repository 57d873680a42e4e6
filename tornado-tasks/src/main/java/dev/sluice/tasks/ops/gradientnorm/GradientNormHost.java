package dev.sluice.tasks.ops.gradientnorm;

import dev.sluice.embedded.Workers;

/// The length of all gradients together on the host: one task over fixed blocks of all arrays.
///
/// Within a block eight chains of addition run side by side, which the processor needs to keep
/// busy; blocks are added in order in double precision. The result is the same for any number of
/// threads.
public final class GradientNormHost {
  private static final int BLOCK = 8192;

  private final float[][] gradients;
  private final int[] owners;
  private final int[] starts;
  private final int[] ends;
  private final double[] sums;

  /// Plans the blocks.
  ///
  /// @param gradients the arrays, each at least as long as its size
  /// @param sizes how many elements of each count
  public GradientNormHost(float[][] gradients, int[] sizes) {
    this.gradients = gradients;
    int blocks = 0;
    for (int size : sizes) {
      blocks += (size + BLOCK - 1) / BLOCK;
    }
    owners = new int[blocks];
    starts = new int[blocks];
    ends = new int[blocks];
    sums = new double[blocks];
    int block = 0;
    for (int owner = 0; owner < sizes.length; owner++) {
      for (int start = 0; start < sizes[owner]; start += BLOCK) {
        owners[block] = owner;
        starts[block] = start;
        ends[block++] = Math.min(sizes[owner], start + BLOCK);
      }
    }
  }

  /// `norm[0] = √(Σ g²)`
  ///
  /// @param norm `[1]`, Overwritten
  public void run(Workers workers, float[] norm) {
    workers.run(sums.length, b -> sums[b] = squares(gradients[owners[b]], starts[b], ends[b]));
    double sum = 0;
    for (double part : sums) {
      sum += part;
    }
    norm[0] = (float) Math.sqrt(sum);
  }

  private static double squares(float[] g, int start, int end) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = start;
    for (; i <= end - 8; i += 8) {
      s0 += g[i] * g[i];
      s1 += g[i + 1] * g[i + 1];
      s2 += g[i + 2] * g[i + 2];
      s3 += g[i + 3] * g[i + 3];
      s4 += g[i + 4] * g[i + 4];
      s5 += g[i + 5] * g[i + 5];
      s6 += g[i + 6] * g[i + 6];
      s7 += g[i + 7] * g[i + 7];
    }
    double rest = 0;
    for (; i < end; i++) {
      rest += g[i] * g[i];
    }
    return (((double) s0 + s1) + ((double) s2 + s3))
        + (((double) s4 + s5) + ((double) s6 + s7))
        + rest;
  }
}
