package uk.ac.manchester.tornado.api.exceptions;

/// There is no such backend.
public class TornadoBackendNotFound extends TornadoRuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param message what went wrong
  public TornadoBackendNotFound(String message) {
    super(message);
  }
}
