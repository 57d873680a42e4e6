package dev.sluice.tasks.host;

/// What a call of [GemmVector] multiplies: the arguments of [Gemm#multiplyBatched].
abstract class GemmCall {
  /// Inner size of a block. A panel of `B` then streams from the second-level cache; shorter ones,
  /// which stay in the first, were slower, since `C` is loaded and stored more often.
  private static final int DEPTH = 512;

  /// Up to this inner size there is one block, and `C` is touched once: 8 % faster at 1024. With
  /// all blocks as deep as that, deeper products were 8 % slower.
  private static final int WHOLE_DEPTH = 1024;

  /// Up to this many columns `A` is read where it lies, as it is for an odd inner size.
  private static final int DIRECT_COLUMNS = 128;

  /// Up to this many rows or columns of `C`, operands of `Aᵀ·B` are read where they lie, if their
  /// own rows are [#NEAR] each other: packing them took a fifth of the time.
  private static final int FEW = 64;

  /// Most elements from row to row.
  private static final int NEAR = 256;

  private static final float[] NONE = {};

  boolean transA;
  boolean transB;
  int m;
  int n;
  int k;
  float alpha;
  float[] a = NONE;
  int aOff;
  int lda;
  int strideA;
  float[] b = NONE;
  int bOff;
  int ldb;
  int strideB;
  boolean accumulate;
  float[] c = NONE;
  int cOff;
  int ldc;
  int strideC;

  /// Whether both operands are read where they lie.
  boolean inPlace;

  /// Whether operands of few columns lie so near each other that they need no packing.
  final boolean nearEnough() {
    return transA
        && !transB
        && alpha == 1f
        && Math.min(m, n) <= FEW
        && lda <= NEAR
        && ldb <= NEAR
        && m % GemmTile.ROWS == 0
        && n % GemmTile.WIDTH == 0;
  }

  /// Whether `A` is read where it lies.
  final boolean direct() {
    return !transA && (n <= DIRECT_COLUMNS || k % 2 != 0);
  }

  /// The inner size of a block.
  final int deepest() {
    return k <= WHOLE_DEPTH ? WHOLE_DEPTH : DEPTH;
  }

  /// Lets go of the arrays.
  final void forget() {
    a = NONE;
    b = NONE;
    c = NONE;
  }
}
