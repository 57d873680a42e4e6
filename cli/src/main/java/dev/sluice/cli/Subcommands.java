package dev.sluice.cli;

import dev.sluice.cli.bench.BenchCommand;
import dev.sluice.cli.bench.BenchMqarCommand;
import dev.sluice.cli.bench.BenchOpsCommand;
import dev.sluice.cli.bench.BenchStepCommand;
import dev.sluice.cli.bench.cpu.BenchCpuCommand;
import dev.sluice.cli.bench.cpu.BenchPeerCommand;
import dev.sluice.cli.compare.CompareCommand;
import dev.sluice.cli.conform.ConformCommand;
import dev.sluice.cli.train.EvalCommand;
import dev.sluice.cli.train.GenerateCommand;
import dev.sluice.cli.train.TrainCommand;
import java.util.Arrays;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The commands below `sluice`. Reading the options of all of them takes a good part of the time
/// from the start to a first training step, so where the first words name one, only that one is
/// read.
final class Subcommands {
  private static final List<Class<?>> ALL =
      List.of(
          TrainCommand.class,
          EvalCommand.class,
          GenerateCommand.class,
          ConformCommand.class,
          BenchCommand.class,
          CompareCommand.class,
          DevicesCommand.class,
          AutoComplete.GenerateCompletion.class);

  private static final List<Class<?>> BENCH =
      List.of(
          BenchCpuCommand.class,
          BenchPeerCommand.class,
          BenchMqarCommand.class,
          BenchOpsCommand.class,
          BenchStepCommand.class);

  private Subcommands() {}

  /// Adds what `words` name, or all if they name none.
  static void add(CommandLine line, String... words) {
    add(line, ALL, words);
  }

  private static void add(CommandLine line, List<Class<?>> commands, String... words) {
    for (Class<?> command : named(commands, words)) {
      CommandLine below = new CommandLine(command);
      below.getCommandSpec().version(Sluice.VERSION);
      if (command == BenchCommand.class) {
        String[] rest = words.length == 0 ? words : Arrays.copyOfRange(words, 1, words.length);
        add(below, BENCH, rest);
      }
      line.addSubcommand(below);
    }
  }

  private static List<Class<?>> named(List<Class<?>> commands, String... words) {
    for (Class<?> command : commands) {
      // A completion script tells of all commands.
      boolean whole = command == AutoComplete.GenerateCompletion.class;
      if (words.length > 0 && !whole && name(command).equals(words[0])) {
        return List.of(command);
      }
    }
    return commands;
  }

  private static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }
}
