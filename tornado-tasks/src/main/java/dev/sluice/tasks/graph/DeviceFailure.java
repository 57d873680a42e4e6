package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Says in one line which kernel or graph failed on a device, and why.
///
/// @param device where
/// @param segment the task graph that ran
record DeviceFailure(Device device, Segment segment) {
  private static final int LONGEST_REASON = 300;

  /// `task step.t0 - forward`, or `task - step.t0[forward]` of one that TornadoVM got compiled.
  private static final Pattern REFUSED =
      Pattern.compile("Unable to compile task (?:- )?([^\\s\\[]+)(?: - |\\[)([^\\s\\]]+)");

  /// The calls by which a kernel becomes the device's code. Another that failed before says more
  /// than a kernel that does not compile: a device that is lost refuses all of them.
  private static final Pattern COMPILING = Pattern.compile("nvrtc.*|cuModule.*|clBuildProgram.*");

  /// What TornadoVM says of itself in its messages, and not of the failure.
  private static final Pattern ASIDES =
      Pattern.compile(
          "Bailout is disabled\\. Reason: |\\s*Deoptimizing to sequential execution\\.");

  /// @param report what the runtime wrote meanwhile
  /// @param thrown what it threw; null if it went on as if nothing had happened
  GraphException of(RuntimeReport report, @Nullable Throwable thrown) {
    String reason = thrown == null ? "" : reason(thrown);
    if (report.error() != null) {
      reason += (reason.isEmpty() ? "" : ": ") + report.error();
    }
    Matcher refused = REFUSED.matcher(thrown == null ? "" : whole(thrown));
    String text;
    if (compiling(report) && refused.find()) {
      String source = source(refused.group(1) + "-" + refused.group(2));
      text =
          "%s does not compile for %s: %s; %s"
              .formatted(kernel(refused.group(1)), device, compiler(reason), source);
    } else if (report.error() != null && report.task() != null) {
      text = "%s failed on %s: %s".formatted(kernel(report.task()), device, reason);
    } else {
      text = "graph '%s' failed on %s: %s".formatted(segment.name(), device, reason);
    }
    return new GraphException(text, thrown);
  }

  private static boolean compiling(RuntimeReport report) {
    return report.error() == null || COMPILING.matcher(report.error()).matches();
  }

  /// Says that the newest values of a variable did not come to the host.
  static GraphException ofCopy(Device device, RuntimeReport report) {
    return new GraphException(
        "a copy from %s to the host failed: %s".formatted(device, report.error()));
  }

  /// Whether an array found no room on the device.
  static boolean lacksMemory(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      // The class is not in the part of the API that the embedded runtime has.
      if (t.getClass().getSimpleName().equals("TornadoOutOfMemoryException")) {
        return true;
      }
    }
    return false;
  }

  /// @param task `graph.task`, as the runtime names it
  private String kernel(String task) {
    String id = task.substring(task.indexOf('.') + 1);
    for (TaskEntry entry : segment.entries()) {
      if (entry.id().equals(id)) {
        String kernel = entry.kernel() == null ? id : entry.kernel().toString();
        return "kernel %s of '%s' in graph '%s'".formatted(kernel, entry.node(), segment.name());
      }
    }
    return "task '%s' of graph '%s'".formatted(id, segment.name());
  }

  /// The backends for CUDA and OpenCL keep the source of a kernel that their compiler refuses.
  private static String source(String file) {
    String home = System.getenv("TORNADOVM_HOME");
    Path logs = Path.of(home == null ? "null" : home, "var", "opencl-logs");
    try (Stream<Path> files = Files.find(logs, 2, (p, a) -> p.endsWith(file + ".cl"))) {
      return "its source is in "
          + files.findFirst().orElseThrow(() -> new IOException(file)).toAbsolutePath();
    } catch (IOException e) {
      return "SLUICE_JAVA_OPTIONS=-Dtornado.printKernel=True shows its source";
    }
  }

  /// Leaves out what says only that there is no other way to run the kernel.
  private static String compiler(String reason) {
    int said = reason.indexOf("The internal error is: ");
    return said < 0 ? reason : reason.substring(said + "The internal error is: ".length());
  }

  /// The messages of a failure and its causes in one line, without the colours in them.
  static String reason(Throwable failure) {
    String text = ASIDES.matcher(whole(failure)).replaceAll("");
    return text.length() <= LONGEST_REASON ? text : text.substring(0, LONGEST_REASON) + "…";
  }

  private static String whole(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable t = failure; t != null; t = t.getCause()) {
      String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
      String line = message.replaceAll("\\u001B\\[[0-9;]*m", "").replaceAll("\\s+", " ").strip();
      if (text.indexOf(line) < 0) {
        text.append(text.isEmpty() ? "" : ": ").append(line);
      }
    }
    return text.toString();
  }
}
