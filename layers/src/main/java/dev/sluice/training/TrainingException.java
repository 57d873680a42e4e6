package dev.sluice.training;

/// A run cannot begin or go on. One line that says why and what to do.
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// An exception with a one-line message.
  public TrainingException(String message) {
    super(message);
  }

  /// An exception with a one-line message and what led to it.
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
