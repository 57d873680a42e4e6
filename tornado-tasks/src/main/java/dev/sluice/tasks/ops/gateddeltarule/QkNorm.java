package dev.sluice.tasks.ops.gateddeltarule;

/// What the delta rules do to the rows of `q` and `k` before they use them.
public enum QkNorm {
  /// Nothing.
  NONE,
  /// Division by their length: `x / √(Σ x² + 1e-6)`, the sum over the `K` of a head. A row of zeros
  /// stays zero; the squares must not exceed what a float holds.
  ///
  /// Source: flash-linear-attention, `use_qk_l2norm_in_kernel`.
  L2;

  /// Added to the sum of squares.
  public static final float EPS = 1e-6f;
}
