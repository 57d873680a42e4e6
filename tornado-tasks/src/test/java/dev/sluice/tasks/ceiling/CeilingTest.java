package dev.sluice.tasks.ceiling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.device.Devices;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class CeilingTest {
  private static final double CLOSE = 1e-5;

  @Test
  void theChainsAreNotOptimizedAway() {
    float x = 0.5f;
    float y = 0.25f;
    FloatArray out = new FloatArray(2);
    CeilingKernels.multiplyAdd(IntArray.fromElements(3), FloatArray.fromElements(x, y), out, 2);
    for (int i = 0; i < 2; i++) {
      double sum = 0;
      for (double start : new double[] {i, y, x, i + y, i + x, i - y, i - x, x + y}) {
        double c = start;
        for (int round = 0; round < 3; round++) {
          c = c * x + y;
        }
        sum += c;
      }
      assertEquals(sum, out.get(i), CLOSE);
    }
  }

  @Test
  void theKernelsMeasureTheJvmToo() {
    Ceiling ceiling = CeilingProbe.measure(Devices.preferred());
    assertTrue(ceiling.multiplyAdd() > 0 && Double.isFinite(ceiling.multiplyAdd()));
    assertTrue(ceiling.copy() > 0 && Double.isFinite(ceiling.copy()));
  }
}
