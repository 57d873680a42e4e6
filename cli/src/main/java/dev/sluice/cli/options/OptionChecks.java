package dev.sluice.cli.options;

import dev.sluice.data.DataException;
import dev.sluice.models.ModelException;
import dev.sluice.tasks.device.DeviceException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  /// Expects that what a path names is there; whether it can be read is seen when it is.
  ///
  /// @throws IllegalArgumentException if nothing is there
  public static void present(String option, Path path) {
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(
          "%s %s: no such file or folder; check the path".formatted(option, path));
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
