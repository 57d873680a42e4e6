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

  /// Vectors of a row copied one after the other where rows lie so far apart that each is a page of
  /// its own.
  private static final int GROUP = 8;

  /// Elements from row to row that are half a page.
  private static final int FAR = 512;

  private GemmPack() {}

  /// The source has the wanted columns as neighbours (`B`, or `Aᵀ` as stored): rows are copied.
  ///
  /// @param depth rows of the source, `k` of the panel
  /// @param columns columns of the source to pack
  /// @param width width of a panel, a multiple of 4
  static void rows(
      int depth, int columns, int width, float[] x, int xo, int ld, float[] panels, int po) {
    int panel = depth * width;
    int to = po;
    int j = 0;
    if ((width == L || width == 2 * L) && ld >= FAR) {
      int group = GROUP * L;
      for (; j + group <= columns; j += group) {
        vectors(depth, GROUP, width, x, xo + j, ld, panels, to);
        to += panel * (group / width);
      }
    }
    for (; j + width <= columns; j += width) {
      if (width == L || width == 2 * L) {
        panel(depth, width == 2 * L, x, xo + j, ld, panels, to);
      } else {
        for (int k = 0; k < depth; k++) {
          System.arraycopy(x, xo + j + k * ld, panels, to + k * width, width);
        }
      }
      to += panel;
    }
    int rest = columns - j;
    if (rest > 0) {
      for (int k = 0; k < depth; k++) {
        System.arraycopy(x, xo + j + k * ld, panels, to + k * width, rest);
        Arrays.fill(panels, to + k * width + rest, to + (k + 1) * width, 0f);
      }
    }
  }

  /// One vector of each row, or two.
  private static void panel(
      int depth, boolean two, float[] x, int xo, int ld, float[] panel, int po) {
    if (two) {
      for (int k = 0; k < depth; k++) {
        int from = xo + k * ld;
        int to = po + k * 2 * L;
        FloatVector.fromArray(S, x, from).intoArray(panel, to);
        FloatVector.fromArray(S, x, from + L).intoArray(panel, to + L);
      }
    } else {
      for (int k = 0; k < depth; k++) {
        FloatVector.fromArray(S, x, xo + k * ld).intoArray(panel, po + k * L);
      }
    }
  }

  /// `count` neighbouring vectors of each row, one or two to a panel.
  private static void vectors(
      int depth, int count, int width, float[] x, int xo, int ld, float[] panels, int po) {
    int second = width == L ? depth * L : L;
    int pair = width == L ? 2 * depth * L : depth * width;
    for (int k = 0; k < depth; k++) {
      int from = xo + k * ld;
      int to = po + k * width;
      for (int c = 0; c < count; c++) {
        FloatVector.fromArray(S, x, from + c * L)
            .intoArray(panels, to + (c >> 1) * pair + (c & 1) * second);
      }
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
