package dev.sluice.cli.options;

import dev.sluice.data.DataException;
import dev.sluice.models.ModelException;
import dev.sluice.tasks.device.DeviceException;
import java.util.function.Supplier;

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

  /// What `asked` finds of a name that was given, such as a device or a mixer.
  ///
  /// @throws IllegalArgumentException with the message of what it throws if there is no such thing
  public static <T> T named(Supplier<T> asked) {
    try {
      return asked.get();
    } catch (DataException | DeviceException | ModelException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// As [#named], where nothing but the check is wanted.
  ///
  /// @throws IllegalArgumentException with the message of what `check` throws
  public static void check(Runnable check) {
    named(() -> {
      check.run();
      return true;
    });
  }
}
