package dev.sluice.tasks.device;

import java.lang.management.ManagementFactory;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// What TornadoVM puts before the elements of an array in a device's memory.
///
/// With its own 16 bytes every row of a matrix begins off a line of the cache: cuBLAS then takes
/// 2.4 times as long to write large results in bfloat16, and small products a quarter longer. So
/// [RuntimeSettings] asks for a line.
public final class ArrayHeader {
  static final String PROPERTY = "tornado.panama.objectHeader";

  /// A line of the caches of GPUs.
  static final int BYTES = 128;

  private static final int COMPACT = 12;
  private static final int USUAL = 16;
  private static final int UNCOMPRESSED = 24;

  private ArrayHeader() {}

  /// Numbers of four bytes by which TornadoVM's `mmaStore` begins before the first element: it
  /// takes an array of the device to have the header of one of the JVM's.
  public static int missedFloats() {
    if (RuntimeCheck.embedded()) {
      return 0;
    }
    List<String> arguments = ManagementFactory.getRuntimeMXBean().getInputArguments();
    return (int) (TornadoNativeArray.ARRAY_HEADER - ofJvm(arguments)) / Float.BYTES;
  }

  /// Bytes before the first element of a `float[]` of a JVM that was started with `arguments`.
  static int ofJvm(List<String> arguments) {
    if (arguments.contains("-XX:+UseCompactObjectHeaders")) {
      return COMPACT;
    }
    return arguments.contains("-XX:-UseCompressedClassPointers") ? UNCOMPRESSED : USUAL;
  }
}
