package dev.sluice.cli.exit;

import dev.sluice.checkpoint.CheckpointException;
import dev.sluice.data.DataException;
import dev.sluice.models.ModelException;
import dev.sluice.tasks.device.DeviceException;
import dev.sluice.tasks.graph.ChoiceException;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.MemoryException;
import dev.sluice.training.TrainingException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// The one line that tells of a failure: what failed, and the way out.
public final class Failure {
  private static final String LESS = "; take a smaller --batch or --length";
  private static final String HEAP = ", or give more with SLUICE_JAVA_OPTIONS=-Xmx%dg";
  private static final String DEVICE_MEMORY =
      ", or give more of it with SLUICE_JAVA_OPTIONS=-Dtornado.device.memory=%dGB";

  private static final String OTHERS = ", or end what else holds memory of the device";

  private Failure() {}

  /// The exit code that tells of a failure: of usage where another command line is the way out.
  public static int code(Exception exception) {
    return switch (exception) {
      case IllegalArgumentException _, ChoiceException _ -> CommandLine.ExitCode.USAGE;
      default -> ExitCode.FAILED;
    };
  }

  /// One line that tells of a failure.
  public static String line(Exception exception) {
    return switch (exception) {
      case MemoryException e -> firstLine(e.getMessage()) + memoryAdvice(e);
      case CheckpointException _,
          DataException _,
          DeviceException _,
          GraphException _,
          ModelException _,
          TrainingException _,
          IllegalArgumentException _ ->
          firstLine(exception.getMessage());
      default -> "%s; set SLUICE_TRACE=1 to see where".formatted(firstLine(exception.toString()));
    };
  }

  private static String memoryAdvice(MemoryException exception) {
    // Half as much again for what the JVM and the data need, in whole gigabytes.
    long gigabytes = (exception.planned() + exception.planned() / 2 >> 30) + 1;
    if (exception.heap()) {
      return LESS + HEAP.formatted(gigabytes);
    }
    if (exception.refused()) {
      return LESS + OTHERS;
    }
    return exception.withheld() ? LESS + DEVICE_MEMORY.formatted(gigabytes) : LESS;
  }

  /// What to say when the heap is full.
  public static String outOfMemory() {
    return "not enough memory: the heap has %d MB"
            .formatted(Runtime.getRuntime().maxMemory() / 1_000_000)
        + LESS
        + HEAP.formatted((Runtime.getRuntime().maxMemory() >> 29) + 1);
  }

  /// What to say when a class of the runtime is missing or is another than the one compiled for.
  public static String unlinked(LinkageError error) {
    return "a class is missing or does not fit: %s; check TORNADOVM_HOME (an SDK 5.2.0 for this JDK), or unset it to use the embedded runtime"
        .formatted(firstLine(error.toString()));
  }

  /// The first line of a message, if there is one.
  public static String firstLine(@Nullable String message) {
    return message == null ? "unknown reason" : message.lines().findFirst().orElse("");
  }
}
