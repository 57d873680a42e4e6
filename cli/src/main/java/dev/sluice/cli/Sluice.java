package dev.sluice.cli;

import dev.sluice.cli.exit.ExitCode;
import dev.sluice.cli.exit.Failure;
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
    footer = {
      "",
      "Begin with a small model, which takes about a minute, and look at what it learned:",
      "  sluice train --task mqar",
      "  sluice eval --checkpoint runs/mqar --task mqar",
      "",
      "'sluice COMMAND --help' tells a command's options and examples."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all went well",
      "1:the work failed",
      "2:it was asked for wrongly",
      "130:Ctrl-C"
    })
public final class Sluice implements Runnable {
  static final String VERSION = "sluice 0.1.0";

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
      command.getErr().println("sluice: " + Failure.firstLine(exception.getMessage()));
      CommandLine.UnmatchedArgumentException.printSuggestions(exception, command.getErr());
      command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
      return CommandLine.ExitCode.USAGE;
    });
    line.setExecutionExceptionHandler((exception, command, result) -> {
      command.getErr().println("sluice: " + Failure.line(exception));
      if (System.getenv("SLUICE_TRACE") != null) {
        exception.printStackTrace(command.getErr());
      }
      return Failure.code(exception);
    });
    try {
      return line.execute(arguments);
    } catch (OutOfMemoryError e) {
      line.getErr().println("sluice: " + Failure.outOfMemory());
      return ExitCode.FAILED;
    } catch (LinkageError e) {
      line.getErr().println("sluice: " + Failure.unlinked(e));
      return ExitCode.FAILED;
    }
  }
}
