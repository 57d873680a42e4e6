package dev.sluice.tasks.ops.attention;

import dev.sluice.tasks.graph.GraphException;

/// Which keys a query sees and how scores are scaled.
///
/// @param causal whether a query at `t` sees keys up to `t` only
/// @param window how many time steps a query sees, its own among them: keys `s` with `|t − s| <
///   window`; 0 for no limit
/// @param scale factor of the scores
public record AttentionOptions(boolean causal, int window, float scale) {
  /// Checks the window.
  ///
  /// @throws GraphException if `window` is negative
  public AttentionOptions {
    if (window < 0) {
      throw new GraphException(
          "an attention window of %d is below 0; 0 means no limit".formatted(window));
    }
  }

  /// Causal, no window, `scale = D^(−1/2)`.
  ///
  /// @param headSize `D`
  public static AttentionOptions causal(int headSize) {
    return new AttentionOptions(true, 0, (float) (1 / Math.sqrt(headSize)));
  }
}
