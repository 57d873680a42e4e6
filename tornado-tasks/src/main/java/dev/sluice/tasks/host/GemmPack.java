package dev.sluice.tasks.host;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Copies operands into panels that a [GemmTile] reads from start to end: `[panels, depth, width]`,
/// so that for each `k` the `width` neighbouring columns (of `B`) or rows (of `A`) lie together.
/// The last panel is filled up with zeros.
final class GemmPack {
  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  /// Rows of `A` in a panel: two tiles, one 512-bit vector.
  static final int A_WIDTH = 16;

  private GemmPack() {}

  /// The source has the wanted columns as neighbours (`B`, or `Aᵀ` as stored): rows are copied.
  ///
  /// @param depth rows of the source, `k` of the panel
  /// @param columns columns of the source to pack
  /// @param width width of a panel, a multiple of 4
  static void rows(
      int depth, int columns, int width, float[] x, int xo, int ld, float[] panels, int po) {
    int to = po;
    int j = 0;
    for (; j + width <= columns; j += width) {
      if (width == 2 * L) {
        twoVectors(depth, x, xo + j, ld, panels, to);
      } else if (width == L) {
        oneVector(depth, x, xo + j, ld, panels, to);
      } else {
        for (int k = 0; k < depth; k++) {
          System.arraycopy(x, xo + j + k * ld, panels, to + k * width, width);
        }
      }
      to += depth * width;
    }
    int rest = columns - j;
    if (rest > 0) {
      for (int k = 0; k < depth; k++) {
        System.arraycopy(x, xo + j + k * ld, panels, to + k * width, rest);
        Arrays.fill(panels, to + k * width + rest, to + (k + 1) * width, 0f);
      }
    }
  }

  private static void twoVectors(int depth, float[] x, int xo, int ld, float[] panel, int po) {
    int from = xo;
    for (int k = 0; k < depth; k++) {
      FloatVector.fromArray(S, x, from).intoArray(panel, po + k * 2 * L);
      FloatVector.fromArray(S, x, from + L).intoArray(panel, po + k * 2 * L + L);
      from += ld;
    }
  }

  private static void oneVector(int depth, float[] x, int xo, int ld, float[] panel, int po) {
    int from = xo;
    for (int k = 0; k < depth; k++) {
      FloatVector.fromArray(S, x, from).intoArray(panel, po + k * L);
      from += ld;
    }
  }

  /// Multiplies packed values.
  ///
  /// @param size elements, a multiple of a vector
  static void scale(float factor, int size, float[] panels, int po) {
    for (int i = po; i < po + size; i += L) {
      FloatVector.fromArray(S, panels, i).mul(factor).intoArray(panels, i);
    }
  }

  /// The source has `k` as neighbours (`A`, or `Bᵀ` as stored): it is turned round.
  ///
  /// @param depth columns of the source, `k` of the panel
  /// @param columns rows of the source to pack
  /// @param width width of a panel, a multiple of 4
  static void columns(
      int depth, int columns, int width, float[] x, int xo, int ld, float[] panels, int po) {
    for (int j = 0; j < columns; j += width) {
      int to = po + j * depth;
      int q = 0;
      if (GemmTranspose.USABLE) {
        int blocks = Math.min(columns - j, width) / GemmTranspose.SIZE;
        for (; q < blocks * GemmTranspose.SIZE; q += GemmTranspose.SIZE) {
          blocks(depth, width, x, xo + (j + q) * ld, ld, panels, to + q);
        }
      }
      for (; q < width; q += 4) {
        int rest = columns - j - q;
        if (rest >= 4) {
          fourColumns(depth, width, x, xo + (j + q) * ld, ld, panels, to + q);
        } else {
          fewColumns(depth, width, Math.max(rest, 0), x, xo + (j + q) * ld, ld, panels, to + q);
        }
      }
    }
  }

  /// As many columns as a vector has lanes; what is left of `k` goes element by element.
  private static void blocks(
      int depth, int width, float[] x, int xo, int ld, float[] panel, int po) {
    int k = 0;
    for (; k + GemmTranspose.SIZE <= depth; k += GemmTranspose.SIZE) {
      GemmTranspose.block(x, xo + k, ld, panel, po + k * width, width);
    }
    for (int q = 0; q < GemmTranspose.SIZE && k < depth; q += 4) {
      fourColumns(depth - k, width, x, xo + q * ld + k, ld, panel, po + k * width + q);
    }
  }

  private static void fourColumns(
      int depth, int width, float[] x, int xo, int ld, float[] panel, int po) {
    int x1 = xo + ld;
    int x2 = x1 + ld;
    int x3 = x2 + ld;
    int to = po;
    for (int k = 0; k < depth; k++) {
      panel[to] = x[xo + k];
      panel[to + 1] = x[x1 + k];
      panel[to + 2] = x[x2 + k];
      panel[to + 3] = x[x3 + k];
      to += width;
    }
  }

  private static void fewColumns(
      int depth, int width, int count, float[] x, int xo, int ld, float[] panel, int po) {
    for (int k = 0; k < depth; k++) {
      int to = po + k * width;
      for (int q = 0; q < 4; q++) {
        panel[to + q] = q < count ? x[xo + q * ld + k] : 0f;
      }
    }
  }
}
