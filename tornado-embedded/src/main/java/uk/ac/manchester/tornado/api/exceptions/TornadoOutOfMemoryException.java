package uk.ac.manchester.tornado.api.exceptions;

/// Device memory is used up.
public class TornadoOutOfMemoryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param message what went wrong
  public TornadoOutOfMemoryException(String message) {
    super(message);
  }
}
