package dev.sluice.models;

/// What keys of several mixers have to fulfil together.
final class ConfigChecks {
  private ConfigChecks() {}

  /// `width` times the factor under `key`, rounded down, is a multiple of `num_heads`.
  static void headsDivide(String key, int heads, int width, double factor) {
    int total = (int) (width * factor);
    if (total == 0 || total % heads != 0) {
      throw new ModelException(
          "config keys 'hidden_size' times '%s' give %d, which 'num_heads' %d does not divide"
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

  /// `width` times `factor`, rounded down, is an even number for each of `num_heads`, as rotary
  /// positions need it.
  static void evenHeads(int heads, int width, double factor) {
    int total = (int) (width * factor);
    if (total == 0 || total % (2 * heads) != 0) {
      throw new ModelException(
          "config key 'num_heads' %d does not divide %d query channels into even parts"
              .formatted(heads, total));
    }
  }

  /// `num_heads` is a multiple of `num_kv_heads`.
  static void keyHeadsDivide(int heads, int keyHeads) {
    if (heads % keyHeads != 0) {
      throw new ModelException(
          "config key 'num_kv_heads' %d does not divide 'num_heads' %d".formatted(keyHeads, heads));
    }
  }

  /// A convolution reaches over more than its own step.
  ///
  /// @throws ModelException naming the key
  static void convolves(String key, int steps) {
    if (steps < 2) {
      throw new ModelException("config key '%s' is %d, not 2 or more".formatted(key, steps));
    }
  }

  /// The short convolutions reach over more than their own step, or there are none.
  ///
  /// @param steps 0 for none
  /// @throws ModelException naming the key
  static void convolvesIfAny(int steps) {
    if (steps != 0) {
      convolves(ConfigReader.CONVOLUTION_SIZE, steps);
    }
  }
}
