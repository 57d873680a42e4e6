package dev.sluice.tasks.device;

import dev.sluice.tasks.graph.GraphException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Holds that there is one runtime on the path: that of TornadoVM, or Sluice's own of the same
/// names. Classes of two, mixed by the order of the path, would fail far from the cause.
final class RuntimeCheck {
  /// Every runtime has this class.
  private static final String CLASS = "uk/ac/manchester/tornado/api/TaskGraph.class";

  private static final String WAY_OUT =
      "use the jar tornado-embedded, or the API of a TornadoVM SDK 5.2.0 or later for this JDK";

  private RuntimeCheck() {}

  /// @throws GraphException if there is no runtime or two of them
  static void one() {
    List<URL> found;
    try {
      ClassLoader loader = RuntimeCheck.class.getClassLoader();
      found = Collections.list(loader.getResources(CLASS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (found.isEmpty()) {
      throw new GraphException("no runtime is on the path: " + WAY_OUT);
    }
    if (found.size() > 1) {
      throw new GraphException(
          "%d runtimes are on the path, in %s: %s, not both"
              .formatted(
                  found.size(),
                  found.stream().map(RuntimeCheck::place).collect(Collectors.joining(" and ")),
                  WAY_OUT));
    }
  }

  /// What to say of a runtime whose classes do not load.
  static GraphException broken(Throwable cause) {
    return new GraphException(
        "the runtime does not start: %s; %s".formatted(firstCause(cause), WAY_OUT), cause);
  }

  private static String firstCause(Throwable cause) {
    Throwable first = cause;
    for (@Nullable Throwable next = first; next != null; next = next.getCause()) {
      first = next;
    }
    return first.toString().lines().findFirst().orElse("unknown reason");
  }

  private static String place(URL url) {
    String text = url.toString();
    return text.substring(0, text.length() - CLASS.length());
  }
}
