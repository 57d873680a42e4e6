package dev.sluice.tasks.graph;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What TornadoVM wrote to standard output while it ran a task graph.
///
/// @param error the first call of the driver that failed; null if none did
/// @param task the task that was started last before, as `graph.task`; null if that is not known
/// @param rest what is meant for others
record RuntimeReport(@Nullable String error, @Nullable String task, String rest) {
  private static final Pattern ERROR =
      Pattern.compile("\\s*\\[TornadoVM-[A-Z-]+] ERROR : (.+?) -> Returned: (.+)");

  /// A call of the library that measures power: nothing depends on it.
  private static final String POWER = "NVML";

  private static final String TASK = "Task info: ";

  /// The lines about a task that is started are left out of the rest, unless they were asked for.
  static RuntimeReport of(String output) {
    boolean asked = Boolean.getBoolean("tornado.threadInfo");
    StringBuilder rest = new StringBuilder();
    String error = null;
    String task = null;
    boolean details = false;
    for (String line : output.split("(?<=\n)")) {
      Matcher failed = ERROR.matcher(line.stripTrailing());
      boolean begins = line.startsWith(TASK);
      boolean dropped = begins || details && (line.isBlank() || line.startsWith("\t"));
      if (failed.matches()) {
        if (error == null && !line.contains(POWER)) {
          error = failed.group(1) + " returned " + failed.group(2);
        }
      } else if (asked || !dropped) {
        rest.append(line);
      }
      if (begins && error == null) {
        task = line.substring(TASK.length()).strip();
      }
      details = begins || details && line.startsWith("\t");
    }
    return new RuntimeReport(error, task, rest.toString());
  }
}
