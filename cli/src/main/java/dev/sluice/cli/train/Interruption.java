package dev.sluice.cli.train;

import dev.sluice.cli.exit.ExitCode;
import java.util.concurrent.CountDownLatch;

/// Ctrl-C while a command works: the command is told and finishes what it is doing, and only then
/// does the process end. Without it the JVM would stop in the middle of a step.
///
/// A shutdown hook cannot be told the exit code of a JVM that is going down, so it ends the process
/// itself, with the code of [#done].
final class Interruption implements AutoCloseable {
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stopAndWait, "interruption");
  private volatile boolean requested;
  private volatile int code = ExitCode.INTERRUPTED;

  Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /// Whether the command is to stop.
  boolean requested() {
    return requested;
  }

  /// Notes the command's exit code and hands it back.
  int done(int exitCode) {
    code = exitCode;
    return exitCode;
  }

  /// The command has finished.
  @Override
  public void close() {
    finished.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is going down already; the hook is running.
        return;
      }
    }
  }

  private void stopAndWait() {
    requested = true;
    try {
      finished.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(code);
  }
}
