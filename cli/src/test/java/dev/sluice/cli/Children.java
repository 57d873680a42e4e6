package dev.sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command as a process of its own.
final class Children {
  /// The bit of SIGINT in a mask of signals.
  private static final long INTERRUPT = 1L << 1;

  private Children() {}

  /// Starts `sluice` with this JVM's class path.
  ///
  /// @param output where its standard output and error go
  static Process sluice(Path output, String... arguments) throws IOException {
    return sluice(output, List.of(), arguments);
  }

  /// Starts `sluice` with further options of the JVM.
  static Process sluice(Path output, List<String> options, String... arguments) throws IOException {
    return start(output, command(options, arguments));
  }

  /// Starts `sluice` where no file can be larger than `kilobytes`.
  static Process limited(Path output, int kilobytes, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("bash", "-c", "ulimit -f " + kilobytes + "; exec \"$@\"", "sluice"));
    command.addAll(command(options, arguments));
    return start(output, command);
  }

  private static List<String> command(List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Another set of features would be another implementation, with other bits.
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      command.add("--add-modules=jdk.incubator.vector");
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.sluice.cli.Sluice"));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Process start(Path output, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  /// Does what Ctrl-C does. A process started in the background may have been told to ignore that
  /// signal, and its children with it; the JVM takes the signal to terminate in the same way.
  static void interrupt(Process child) throws IOException, InterruptedException {
    String signal = ignoresInterrupts() ? "-TERM" : "-INT";
    new ProcessBuilder("kill", signal, Long.toString(child.pid())).start().waitFor();
  }

  private static boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    String prefix = "SigIgn:";
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> Long.parseUnsignedLong(line.substring(prefix.length()).strip(), 16))
        .anyMatch(ignored -> (ignored & INTERRUPT) != 0);
  }

  static String said(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
