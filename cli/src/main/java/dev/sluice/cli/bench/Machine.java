package dev.sluice.cli.bench;

import dev.sluice.tasks.ceiling.Ceiling;
import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What was measured on.
///
/// @param device the device
/// @param ceiling what it can do, measured in this run
public record Machine(Device device, Ceiling ceiling) {
  private static final Path CPUS = Path.of("/proc/cpuinfo");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String THREADS = "sluice.threads";
  private static final String MEMORY = "device_memory";
  private static final String MULTIPLY_ADD = "multiply_add_per_s";
  private static final String COPY = "copy_bytes_per_s";

  /// Describes this machine and measures what `device` can do.
  public static Machine of(Device device) {
    return new Machine(device, Ceiling.of(device));
  }

  /// Everything that tells this machine from another, for a report.
  public SequencedMap<String, Object> toMap() {
    SequencedMap<String, Object> map = new LinkedHashMap<>();
    map.put("cpu", cpu());
    map.put("cores", Runtime.getRuntime().availableProcessors());
    if (device.backend() == Backend.JVM) {
      map.put("threads", threads());
    }
    map.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    map.put("jvm", System.getProperty("java.vm.name") + " " + Runtime.version());
    map.put("device", device.id());
    map.put("device_name", device.name());
    map.put(MEMORY, device.memory());
    map.put(
        "features",
        device.features().stream().map(Feature::title).collect(Collectors.joining(", ")));
    map.put(MULTIPLY_ADD, ceiling.multiplyAdd());
    map.put(COPY, ceiling.copy());
    return map;
  }

  /// An entry of [#toMap] for people, in units that they read.
  public static String shown(String key, Object value) {
    if (!(value instanceof Number number)) {
      return key.replace('_', ' ') + ": " + value;
    }
    double figure = number.doubleValue();
    return switch (key) {
      case MEMORY -> String.format(Locale.ROOT, "device memory: %.1f GiB", figure / (1L << 30));
      case MULTIPLY_ADD -> String.format(Locale.ROOT, "multiply-adds: %.1f Gflop/s", figure * 1e-9);
      case COPY -> String.format(Locale.ROOT, "copy: %.1f GB/s", figure * 1e-9);
      default -> key.replace('_', ' ') + ": " + value;
    };
  }

  /// The same on one line for people.
  public String line() {
    return "%s: %.1f Gflop/s multiply-add, %.1f GB/s copy"
        .formatted(description(device), ceiling.multiplyAdd() * 1e-9, ceiling.copy() * 1e-9);
  }

  /// A device and what it is in, without figures.
  public static String description(Device device) {
    return "%s, %d cores, Java %d, device %s"
        .formatted(
            cpu(), Runtime.getRuntime().availableProcessors(), Runtime.version().feature(), device);
  }

  /// Bytes of memory that the process holds, or at most held, where the system says so (Linux);
  /// elsewhere those of the heap.
  ///
  /// @param most whether the most it ever held is asked for
  static long memory(boolean most) {
    String key = most ? "VmHWM:" : "VmRSS:";
    if (Files.isReadable(STATUS)) {
      try (Stream<String> lines = Files.lines(STATUS)) {
        return lines
            .filter(line -> line.startsWith(key))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
            .findFirst()
            .orElseGet(Machine::heap);
      } catch (IOException e) {
        return heap();
      }
    }
    return heap();
  }

  private static long heap() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static int threads() {
    return Integer.getInteger(THREADS, Runtime.getRuntime().availableProcessors());
  }

  private static String cpu() {
    if (Files.isReadable(CPUS)) {
      try (Stream<String> lines = Files.lines(CPUS)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("a CPU without a name");
      } catch (IOException e) {
        return "a CPU without a name";
      }
    }
    return "a CPU without a name";
  }
}
