package uk.ac.manchester.tornado.api.exceptions;

/// A task cannot be set up, or its kernel failed.
public class TornadoTaskRuntimeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param message what went wrong
  public TornadoTaskRuntimeException(String message) {
    super(message);
  }

  /// @param message what went wrong
  /// @param cause why
  public TornadoTaskRuntimeException(String message, Exception cause) {
    super(message, cause);
  }
}
