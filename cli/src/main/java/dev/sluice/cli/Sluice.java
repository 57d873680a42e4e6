package dev.sluice.cli;

import dev.sluice.checkpoint.CheckpointException;
import dev.sluice.data.DataException;
import dev.sluice.models.ModelException;
import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.MemoryException;
import dev.sluice.training.TrainingException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The `sluice` command.
@Command(
    name = "sluice",
    description = "Trains, runs and compares gated sequence models.",
    mixinStandardHelpOptions = true,
    version = Sluice.VERSION,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: sluice train --task mqar"})
public final class Sluice implements Runnable {
  static final String VERSION = "sluice 0.1.0";

  /// Exit code after Ctrl-C.
  static final int INTERRUPTED = 130;

  /// Exit code when the work failed.
  static final int FAILED = 1;

  private static final String LESS = "; take a smaller --batch or --length";
  private static final String HEAP = ", or give more with SLUICE_JAVA_OPTIONS=-Xmx%dg";
  private static final String DEVICE_MEMORY =
      ", or give more of it with SLUICE_JAVA_OPTIONS=-Dtornado.device.memory=%dGB";

  @Spec private CommandSpec spec;

  /// Used by picocli.
  @SuppressWarnings("NullAway.Init")
  public Sluice() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is needed");
  }

  /// Runs the command and exits with its code: 0 when all went well, 1 when the work failed, 2 when
  /// it was asked for wrongly, 130 after Ctrl-C.
  public static void main(String[] arguments) {
    if (Arrays.equals(arguments, new String[] {"--version"})) {
      // What reads the command line takes longer to load than this answer may take.
      System.out.println(VERSION);
      return;
    }
    System.exit(execute(arguments));
  }

  /// Runs the command and returns its exit code.
  static int execute(String... arguments) {
    CommandLine line = new CommandLine(new Sluice());
    Subcommands.add(line, arguments);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((exception, args) -> {
      CommandLine command = exception.getCommandLine();
      command.getErr().println("sluice: " + firstLine(exception.getMessage()));
      CommandLine.UnmatchedArgumentException.printSuggestions(exception, command.getErr());
      command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
      return CommandLine.ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((exception, command, result) -> {
      command.getErr().println("sluice: " + reason(exception));
      if (System.getenv("SLUICE_TRACE") != null) {
        exception.printStackTrace(command.getErr());
      }
      return FAILED;
    });
    try {
      return line.execute(arguments);
    } catch (OutOfMemoryError e) {
      line.getErr().println("sluice: " + outOfMemory());
      return FAILED;
    } catch (LinkageError e) {
      line.getErr().println("sluice: " + unlinked(e));
      return FAILED;
    }
  }

  /// One line that tells of a failure.
  static String reason(Exception exception) {
    return switch (exception) {
      case MemoryException e -> firstLine(e.getMessage()) + memoryAdvice(e);
      case CheckpointException e -> firstLine(e.getMessage());
      case DataException e -> firstLine(e.getMessage());
      case GraphException e -> firstLine(e.getMessage());
      case ModelException e -> firstLine(e.getMessage());
      case TrainingException e -> firstLine(e.getMessage());
      case IllegalArgumentException e -> firstLine(e.getMessage());
      default -> "%s; set SLUICE_TRACE=1 to see where".formatted(firstLine(exception.toString()));
    };
  }

  private static String memoryAdvice(MemoryException exception) {
    // Half as much again for what the JVM and the data need, in whole gigabytes.
    long gigabytes = (exception.planned() + exception.planned() / 2 >> 30) + 1;
    if (exception.heap()) {
      return LESS + HEAP.formatted(gigabytes);
    }
    return exception.withheld() ? LESS + DEVICE_MEMORY.formatted(gigabytes) : LESS;
  }

  private static String outOfMemory() {
    return "not enough memory: the heap has %d MB"
            .formatted(Runtime.getRuntime().maxMemory() / 1_000_000)
        + LESS
        + HEAP.formatted((Runtime.getRuntime().maxMemory() >> 29) + 1);
  }

  private static String unlinked(LinkageError error) {
    return "a class is missing or does not fit: %s; check TORNADOVM_HOME (an SDK 5.2.0 for this JDK), or unset it to use the embedded runtime"
        .formatted(firstLine(error.toString()));
  }

  private static String firstLine(@org.jspecify.annotations.Nullable String message) {
    return message == null ? "unknown reason" : message.lines().findFirst().orElse("");
  }
}
