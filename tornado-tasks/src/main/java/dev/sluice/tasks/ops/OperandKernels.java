package dev.sluice.tasks.ops;

/// Operands of matrix units: where their pairs of bfloat16, [BFloatPairs], lie.
///
/// A is read in tiles of 16 × 16, rows of 8 pairs, B in tiles of 16 × 8, rows of 4 pairs, tiles of
/// B 4 integers apart from each other so that they begin at different banks.
///
/// *Operand order* is the order of A in global memory, so that copying it makes an operand: of 64
/// rows, pair `p` of row `i` is integer `((p/8)·4 + i/16)·128 + (i%16)·8 + p%8`.
public final class OperandKernels {
  /// Work-items of a warp.
  public static final int WARP = 32;

  /// Integers of a tile of A.
  public static final int A_TILE = 128;

  /// Bytes of a tile of A.
  public static final int A_BYTES = 4 * A_TILE;

  /// Integers from one tile of B to the next.
  public static final int B_TILE = 68;

  /// Bytes from one tile of B to the next.
  public static final int B_BYTES = 4 * B_TILE;

  private OperandKernels() {}

  /// Where pair `p` of row `i` of 64 is in operand order.
  public static int place(int i, int p) {
    return (p / 8 * 4 + i / 16) * A_TILE + i % 16 * 8 + p % 8;
  }

  /// The row of 64 that the pair at `x` in operand order belongs to.
  public static int rowAt(int x) {
    return x / A_TILE % 4 * 16 + x / 8 % 16;
  }

  /// The number in its row of the pair at `x` in operand order.
  public static int pairAt(int x) {
    return x / (4 * A_TILE) * 8 + x % 8;
  }

  /// Where pair `p` of row `r` goes in operand B of `columns` columns.
  public static int rightPlace(int r, int p, int columns) {
    return (r / 16 * (columns / 8) + p / 4) * B_TILE + r % 16 * 4 + p % 4;
  }
}
