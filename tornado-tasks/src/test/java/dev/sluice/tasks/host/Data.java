package dev.sluice.tasks.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.embedded.Workers;
import java.util.Arrays;
import java.util.Random;

/// Data and comparisons of this package's tests.
final class Data {
  static final Workers ONE = Workers.of(1);
  static final Workers THREE = Workers.of(3);

  /// Elements before the data in every array, so that a forgotten offset shows.
  static final int OFFSET = 5;

  private Data() {}

  static float[] random(Random random, int size) {
    float[] x = new float[OFFSET + size + 3];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  static float[] nan(int size) {
    float[] x = new float[OFFSET + size + 3];
    Arrays.fill(x, Float.NaN);
    return x;
  }

  /// Compares the elements from [#OFFSET], relative to the size of the reference's elements;
  /// `outside` must be as before.
  static void close(String name, double[] expected, float[] got, double tolerance, float[] before) {
    double size = 1e-30;
    for (double x : expected) {
      size = Math.max(size, Math.abs(x));
    }
    for (int i = 0; i < got.length; i++) {
      int at = i - OFFSET;
      if (at < 0 || at >= expected.length) {
        assertEquals(before[i], got[i], name + " outside at " + at);
      } else {
        assertEquals(expected[at], got[i], tolerance * size, name + " at " + at);
      }
    }
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double silu(double x) {
    return x * sigmoid(x);
  }

  static double siluGradient(double x) {
    double s = sigmoid(x);
    return s * (1 + x * (1 - s));
  }
}
