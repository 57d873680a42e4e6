package uk.ac.manchester.tornado.api.exceptions;

/// Device memory cannot be used as asked.
public class TornadoMemoryException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param message what went wrong
  public TornadoMemoryException(String message) {
    super(message);
  }
}
