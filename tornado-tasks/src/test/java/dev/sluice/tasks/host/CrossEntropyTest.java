package dev.sluice.tasks.host;

import static dev.sluice.tasks.host.Data.OFFSET;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {
  /// Sums of exponentials of up to 8,192 logits.
  private static final double TOLERANCE = 5e-6;

  private static final float SCALE = 0.125f;

  @Test
  void lossesAndGradients() {
    for (int[] s : new int[][] {{1, 1}, {3, 2}, {9, 33}, {40, 257}, {17, 8192}}) {
      int rows = s[0];
      int v = s[1];
      int ld = v + 2;
      Random random = new Random(v);
      float[] logits = Data.random(random, rows * ld);
      for (int i = 0; i < logits.length; i++) {
        logits[i] *= 20;
      }
      int[] labels = new int[rows + 1];
      for (int i = 0; i < rows; i++) {
        labels[i + 1] = i % 4 == 3 ? -100 : random.nextInt(v);
      }
      double[] losses = new double[rows];
      double[] gradient = new double[rows * ld];
      for (int i = 0; i < rows * ld; i++) {
        gradient[i] = logits[OFFSET + i];
      }
      for (int i = 0; i < rows; i++) {
        int at = OFFSET + i * ld;
        double sum = 0;
        for (int j = 0; j < v; j++) {
          sum += Math.exp(logits[at + j]);
        }
        int label = labels[i + 1];
        losses[i] = label < 0 ? 0 : Math.log(sum) - logits[at + label];
        for (int j = 0; j < v; j++) {
          double p = Math.exp(logits[at + j]) / sum - (j == label ? 1 : 0);
          gradient[i * ld + j] = label < 0 ? 0 : SCALE * p;
        }
      }
      float[] loss = Data.nan(rows);
      CrossEntropy.forward(Data.THREE, rows, v, logits, OFFSET, ld, labels, 1, loss, OFFSET);
      Data.close("loss", losses, loss, TOLERANCE, Data.nan(rows));
      float[] got = logits.clone();
      float[] same = Data.nan(rows);
      CrossEntropy.forwardBackward(
          Data.ONE, rows, v, SCALE, got, OFFSET, ld, labels, 1, same, OFFSET);
      assertArrayEquals(loss, same);
      for (int i = 0; i < rows * ld; i++) {
        double tolerance = i % ld < v ? TOLERANCE * SCALE : 0;
        assertEquals(gradient[i], got[OFFSET + i], tolerance, "gradient of " + v + " at " + i);
      }
    }
  }
}
