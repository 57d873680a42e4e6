package dev.sluice.tasks.host;

import static dev.sluice.tasks.host.Data.OFFSET;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ElementwiseTest {
  /// A few roundings of fp32, relative to the largest element.
  private static final double TOLERANCE = 1e-6;

  private static final int[] SIZES = {0, 1, 15, 16, 17, 63, 1000, 16_384, 40_001};

  @FunctionalInterface
  private interface Reference {
    double of(double x, double y, double z);
  }

  @FunctionalInterface
  private interface Call {
    void run(int n, float[] x, float[] y, float[] z);
  }

  private static void check(String name, Reference reference, Call call) {
    for (int n : SIZES) {
      Random random = new Random(n);
      float[] x = Data.random(random, n);
      float[] y = Data.random(random, n);
      float[] z = Data.random(random, n);
      float[] before = z.clone();
      double[] expected = new double[n];
      for (int i = 0; i < n; i++) {
        expected[i] = reference.of(x[OFFSET + i], y[OFFSET + i], z[OFFSET + i]);
      }
      call.run(n, x, y, z);
      Data.close(name + " " + n, expected, z, TOLERANCE, before);
    }
  }

  @Test
  void simpleOperations() {
    var w = Data.THREE;
    int o = OFFSET;
    check("copy", (x, y, z) -> x, (n, x, y, z) -> Elementwise.copy(w, n, x, o, z, o));
    check("fill", (x, y, z) -> 2.5, (n, x, y, z) -> Elementwise.fill(w, n, 2.5f, z, o));
    check("add", (x, y, z) -> x + y, (n, x, y, z) -> Elementwise.add(w, n, x, o, y, o, z, o));
    check(
        "multiply",
        (x, y, z) -> x * y,
        (n, x, y, z) -> Elementwise.multiply(w, n, x, o, y, o, z, o));
    check(
        "multiplyAdd",
        (x, y, z) -> z + x * y,
        (n, x, y, z) -> Elementwise.multiplyAdd(w, n, x, o, y, o, z, o));
    check("scale", (x, y, z) -> 0.5 * x, (n, x, y, z) -> Elementwise.scale(w, n, 0.5f, x, o, z, o));
    check("axpy", (x, y, z) -> z - 3 * x, (n, x, y, z) -> Elementwise.axpy(w, n, -3f, x, o, z, o));
    check(
        "swiglu",
        (x, y, z) -> Data.silu(x) * y,
        (n, x, y, z) -> Elementwise.swiglu(w, n, x, o, y, o, z, o));
  }

  @Test
  void swigluGradients() {
    var w = Data.THREE;
    int o = OFFSET;
    check(
        "dx",
        (x, y, z) -> z * y * Data.siluGradient(x),
        (n, x, y, z) -> Elementwise.swigluBackward(w, n, z, o, x, o, y, o, z, o, Data.nan(n), o));
    check(
        "dy",
        (x, y, z) -> z * Data.silu(x),
        (n, x, y, z) -> Elementwise.swigluBackward(w, n, z, o, x, o, y, o, Data.nan(n), o, z, o));
  }

  @Test
  void sumOfSquaresIsTheSameForAnyThreads() {
    for (int n : SIZES) {
      float[] x = Data.random(new Random(n), n);
      double expected = 0;
      for (int i = 0; i < n; i++) {
        expected += (double) x[OFFSET + i] * x[OFFSET + i];
      }
      double got = Elementwise.sumOfSquares(Data.ONE, n, x, OFFSET);
      assertEquals(expected, got, TOLERANCE * expected, "squares of " + n);
      assertEquals(got, Elementwise.sumOfSquares(Data.THREE, n, x, OFFSET));
    }
  }
}
