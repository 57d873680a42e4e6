package dev.sluice.tasks.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Version;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TaskGraph;

/// Holds that there is one runtime on the path: that of TornadoVM, or Sluice's own of the same
/// names. Classes of two, mixed by the order of the path, would fail far from the cause.
final class RuntimeCheck {
  /// Every runtime has this class.
  private static final String CLASS = "uk/ac/manchester/tornado/api/TaskGraph.class";

  /// Only Sluice's own has this one.
  private static final String EMBEDDED = "/dev/sluice/embedded/HostTask.class";

  private static final String WAY_OUT =
      "use the jar tornado-embedded, or the API of a TornadoVM SDK 5.2.0 or later for this JDK";

  private RuntimeCheck() {}

  /// @throws DeviceException if there is no runtime or two of them, or one of a version before
  static void one() {
    List<URL> found;
    try {
      ClassLoader loader = RuntimeCheck.class.getClassLoader();
      found = Collections.list(loader.getResources(CLASS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (found.isEmpty()) {
      throw new DeviceException("no runtime is on the path: " + WAY_OUT);
    }
    if (found.size() > 1) {
      throw new DeviceException(
          "%d runtimes are on the path, in %s: %s, not both"
              .formatted(
                  found.size(),
                  found.stream().map(RuntimeCheck::place).collect(Collectors.joining(" and ")),
                  WAY_OUT));
    }
    ModuleDescriptor module = TaskGraph.class.getModule().getDescriptor();
    if (module != null) {
      module.version().map(Object::toString).ifPresent(RuntimeCheck::expectVersion);
    }
  }

  /// Whether the runtime is Sluice's own, on the JVM.
  static boolean embedded() {
    return RuntimeCheck.class.getResource(EMBEDDED) != null;
  }

  /// @throws DeviceException if TornadoVM's version, such as `5.2.0-jdk25`, is before 5.2
  static void expectVersion(String version) {
    if (Version.parse(version.replaceFirst("-.*", "")).compareTo(Version.parse("5.2")) < 0) {
      throw new DeviceException(
          "the TornadoVM SDK is of version %s; Sluice needs 5.2.0 or later for JDK 25"
              .formatted(version));
    }
  }

  /// Whether the SDK has a backend, such as `cuda`.
  static boolean hasBackend(String backend) {
    return ModuleLayer.boot().findModule("tornado.drivers." + backend).isPresent();
  }

  /// What the backends of the SDK need of the machine, to be put behind a message.
  static String needs() {
    StringBuilder text = new StringBuilder();
    for (Module module : ModuleLayer.boot().modules()) {
      switch (module.getName()) {
        case "tornado.drivers.cuda" ->
            text.append(
                "; the backend 'cuda' needs NVIDIA's driver, and NVRTC and cuBLAS of the CUDA toolkit 13 where the loader finds them (LD_LIBRARY_PATH)");
        case "tornado.drivers.ptx" -> text.append("; the backend 'ptx' needs NVIDIA's driver");
        case "tornado.drivers.opencl" ->
            text.append("; the backend 'opencl' needs an OpenCL driver that clinfo lists");
        case "tornado.drivers.spirv" -> text.append("; the backend 'spirv' needs Level Zero");
        default -> {}
      }
    }
    return text.toString();
  }

  /// What to say of a runtime whose classes do not load.
  static DeviceException broken(Throwable cause) {
    return new DeviceException(
        "the runtime does not start: %s%s"
            .formatted(firstCause(cause), needs().isEmpty() ? "; " + WAY_OUT : needs()),
        cause);
  }

  private static String firstCause(Throwable cause) {
    Throwable last = cause;
    for (@Nullable Throwable next = last; next != null; next = next.getCause()) {
      last = next;
    }
    Throwable first = last;
    String message = first.getMessage() == null ? "" : first.getMessage();
    return message
        .replaceAll(
            "\\u001B\\[[0-9;]*m|\\[(ERROR|WARNING)] |\\s*Deoptimizing to sequential execution\\.",
            "")
        .lines()
        .findFirst()
        .filter(line -> first instanceof RuntimeException || first instanceof UnsatisfiedLinkError)
        .orElse(first.toString().lines().findFirst().orElse("unknown reason"));
  }

  private static String place(URL url) {
    String text = url.toString();
    return text.substring(0, text.length() - CLASS.length());
  }
}
