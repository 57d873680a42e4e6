package dev.sluice.tasks.device;

import java.util.Locale;

/// What TornadoVM must be told before it starts, where the user has not: it reads these properties
/// once. No script sets them, so that they hold wherever Sluice runs. The embedded runtime needs
/// none of them.
final class RuntimeSettings {
  private static final String MEMORY = "tornado.device.memory";
  private static final long DEFAULT_MEMORY = 4L << 30;
  private static final String BAILOUT = "tornado.recover.bailout";

  /// The part of a device's memory that is left to the driver, its libraries and kernels.
  static final int DRIVERS_PART = 16;

  private RuntimeSettings() {}

  /// Sets them.
  ///
  /// @throws IllegalArgumentException if the user has given a memory that is no size, or wants
  ///   kernels that do not compile to run as plain Java
  static void apply() {
    if (RuntimeCheck.embedded()) {
      return;
    }
    neverBailOut();
    // A longer graph would be cut off.
    setDefault("tornado.tvm.maxbytecodesize", "65536");
    // Length of the lists of events that TornadoVM keeps for each array of a graph, all of which it
    // clears before each run, used or not: 3 to 10 ms for a training step at its own 32768. Tasks
    // that wait for one another by events use them, which plans here never ask for.
    setDefault("tornado.max.events", "32");
    setDefault(ArrayHeader.PROPERTY, String.valueOf(ArrayHeader.BYTES));
    String given = System.getProperty(MEMORY);
    if (given != null) {
      bytes(given);
    } else {
      long most = DeviceMemory.most();
      if (most > 0) {
        System.setProperty(MEMORY, String.valueOf(most - most / DRIVERS_PART));
      }
    }
  }

  /// A kernel that does not compile must fail: as plain Java, one that uses a KernelContext
  /// computes something else.
  static void neverBailOut() {
    setDefault(BAILOUT, "False");
    if (Boolean.getBoolean(BAILOUT)) {
      throw new IllegalArgumentException(
          "-D%s=%s: kernels that do not compile would run as plain Java and compute something else; leave it out"
              .formatted(BAILOUT, System.getProperty(BAILOUT)));
    }
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /// Bytes that TornadoVM takes of a device at most.
  static long memory() {
    String text = System.getProperty(MEMORY);
    return text == null ? DEFAULT_MEMORY : bytes(text);
  }

  /// Reads a size as TornadoVM does: `4GB`, `512MB`, or bytes.
  ///
  /// @throws IllegalArgumentException if it is none
  static long bytes(String text) {
    String upper = text.toUpperCase(Locale.ROOT);
    int unit =
        upper.length() > 1 && upper.endsWith("B")
            ? "KMGTPE".indexOf(upper.charAt(upper.length() - 2)) + 1
            : 0;
    String digits = upper.replaceAll("[KMGTPE]?B$", "");
    if (!digits.matches("[0-9]{1,18}")) {
      throw new IllegalArgumentException(
          "-D%s=%s is no size; write it as 20GB or 512MB".formatted(MEMORY, text));
    }
    return Long.parseLong(digits) << 10 * unit;
  }
}
