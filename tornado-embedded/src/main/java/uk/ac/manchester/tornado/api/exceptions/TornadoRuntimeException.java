package uk.ac.manchester.tornado.api.exceptions;

/// The runtime cannot do what it was asked.
public class TornadoRuntimeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param message what went wrong
  public TornadoRuntimeException(String message) {
    super(message);
  }

  /// @param cause what went wrong
  public TornadoRuntimeException(Exception cause) {
    super(cause);
  }
}
