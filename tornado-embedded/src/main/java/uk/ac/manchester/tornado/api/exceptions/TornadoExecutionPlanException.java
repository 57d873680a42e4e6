package uk.ac.manchester.tornado.api.exceptions;

/// An execution plan cannot be closed.
public class TornadoExecutionPlanException extends Exception {

  private static final long serialVersionUID = 1L;

  /// @param message what went wrong
  public TornadoExecutionPlanException(String message) {
    super(message);
  }

  /// @param message what went wrong
  /// @param cause why
  public TornadoExecutionPlanException(String message, Throwable cause) {
    super(message, cause);
  }
}
