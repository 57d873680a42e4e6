package uk.ac.manchester.tornado.api.exceptions;

/// A kernel cannot be compiled.
public class TornadoBailoutRuntimeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param message what went wrong
  public TornadoBailoutRuntimeException(String message) {
    super(message);
  }

  /// @param message what went wrong
  /// @param cause why
  public TornadoBailoutRuntimeException(String message, Exception cause) {
    super(message, cause);
  }
}
