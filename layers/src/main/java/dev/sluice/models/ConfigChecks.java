package dev.sluice.models;

/// What keys of several mixers have to fulfil together.
final class ConfigChecks {
  private ConfigChecks() {}

  /// `width` times the factor under `key` is a multiple of `num_heads`.
  static void headsDivide(String key, int heads, int width, double factor) {
    double total = width * factor;
    if (total != Math.rint(total) || (int) total % heads != 0) {
      throw new ModelException(
          "config keys 'hidden_size' times '%s' give %s, which 'num_heads' %d does not divide"
              .formatted(key, total, heads));
    }
  }

  /// The width of a head, of heads that share the width.
  ///
  /// @throws ModelException if they do not divide it
  static int headSize(MixerSizes sizes) {
    if (sizes.width() % sizes.heads() != 0) {
      throw new ModelException(
          "a width of %d cannot be shared by %d heads".formatted(sizes.width(), sizes.heads()));
    }
    return sizes.width() / sizes.heads();
  }
}
