package dev.sluice.tasks.ops.gla;

import dev.sluice.tasks.host.Lanes;
import dev.sluice.tasks.host.Prefetch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What the passes of [GlaHost] over one sequence and head share: sizes, where things lie in the
/// scratch, and the walk of a state's tiles over a block of tokens.
///
/// A sweep keeps a panel of the state, `rows` by up to four vectors, and takes tokens in blocks: it
/// loads what belongs to them into scratch, lets each tile of the state see all of them, and stores
/// what came out. A sweep backwards in time loads them in reverse, with the decay of the token
/// after.
final class GlaSweep {
  /// Tokens of a block: so few that the block and the state stay in the first-level cache.
  static final int STEPS = 24;

  /// Floats of a tensor that are read ahead together: those of eight tensors fit the second-level
  /// cache beside the states.
  private static final int AHEAD = 1 << 13;

  /// Vectors of a panel; 256-bit machines have too few registers for four.
  private static final int VECTORS = Lanes.FLOATS.vectorBitSize() == 256 ? 2 : 4;

  final int T;
  final int H;
  final int K;
  final int V;
  final float scale;
  final GateKind gate;
  final int keyPanel;
  final int keyPanels;
  final int valuePanel;
  final int valuePanels;
  private final int keyRows;
  private final int valueRows;
  private final int @Nullable [] cu;

  /// @param cu `[N + 1]`, Read, or null where all sequences have the same length
  GlaSweep(GlaDimensions dims, int @Nullable [] cu) {
    T = dims.length();
    H = dims.heads();
    K = dims.keySize();
    V = dims.valueSize();
    scale = dims.scale();
    gate = dims.gate();
    this.cu = cu;
    keyPanel = panel(K);
    keyPanels = (K + keyPanel - 1) / keyPanel;
    valuePanel = panel(V);
    valuePanels = (V + valuePanel - 1) / valuePanel;
    keyRows = padded(K);
    valueRows = padded(V);
  }

  private static int panel(int size) {
    int narrow = 2 * Lanes.COUNT;
    return size > narrow ? VECTORS * Lanes.COUNT : narrow;
  }

  private static int padded(int size) {
    return (size + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
  }

  /// Floats of scratch of a sweep whose panel has keys as rows or, if wider, values as rows.
  static int scratch(GlaDimensions dims) {
    int keys = padded(dims.keySize());
    int values = padded(dims.valueSize());
    int keyPanel = panel(dims.keySize());
    int valuePanel = panel(dims.valueSize());
    int byKeys = keys * valuePanel + STEPS * (3 * keys + 2 * valuePanel);
    int byValues = values * keyPanel + STEPS * (2 * values + 3 * keyPanel + 1) + keyPanel;
    return Math.max(byKeys, byValues);
  }

  /// First token of sequence `n`.
  int start(int n) {
    return cu == null ? n * T : cu[n];
  }

  /// The token after the last of sequence `n`.
  int end(int n) {
    return cu == null ? (n + 1) * T : cu[n + 1];
  }

  /// Rows of a panel with keys as rows.
  int keyRows() {
    return keyRows;
  }

  /// Rows of a panel with values as rows.
  int valueRows() {
    return valueRows;
  }

  /// Columns of key panel `p` that there are.
  int keyWidth(int p) {
    return Math.min(keyPanel, K - p * keyPanel);
  }

  /// Columns of value panel `p` that there are.
  int valueWidth(int p) {
    return Math.min(valuePanel, V - p * valuePanel);
  }

  /// Tokens whose rows of `count` heads are read ahead together, a multiple of a chunk's.
  int span(int count) {
    int chunk = GlaChunkRows.C * count * Math.max(K, V);
    return GlaChunkRows.C * Math.clamp(AHEAD / chunk, 1, 4);
  }

  /// Has keys' rows of `count` heads and `steps` tokens on their way; see [Prefetch#rows].
  float keysAhead(float[] x, int t, int steps, int h, int count) {
    return Prefetch.rows(x, (t * H + h) * K, H * K, count * K, steps);
  }

  /// As [#keysAhead], of values.
  float valuesAhead(float[] x, int t, int steps, int h, int count) {
    return Prefetch.rows(x, (t * H + h) * V, H * V, count * V, steps);
  }

  /// As [#keysAhead], of gates if each key has its own; others are few.
  float gatesAhead(float[] g, int t, int steps, int h, int count) {
    return gate == GateKind.KEY ? keysAhead(g, t, steps, h, count) : 0.0f;
  }

  /// `x[to + i·stride + c] = e^g` of keys `first … first+width−1` of head `h` at token `t +
  /// i·direction`, or 1 where that is `end`, the token after a sequence.
  void decays(
      float[] g,
      int t,
      int direction,
      int end,
      int h,
      int first,
      int width,
      float[] x,
      int to,
      int stride,
      int steps) {
    int skipped = t == end ? 1 : 0;
    if (skipped == 1) {
      Arrays.fill(x, to, to + stride, 1.0f);
    }
    int step = direction * gate.timeStride(H, K);
    int from =
        (t + skipped * direction) * gate.timeStride(H, K)
            + h * gate.headStride(K)
            + first * gate.keyStride();
    int at = to + skipped * stride;
    if (gate == GateKind.KEY) {
      GlaBlock.exponentiate(g, from, step, width, x, at, stride, steps - skipped);
    } else {
      GlaBlock.exponentiateShared(g, from, step, x, at, stride, steps - skipped);
    }
  }

  /// [GlaTile]'s form with decaying rows, for all tiles of a panel; `out` begins at 0.
  static void rowsDecay(
      float[] x,
      int state,
      int used,
      int rows,
      int d,
      int a,
      int w,
      int b,
      int out,
      int width,
      int steps) {
    Arrays.fill(x, out, out + steps * width, 0.0f);
    for (int r = 0; r < used; r += GlaTile.ROWS) {
      int tile = state + r * width;
      if (width == 4 * Lanes.COUNT) {
        GlaTile.rowsDecayWide(x, tile, rows, d + r, a + r, w + r, b, out, width, steps);
      } else {
        GlaTile.rowsDecayNarrow(x, tile, rows, d + r, a + r, w + r, b, out, width, steps);
      }
    }
  }

  /// [GlaTile]'s form with decaying columns, for all tiles of a panel; `out` begins at 0.
  static void columnsDecay(
      float[] x,
      int state,
      int used,
      int rows,
      int d,
      int a,
      int w,
      int b,
      int out,
      int width,
      int steps) {
    Arrays.fill(x, out, out + steps * width, 0.0f);
    for (int r = 0; r < used; r += GlaTile.ROWS) {
      int tile = state + r * width;
      if (width == 4 * Lanes.COUNT) {
        GlaTile.columnsDecayWide(x, tile, rows, d, a + r, w + r, b, out, width, steps);
      } else {
        GlaTile.columnsDecayNarrow(x, tile, rows, d, a + r, w + r, b, out, width, steps);
      }
    }
  }
}
