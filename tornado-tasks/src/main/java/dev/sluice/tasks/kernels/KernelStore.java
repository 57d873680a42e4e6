package dev.sluice.tasks.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.common.Access;

/// Compiled kernels on disk, a file each, from one run to the next.
///
/// A file is written beside and renamed, and begins with a digest of the rest: what cannot be read,
/// or is not what was written, counts as not there. What has not been used for a month is deleted
/// when something is written. Nothing here fails a run.
public final class KernelStore {
  /// The environment variable that names the folder, or says [#OFF].
  public static final String VARIABLE = "SLUICE_KERNEL_CACHE";

  /// The value of [#VARIABLE] with which nothing is kept, and TornadoVM compiles by itself.
  public static final String OFF = "off";

  private static final String SUFFIX = ".kernel";
  private static final String FORMAT = "sluice-kernel 1";
  private static final int HEADER_LINES = 5;
  private static final Duration KEPT = Duration.ofDays(30);

  private final Path folder;
  private boolean pruned;

  /// @param folder made when something is written first
  public KernelStore(Path folder) {
    this.folder = folder;
  }

  /// Where kernels are kept: the folder that [#VARIABLE] names, else `sluice/kernels` in the user's
  /// folder for caches (`XDG_CACHE_HOME`, or `~/.cache`).
  ///
  /// @param environment the process's environment
  /// @param home the user's home
  /// @return the folder; empty if the variable says that nothing is kept
  public static Optional<Path> folder(Map<String, String> environment, String home) {
    String given = environment.getOrDefault(VARIABLE, "");
    if (given.equals(OFF)) {
      return Optional.empty();
    }
    try {
      if (!given.isBlank()) {
        return Optional.of(Path.of(given).toAbsolutePath());
      }
      // The specification has relative paths ignored.
      Path caches = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
      Path base = caches.isAbsolute() ? caches : Path.of(home, ".cache");
      return Optional.of(base.resolve("sluice").resolve("kernels"));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /// The kernel with this key.
  public Optional<CompiledKernel> read(String key) {
    Path file = file(key);
    try {
      CompiledKernel kernel = parse(Files.readString(file));
      if (kernel != null) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      }
      return Optional.ofNullable(kernel);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Keeps a kernel.
  ///
  /// @return whether that was possible
  public synchronized boolean write(String key, CompiledKernel kernel) {
    String body =
        String.join(
            "\n",
            kernel.entryPoint(),
            join(kernel.accesses()),
            join(kernel.sizes()),
            kernel.source());
    Path beside = null;
    try {
      Files.createDirectories(folder);
      beside = Files.createTempFile(folder, key, ".tmp");
      Files.writeString(beside, FORMAT + "\n" + KernelKey.digest(body) + "\n" + body);
      Files.move(
          beside, file(key), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      prune();
      return true;
    } catch (IOException e) {
      delete(beside);
      return false;
    }
  }

  private static @Nullable CompiledKernel parse(String text) {
    String[] lines = text.split("\n", HEADER_LINES + 1);
    if (lines.length <= HEADER_LINES || !lines[0].equals(FORMAT)) {
      return null;
    }
    String body = text.substring(lines[0].length() + lines[1].length() + 2);
    if (!KernelKey.digest(body).equals(lines[1])) {
      return null;
    }
    try {
      return new CompiledKernel(
          lines[2],
          split(lines[3]).map(Access::valueOf).toList(),
          split(lines[4]).map(Integer::valueOf).toList(),
          lines[HEADER_LINES]);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String join(List<?> values) {
    return String.join(",", values.stream().map(Object::toString).toList());
  }

  private static Stream<String> split(String line) {
    return Arrays.stream(line.split(",")).filter(s -> !s.isEmpty());
  }

  private void prune() throws IOException {
    if (pruned) {
      return;
    }
    pruned = true;
    Instant oldest = Instant.now().minus(KEPT);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if ((name.endsWith(SUFFIX) || name.endsWith(".tmp"))
            && Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static void delete(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // It is deleted with what has not been used for long.
      }
    }
  }

  private Path file(String key) {
    return folder.resolve(key + SUFFIX);
  }
}
