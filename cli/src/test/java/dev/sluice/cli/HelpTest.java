package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// What the command says of itself to somebody who has never seen it.
class HelpTest {
  private static final int COLUMNS = 80;

  private static CommandLine whole() {
    CommandLine line = new CommandLine(new Sluice());
    Subcommands.add(line);
    return line;
  }

  private static Stream<CommandLine> commands(CommandLine line) {
    return Stream.concat(
        Stream.of(line), line.getSubcommands().values().stream().flatMap(HelpTest::commands));
  }

  private static String[] words(CommandLine line, String last) {
    List<String> words =
        new ArrayList<>(Arrays.asList(line.getCommandSpec().qualifiedName().split(" ")));
    words.removeFirst();
    words.add(last);
    return words.toArray(String[]::new);
  }

  private static Stream<DynamicTest> each(Consumer<CommandLine> check) {
    return commands(whole())
        .map(line ->
            DynamicTest.dynamicTest(
                line.getCommandSpec().qualifiedName(), () -> check.accept(line)));
  }

  @TestFactory
  Stream<DynamicTest> helpFitsATerminal() {
    return each(line -> {
      CommandRun run = CommandRun.of(words(line, "--help"));
      assertEquals(0, run.code(), run.errors());
      run.output().lines().forEach(text -> assertTrue(text.length() <= COLUMNS, text));
    });
  }

  @TestFactory
  Stream<DynamicTest> numbersHaveDefaults() {
    return each(line -> line.getCommandSpec().options().forEach(HelpTest::assertDefault));
  }

  private static void assertDefault(OptionSpec option) {
    boolean number =
        Arrays.stream(option.auxiliaryTypes())
            .anyMatch(type ->
                Number.class.isAssignableFrom(type)
                    || (type.isPrimitive() && type != boolean.class));
    String text = String.join(" ", option.description());
    assertTrue(
        !number || option.hidden() || option.typeInfo().isArray() || text.contains("Default: "),
        option.longestName() + ": " + text);
    assertTrue(text.length() > "Default: 1.".length(), option.longestName() + " is not explained");
  }

  @TestFactory
  Stream<DynamicTest> versionIsToldEverywhere() {
    return each(line -> {
      CommandRun run = CommandRun.of(words(line, "--version"));
      assertEquals(Sluice.VERSION, run.output().strip());
    });
  }

  @Test
  void tasksAreNamedAsTheyAreAskedFor() {
    CommandRun.of("train", "--task", "chess").assertUsage("mqar", "text");
  }

  @Test
  void everyTableOfRecallIsOfThePrecisionThatItSays() {
    CommandRun.of("bench", "mqar", "--precision", "bf16").assertUsage("'--precision'");
  }
}
