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
}
