package dev.sluice.tasks.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RandomStreamTest {
  private static final int DRAWS = 200_000;

  /// Five standard errors of a mean of 200,000 draws with deviation 1.
  private static final double MEAN_TOLERANCE = 5 / Math.sqrt(DRAWS);

  @Test
  void firstWordsAreTheBlockOfTheIndex() {
    int[] words = new int[4];
    Philox.block(0, 5, 0x11, 0x22, 99, words, 0);
    RandomStream stream = new RandomStream(99, 5, 0x2200000011L);
    for (int word : words) {
      assertEquals(word, stream.next());
    }
  }

  @Test
  void purposeIndexAndSeedSeparate() {
    int first = new RandomStream(1, 1, 1).next();
    assertNotEquals(first, new RandomStream(2, 1, 1).next());
    assertNotEquals(first, new RandomStream(1, 2, 1).next());
    assertNotEquals(first, new RandomStream(1, 1, 2).next());
  }

  @Test
  void belowIsUniform() {
    RandomStream stream = new RandomStream(3, 0, 0);
    int[] counts = new int[7];
    for (int i = 0; i < DRAWS; i++) {
      counts[stream.below(7)]++;
    }
    double expected = DRAWS / 7.0;
    double chiSquare = 0;
    for (int count : counts) {
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    assertTrue(chiSquare < 27.9, () -> "6 degrees of freedom, p = 1e-4");
  }

  @Test
  void belowTakesLargeBounds() {
    RandomStream stream = new RandomStream(3, 0, 1);
    for (int i = 0; i < 1000; i++) {
      int drawn = stream.below(Integer.MAX_VALUE);
      assertTrue(drawn >= 0 && drawn < Integer.MAX_VALUE);
    }
  }

  @Test
  void belowRefusesAnEmptyRange() {
    assertThrows(IllegalArgumentException.class, () -> new RandomStream(3, 0, 0).below(0));
  }

  @Test
  void uniformAndNormalHaveTheirMoments() {
    RandomStream stream = new RandomStream(4, 0, 0);
    double uniform = 0;
    double normal = 0;
    double square = 0;
    for (int i = 0; i < DRAWS; i++) {
      uniform += stream.uniform();
      double draw = stream.normal();
      normal += draw;
      square += draw * draw;
    }
    assertEquals(0.5, uniform / DRAWS, MEAN_TOLERANCE);
    assertEquals(0, normal / DRAWS, MEAN_TOLERANCE);
    assertEquals(1, square / DRAWS, 2 * MEAN_TOLERANCE);
  }
}
