package dev.sluice.embedded.engine;

import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;

/// Turns what a kernel throws into one exception that names the task.
final class Failures {

  private Failures() {}

  /// @param where the task, and where in it
  /// @param thrown what the kernel threw
  /// @return an exception that says both; `thrown` itself if it says so already
  static TornadoTaskRuntimeException of(String where, RuntimeException thrown) {
    if (thrown instanceof TornadoTaskRuntimeException named) {
      return named;
    }
    // A hot method throws an exception without message and stack trace, to be fast.
    String hint =
        thrown.getMessage() == null && thrown.getStackTrace().length == 0
            ? "; run with -XX:-OmitStackTraceInFastThrow to see the index and the line"
            : "";
    return new TornadoTaskRuntimeException("Task " + where + " failed: " + thrown + hint, thrown);
  }
}
