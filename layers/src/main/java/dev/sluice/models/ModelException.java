package dev.sluice.models;

/// A model cannot be built as its configuration says. One line that names the key and the way out.
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// An exception with a one-line message.
  public ModelException(String message) {
    super(message);
  }
}
