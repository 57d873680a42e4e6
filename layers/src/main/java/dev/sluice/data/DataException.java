package dev.sluice.data;

/// Data that cannot be used. The message is one line that names the option or the path, and the way
/// out.
public final class DataException extends RuntimeException {
  /// An error of the data itself.
  public DataException(String message) {
    super(message);
  }

  /// An error that reading the data ran into.
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
