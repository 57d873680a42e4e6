package dev.sluice.tasks.random;

/// Philox 4×32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3",
/// 2011): a bijection of a 128-bit counter under a 64-bit key. It holds no state.
///
/// A round maps `(c0, c1, c2, c3)` to `(hi(M1·c2) ^ c1 ^ k0, lo(M1·c2), hi(M0·c0) ^ c3 ^ k1,
/// lo(M0·c0))`; between rounds the key grows by two Weyl constants.
public final class Philox {
  /// Words in a block.
  public static final int WORDS = 4;

  private static final int ROUNDS = 10;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final long LOW = 0xFFFFFFFFL;

  private Philox() {}

  /// Writes the four words of the block with counter `(c0, c1, c2, c3)` under `key`.
  ///
  /// @param key the low word is key word 0, the high word is key word 1
  /// @param words the block, 4 words from `offset` on: Overwritten
  public static void block(int c0, int c1, int c2, int c3, long key, int[] words, int offset) {
    int x0 = c0;
    int x1 = c1;
    int x2 = c2;
    int x3 = c3;
    int k0 = (int) key;
    int k1 = (int) (key >> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = MULTIPLIER_0 * (x0 & LOW);
      long p1 = MULTIPLIER_1 * (x2 & LOW);
      x0 = (int) ((p1 >> 32) & LOW) ^ x1 ^ k0;
      x1 = (int) p1;
      x2 = (int) ((p0 >> 32) & LOW) ^ x3 ^ k1;
      x3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    words[offset] = x0;
    words[offset + 1] = x1;
    words[offset + 2] = x2;
    words[offset + 3] = x3;
  }
}
