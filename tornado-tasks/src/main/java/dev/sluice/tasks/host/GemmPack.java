package dev.sluice.tasks.host;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Copies operands into panels that a [GemmTile] reads from start to end.
///
/// Rows of the source are read whole, so that the processor sees a stream, and shared out to the
/// panels. Panels begin a cache line more than their size apart: sizes are often multiples of the
/// page size, and then what belongs to one row would compete for one place in the cache.
final class GemmPack {
  /// Floats of a cache line.
  static final int LINE = 16;

  /// Neighbours along `k` that stay together in a panel of [#chunks].
  static final int CHUNK = 16;

  private static final VectorSpecies<Float> S = Lanes.FLOATS;
  private static final int L = Lanes.COUNT;

  private GemmPack() {}

  /// Panels `[depth, width]` of a source that has the wanted columns as neighbours (`B`, or `Aᵀ` as
  /// stored): `panels[po + (j / width)·step + k·width + j % width] = x[xo + k·ld + j]`. The last
  /// panel is filled up with zeros.
  ///
  /// @param depth rows of the source, `k` of the panel
  /// @param columns columns of the source to pack
  /// @param width width of a panel: [GemmTile#ROWS], [GemmTile#WIDTH] or [GemmWideTile#WIDTH]
  /// @param step elements from panel to panel
  static void rows(
      int depth,
      int columns,
      int width,
      float[] x,
      int xo,
      int ld,
      float[] panels,
      int po,
      int step) {
    int whole = columns - columns % width;
    int rest = columns - whole;
    int last = po + whole / width * step;
    for (int k = 0; k < depth; k++) {
      int from = xo + k * ld;
      if (width == GemmTile.WIDTH) {
        wideRow(whole, x, from, panels, po + k * width, step);
      } else if (width == GemmWideTile.WIDTH) {
        widestRow(whole, x, from, panels, po + k * width, step);
      } else {
        narrowRow(whole, x, from, panels, po + k * width, step);
      }
      if (rest > 0) {
        int to = last + k * width;
        System.arraycopy(x, from + whole, panels, to, rest);
        Arrays.fill(panels, to + rest, to + width, 0f);
      }
    }
  }

  /// A row of panels of two vectors.
  private static void wideRow(int columns, float[] x, int from, float[] panels, int po, int step) {
    int to = po;
    for (int j = 0; j < columns; j += 2 * L) {
      FloatVector.fromArray(S, x, from + j).intoArray(panels, to);
      FloatVector.fromArray(S, x, from + j + L).intoArray(panels, to + L);
      to += step;
    }
  }

  /// A row of panels of three vectors.
  private static void widestRow(
      int columns, float[] x, int from, float[] panels, int po, int step) {
    int to = po;
    for (int j = 0; j < columns; j += 3 * L) {
      FloatVector.fromArray(S, x, from + j).intoArray(panels, to);
      FloatVector.fromArray(S, x, from + j + L).intoArray(panels, to + L);
      FloatVector.fromArray(S, x, from + j + 2 * L).intoArray(panels, to + 2 * L);
      to += step;
    }
  }

  /// A row of panels of 8. A vector of 16 also writes the panel's next row, which comes next, and
  /// behind the last row the line that is left between panels.
  private static void narrowRow(
      int columns, float[] x, int from, float[] panels, int po, int step) {
    int to = po;
    for (int j = 0; j < columns - 8; j += 8) {
      FloatVector.fromArray(S, x, from + j).intoArray(panels, to);
      if (L < 8) {
        FloatVector.fromArray(S, x, from + j + L).intoArray(panels, to + L);
      }
      to += step;
    }
    if (columns > 0) {
      // The source may end here.
      System.arraycopy(x, from + columns - 8, panels, to, 8);
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

  /// Panels of rows whose `k` are neighbours (`A`), without turning them round: chunks of [#CHUNK]
  /// of a row lie beside those of the panel's other rows, `panels[po + (r / 8)·step + (k /
  /// CHUNK)·8·CHUNK + r % 8·CHUNK + k % CHUNK] = x[xo + r·ld + k]`. Rows that the last panel lacks
  /// are left as they were.
  ///
  /// @param depth columns of the source
  /// @param rows rows of the source
  /// @param step elements from panel to panel
  static void chunks(
      int depth, int rows, float[] x, int xo, int ld, float[] panels, int po, int step) {
    for (int r = 0; r < rows; r++) {
      int to = po + r / GemmTile.ROWS * step + r % GemmTile.ROWS * CHUNK;
      chunkedRow(depth, x, xo + r * ld, panels, to);
    }
  }

  private static void chunkedRow(int depth, float[] x, int from, float[] panels, int po) {
    int to = po;
    int whole = depth - depth % CHUNK;
    for (int k = 0; k < whole; k += CHUNK) {
      for (int i = 0; i < CHUNK; i += L) {
        FloatVector.fromArray(S, x, from + k + i).intoArray(panels, to + i);
      }
      to += GemmTile.ROWS * CHUNK;
    }
    if (whole < depth) {
      System.arraycopy(x, from + whole, panels, to, depth - whole);
    }
  }

  /// The panels of [#rows] for a source that has `k` as neighbours (`Bᵀ` as stored): it is turned
  /// round.
  ///
  /// @param depth columns of the source, `k` of the panel
  /// @param columns rows of the source to pack
  /// @param width width of a panel, a multiple of 4
  /// @param step elements from panel to panel
  static void columns(
      int depth,
      int columns,
      int width,
      float[] x,
      int xo,
      int ld,
      float[] panels,
      int po,
      int step) {
    for (int j = 0; j < columns; j += width) {
      int to = po + j / width * step;
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
