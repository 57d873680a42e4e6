package dev.sluice.tasks.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class CacheLinesTest {
  @Test
  void aLineBeginsWhereItSays() {
    assumeTrue(CacheLines.prepare(), "needs --enable-native-access");
    for (int n = CacheLines.FLOATS; n < 100; n++) {
      float[] x = new float[n];
      int start;
      long before;
      // The collector may move the array in between.
      do {
        before = CacheLines.address(x);
        start = CacheLines.start(x);
      } while (before != CacheLines.address(x));
      assertTrue(0 <= start && start < CacheLines.FLOATS);
      assertEquals(0, (before + start * (long) Float.BYTES) % (CacheLines.FLOATS * Float.BYTES));
    }
  }
}
