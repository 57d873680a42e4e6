package dev.sluice.tasks.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

/// Known answers of the authors' Random123 library.
class PhiloxTest {
  @Test
  void zeros() {
    assertBlock(0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  }

  @Test
  void ones() {
    assertBlock(-1, -1, -1, -1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  }

  @Test
  void digitsOfPi() {
    assertBlock(
        0x243f6a88,
        0x85a308d3,
        0x13198a2e,
        0x03707344,
        0xa4093822,
        0x299f31d0,
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  private static void assertBlock(int c0, int c1, int c2, int c3, int k0, int k1, int... expected) {
    int[] words = {7, 7, 7, 7, 7, 7};
    Philox.block(c0, c1, c2, c3, ((long) k1 << 32) | (k0 & 0xFFFFFFFFL), words, 1);
    int[] framed = {7, expected[0], expected[1], expected[2], expected[3], 7};
    assertArrayEquals(framed, words);
  }
}
