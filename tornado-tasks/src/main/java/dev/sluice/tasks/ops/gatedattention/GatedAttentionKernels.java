package dev.sluice.tasks.ops.gatedattention;

import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// The sigmoid gate behind attention.
public final class GatedAttentionKernels {
  private GatedAttentionKernels() {}

  /// `y[r,d] = o[r,d] · σ(gate[r, d mod G])`
  ///
  /// @param o `[rows, D]`, Read
  /// @param gate `[rows, G]`, Read; `G` is `D` or 1
  /// @param y `[rows, D]`, Overwritten
  public static void forward(FloatArray o, FloatArray gate, FloatArray y, int rows, int D, int G) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int d = 0; d < D; d++) {
        float sigmoid = 1.0f / (1.0f + TornadoMath.exp(0.0f - gate.get(r * G + d % G)));
        y.set(r * D + d, o.get(r * D + d) * sigmoid);
      }
    }
  }

  /// `dO[r,d] = dY[r,d] σ(gate[r, d mod G])` and `dGate[r,i] = σ (1 − σ) Σ_{d mod G = i} dY[r,d]
  /// o[r,d]`
  ///
  /// @param o `[rows, D]`, Read
  /// @param gate `[rows, G]`, Read; `G` is `D` or 1
  /// @param dY `[rows, D]`, Read
  /// @param dO `[rows, D]`, Overwritten
  /// @param dGate `[rows, G]`, Overwritten
  public static void backward(
      FloatArray o,
      FloatArray gate,
      FloatArray dY,
      FloatArray dO,
      FloatArray dGate,
      int rows,
      int D,
      int G) {
    for (@Parallel int r = 0; r < rows; r++) {
      for (@Parallel int i = 0; i < G; i++) {
        float sigmoid = 1.0f / (1.0f + TornadoMath.exp(0.0f - gate.get(r * G + i)));
        float sum = 0.0f;
        for (int d = i; d < D; d += G) {
          float gradient = dY.get(r * D + d);
          sum += gradient * o.get(r * D + d);
          dO.set(r * D + d, gradient * sigmoid);
        }
        dGate.set(r * G + i, sum * sigmoid * (1.0f - sigmoid));
      }
    }
  }
}
