package dev.sluice.tasks.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class HeadGroupsTest {
  @Test
  void noThreadHasMoreHeadsThanSingleHeadsWouldGiveIt() {
    assertEquals(4, HeadGroups.of(1, 4, 64, 1));
    assertEquals(2, HeadGroups.of(1, 4, 64, 2));
    assertEquals(1, HeadGroups.of(1, 4, 64, 16));
    assertEquals(6, HeadGroups.of(4, 6, 64, 2));
    assertEquals(3, HeadGroups.of(3, 6, 64, 2));
  }

  @Test
  void statesOfAGroupFitACache() {
    assertEquals(4, HeadGroups.of(8, 12, 128, 1));
    assertEquals(8, HeadGroups.of(8, 32, 8, 1));
    assertEquals(1, HeadGroups.of(8, 2, 1024, 1));
  }
}
