package dev.sluice.cli.options;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.DeviceException;
import dev.sluice.tasks.device.Devices;
import dev.sluice.tasks.device.Feature;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// On which device a command runs.
public final class DeviceChoice {
  @Option(
      names = "--device",
      paramLabel = "ID",
      description =
          "Device to run on, by its name in 'sluice devices'. Default: the one marked * there.")
  @Nullable String device;

  @Option(
      names = "--without",
      paramLabel = "FEATURE",
      description =
          "Act as if the device lacked this, for comparison: ${COMPLETION-CANDIDATES}. May be repeated.")
  Set<Feature> without = EnumSet.noneOf(Feature.class);

  /// Used by picocli.
  public DeviceChoice() {}

  /// The device that was asked for, or the first.
  ///
  /// @throws IllegalArgumentException if there is none of that name
  /// @throws DeviceException if the runtime does not start
  public Device device() {
    // A runtime that does not start is no fault of what was asked for.
    Device first = Devices.preferred();
    String id = device;
    Device found = id == null ? first : OptionChecks.named(() -> Devices.named(id));
    for (Feature feature : without) {
      found = found.without(feature);
    }
    return found;
  }
}
