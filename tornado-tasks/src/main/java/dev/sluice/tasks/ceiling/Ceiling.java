package dev.sluice.tasks.ceiling;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;

/// What a device can do at most, of which other figures are fractions. To be measured in the same
/// run as these: clocks and neighbours change.
///
/// @param multiplyAdd fp32 operations a second, a multiply-add counted as two
/// @param copy bytes a second that a copy of large arrays moves, read and written counted
public record Ceiling(double multiplyAdd, double copy) {
  /// Measures `device` with everything that it has: all threads on the JVM, with the Vector API
  /// where there is one; elsewhere by a kernel of multiply-adds on registers and one that copies.
  /// Matrix units are not counted.
  ///
  /// @throws dev.sluice.tasks.graph.GraphException if the kernels do not run there
  public static Ceiling of(Device device) {
    return device.backend() == Backend.JVM && device.has(Feature.VECTOR_API)
        ? CeilingHost.measure()
        : CeilingProbe.measure(device);
  }
}
