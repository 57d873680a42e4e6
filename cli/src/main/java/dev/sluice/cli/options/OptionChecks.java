package dev.sluice.cli.options;

/// Checks of options' values, each with a message that names the option.
public final class OptionChecks {
  private OptionChecks() {}

  /// Expects a positive number.
  ///
  /// @throws IllegalArgumentException if `value` is not positive
  public static void positive(String option, long value) {
    if (value < 1) {
      throw new IllegalArgumentException("%s %d: must be at least 1".formatted(option, value));
    }
  }
}
