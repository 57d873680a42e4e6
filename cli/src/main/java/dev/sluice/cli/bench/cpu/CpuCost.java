package dev.sluice.cli.bench.cpu;

/// What an op cannot do without, an element. Its time is at least the longest of: a copy of the
/// bytes, the arithmetic at the rate of multiply-adds, the divisions at theirs.
///
/// Counted are bytes of inputs and results, each once; multiplications, additions and multiply-adds
/// of floats, each as one multiply-add; products of integers as many as fill a float vector's time.
/// Comparisons, blends, shifts, exclusive ors and moves are not counted, though they take time too.
///
/// @param tensors numbers read or written
/// @param arithmetic multiply-adds
/// @param divisions divisions
record CpuCost(int tensors, int arithmetic, int divisions) {
  /// Reduction, polynomial and scaling of [dev.sluice.tasks.host.VectorMath#exp].
  private static final int EXP = 11;

  /// `x / (1 + e⁻ˣ)`, besides the division.
  private static final int SILU = EXP + 1;

  /// `s·(1 + x·(1 − s))` with a factor.
  private static final int SILU_GRADIENT = EXP + 5;

  private static final int TAPS = 4;

  /// Ten rounds with two products of 64 bits for eight elements; a vector has half as many of
  /// these.
  private static final int PHILOX = 10 * 2 * 2 / 8;

  static final CpuCost CONVOLUTION = new CpuCost(2, TAPS + SILU, 1);

  /// The convolution again, and as much for either gradient.
  static final CpuCost CONVOLUTION_BACKWARD = new CpuCost(3, 3 * TAPS + SILU_GRADIENT, 1);

  /// Square, two scalings.
  static final CpuCost RMS_NORM = new CpuCost(2, 3, 0);

  /// A product of three, and `dx` and `dw` from it.
  static final CpuCost RMS_NORM_BACKWARD = new CpuCost(3, 6, 0);

  static final CpuCost SWIGLU = new CpuCost(3, SILU + 1, 1);
  static final CpuCost SWIGLU_BACKWARD = new CpuCost(5, SILU + 7, 1);
  static final CpuCost DROPOUT = new CpuCost(2, PHILOX + 1, 0);
  static final CpuCost SILU_OP = new CpuCost(2, SILU, 1);
  static final CpuCost SILU_BACKWARD = new CpuCost(3, SILU_GRADIENT, 1);

  /// An exponential of a difference, and their sum.
  static final CpuCost CROSS_ENTROPY = new CpuCost(1, EXP + 2, 0);

  static final CpuCost CROSS_ENTROPY_BACKWARD = new CpuCost(2, EXP + 2, 0);

  /// Two moments, their corrections, decay and step; the root is counted as a division.
  static final CpuCost ADAM_W = new CpuCost(8, 10, 2);

  CpuCost plus(CpuCost other) {
    return new CpuCost(
        tensors + other.tensors, arithmetic + other.arithmetic, divisions + other.divisions);
  }
}
