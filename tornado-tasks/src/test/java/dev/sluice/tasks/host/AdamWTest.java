package dev.sluice.tasks.host;

import static dev.sluice.tasks.host.Data.OFFSET;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AdamWTest {
  /// A dozen roundings, relative to the largest element.
  private static final double TOLERANCE = 2e-6;

  @Test
  void oneStep() {
    float[] h = new float[1 + AdamW.SETTINGS];
    h[1 + AdamW.RATE] = 0.1f;
    h[1 + AdamW.BETA1] = 0.9f;
    h[1 + AdamW.BETA2] = 0.95f;
    h[1 + AdamW.EPSILON] = 1e-8f;
    h[1 + AdamW.DECAY] = 0.2f;
    h[1 + AdamW.CLIP] = 0.7f;
    h[1 + AdamW.CORRECTION1] = 0.271f;
    h[1 + AdamW.CORRECTION2] = 0.1426f;
    for (int n : new int[] {1, 16, 31, 40_003}) {
      for (boolean decayed : new boolean[] {false, true}) {
        check(n, decayed, h);
      }
    }
  }

  private static void check(int n, boolean decayed, float[] h) {
    Random random = new Random(n);
    float[] p = Data.random(random, n);
    float[] g = Data.random(random, n);
    float[] m = Data.random(random, n);
    float[] v = Data.random(random, n);
    for (int i = 0; i < v.length; i++) {
      v[i] = Math.abs(v[i]) + 0.1f;
    }
    float[][] before = {p.clone(), g.clone(), m.clone(), v.clone()};
    double[][] expected = new double[4][n];
    for (int i = 0; i < n; i++) {
      int at = OFFSET + i;
      double d = g[at] * 0.7;
      double first = 0.9 * m[at] + 0.1 * d;
      double second = 0.95 * v[at] + 0.05 * d * d;
      double move = first / 0.271 / (Math.sqrt(second / 0.1426) + 1e-8);
      expected[0][i] = p[at] - 0.1 * (move + (decayed ? 0.2 * p[at] : 0));
      expected[2][i] = first;
      expected[3][i] = second;
    }
    int o = OFFSET;
    AdamW.step(Data.THREE, n, decayed, h, 1, p, o, g, o, m, o, v, o);
    float[][] got = {p, g, m, v};
    for (int k = 0; k < 4; k++) {
      Data.close("array " + k + " of " + n, expected[k], got[k], TOLERANCE, before[k]);
    }
  }
}
