package dev.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The command run in this JVM, and what it said.
///
/// @param code exit code
/// @param output of standard output
/// @param errors of standard error
public record CommandRun(int code, String output, String errors) {
  /// The work failed.
  static final int FAILED = 1;

  /// It was asked for wrongly.
  static final int USAGE = 2;

  /// Runs the command.
  public static CommandRun of(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      int code = Sluice.execute(arguments);
      return new CommandRun(
          code, output.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /// The lines of standard error.
  public List<String> lines() {
    return errors.lines().toList();
  }

  /// It was asked for wrongly: a line that has `parts`, and how to get help.
  public void assertUsage(String... parts) {
    assertEquals(USAGE, code, errors);
    assertTrue(lines().getFirst().startsWith("sluice: "), errors);
    assertSays(parts);
  }

  /// A value that it was given cannot be: one line, which begins with the command's name and has
  /// `parts`.
  public void assertRefused(String... parts) {
    assertEquals(USAGE, code, errors);
    assertOneLine(parts);
  }

  /// The work failed: one line, which begins with the command's name and has `parts`.
  public void assertFails(String... parts) {
    assertEquals(FAILED, code, errors);
    assertOneLine(parts);
  }

  private void assertOneLine(String... parts) {
    assertEquals(1, lines().size(), errors);
    assertTrue(errors.startsWith("sluice: "), errors);
    assertSays(parts);
  }

  /// Standard error has `parts` and no stack trace.
  public void assertSays(String... parts) {
    for (String part : parts) {
      assertTrue(errors.contains(part), () -> "no '" + part + "' in: " + errors);
    }
    assertTrue(lines().stream().noneMatch(line -> line.startsWith("\tat ")), errors);
  }
}
