package dev.sluice.tasks.graph;

import org.jspecify.annotations.Nullable;

/// A graph cannot be built or run as asked: a shape that does not fit, a missing gradient, a device
/// that lacks what an op needs. The message is one line that names the thing and the way out.
public class GraphException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// An exception with a one-line message.
  public GraphException(String message) {
    super(message);
  }

  /// An exception with a one-line message and what led to it, if something was thrown.
  public GraphException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
