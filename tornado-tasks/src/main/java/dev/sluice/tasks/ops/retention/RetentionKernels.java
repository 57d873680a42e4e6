package dev.sluice.tasks.ops.retention;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The fixed gates of retention.
public final class RetentionKernels {
  private RetentionKernels() {}

  /// `g[h] = ln(1 − 2^(−5−h))`, by the series `−x − x²/2 − …` of `x = 2^(−5−h)`, since `1 − x`
  /// itself is 1 in float32 for the later heads.
  ///
  /// @param g `[H]`, Overwritten
  public static void fixGates(FloatArray g, int H) {
    for (@Parallel int h = 0; h < H; h++) {
      float x = TornadoMath.pow(2.0f, -5.0f - h);
      float series = 1.0f / 5.0f;
      series = 0.25f + x * series;
      series = 1.0f / 3.0f + x * series;
      series = 0.5f + x * series;
      series = 1.0f + x * series;
      g.set(h, -x * series);
    }
  }
}
