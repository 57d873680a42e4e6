package dev.sluice.checkpoint;

/// A file of a checkpoint or a run that cannot be read or written. The message is one line that
/// names the file, the tensor or key, and the way out.
public final class CheckpointException extends RuntimeException {
  /// An error in what a file says.
  public CheckpointException(String message) {
    super(message);
  }

  /// An error that reading or writing ran into.
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
