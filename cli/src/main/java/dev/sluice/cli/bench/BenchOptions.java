package dev.sluice.cli.bench;

import dev.sluice.cli.options.DeviceOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What every benchmark can be asked for.
public final class BenchOptions {
  @Option(names = "--json", description = "Show the report as a line of JSON instead of a table.")
  private boolean json;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write the report to this file, too, as JSON.")
  private @Nullable Path output;

  @Option(
      names = "--compare",
      paramLabel = "FILE",
      description =
          "Show how many times as fast each row is as in this earlier report of --output.")
  private @Nullable Path compare;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description =
          "Seconds of measuring a row, after at least as many of warming up. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Mixin private DeviceOptions where = new DeviceOptions();

  /// Used by picocli.
  public BenchOptions() {}

  /// Where the benchmark runs and how.
  public DeviceOptions where() {
    return where;
  }

  boolean json() {
    return json;
  }

  @Nullable Path output() {
    return output;
  }

  @Nullable Path compare() {
    return compare;
  }

  /// The stopwatch that was asked for.
  ///
  /// @throws IllegalArgumentException if its time is not positive
  public Stopwatch stopwatch() {
    if (!(seconds > 0)) {
      throw new IllegalArgumentException("--seconds %s: must be above 0".formatted(seconds));
    }
    return Stopwatch.of(seconds);
  }

  /// Looks whether what would be written can be, before anything is measured.
  ///
  /// @throws IllegalArgumentException naming the file
  public static void expectWritable(String option, Path path) {
    Path folder = path.toAbsolutePath().getParent();
    if (Files.isDirectory(path)) {
      throw new IllegalArgumentException(
          "%s %s: is a folder; give the name of a file".formatted(option, path));
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "%s %s: there is no folder %s; make it first".formatted(option, path, folder));
    }
    if (!Files.isWritable(Files.exists(path) ? path : folder)) {
      throw new IllegalArgumentException(
          "%s %s: cannot be written; choose another place".formatted(option, path));
    }
  }
}
