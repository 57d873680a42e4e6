package dev.sluice.models;

/// The parts of a model around its mixers, by the names that a checkpoint has for them:
/// `ROOT.embeddings`, `ROOT.layers.N.…`, `ROOT.FINALNORM` and `lm_head`.
///
/// @param root what all names but the head's begin with
/// @param finalNorm the norm before the head
/// @param mixerNorm the norm before the mixer of a block
/// @param mixer the mixer of a block
/// @param feedForward whether a block ends with `mlp_norm` and `mlp`
public record Frame(
    String root, String finalNorm, String mixerNorm, String mixer, boolean feedForward) {
  /// Mixer and feed-forward layer in turn.
  public static final Frame BLOCKS = new Frame("model", "norm", "attn_norm", "attn", true);

  /// Mixers only, as in Mamba.
  public static final Frame BACKBONE = new Frame("backbone", "norm_f", "norm", "mixer", false);
}
