package dev.sluice.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 16, 17, 1000, 4097})
  void everyNumberOccursOnce(long size) {
    Permutation order = new Permutation(size, 11, 3);
    boolean[] seen = new boolean[(int) size];
    for (long i = 0; i < size; i++) {
      int image = (int) order.apply(i);
      assertTrue(!seen[image]);
      seen[image] = true;
    }
  }

  @Test
  void hugeSizesStayInRange() {
    Permutation order = new Permutation(1L << 60, 11, 3);
    for (long i = 0; i < 100; i++) {
      long image = order.apply(i);
      assertTrue(image >= 0 && image < 1L << 60);
    }
  }

  @Test
  void seedAndEpochChangeTheOrder() {
    assertEquals(order(1, 0), order(1, 0));
    assertNotEquals(order(1, 0), order(1, 1));
    assertNotEquals(order(1, 0), order(2, 0));
  }

  /// Over many epochs every number comes first equally often.
  @Test
  void firstIsUniform() {
    int draws = 20_000;
    int[] counts = new int[10];
    for (int epoch = 0; epoch < draws; epoch++) {
      counts[(int) new Permutation(10, 5, epoch).apply(0)]++;
    }
    double expected = draws / 10.0;
    double chiSquare = 0;
    for (int count : counts) {
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    assertTrue(chiSquare < 33.7, "9 degrees of freedom, p = 1e-4");
  }

  private static List<Long> order(long seed, long epoch) {
    Permutation order = new Permutation(20, seed, epoch);
    List<Long> images = new ArrayList<>();
    for (long i = 0; i < 20; i++) {
      images.add(order.apply(i));
    }
    return images;
  }
}
