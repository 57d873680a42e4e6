package dev.sluice.tasks.graph;

/// Fills a parameter before training. The same seed gives the same values on any device.
@FunctionalInterface
public interface Initializer {
  /// Fills `values` (Overwritten) as a function of `seed` and the parameter's `name`.
  void fill(float[] values, long seed, String name);

  /// All elements equal to `value`.
  static Initializer constant(float value) {
    return (values, seed, name) -> java.util.Arrays.fill(values, value);
  }
}
