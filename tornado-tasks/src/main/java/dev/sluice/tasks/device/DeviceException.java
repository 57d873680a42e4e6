package dev.sluice.tasks.device;

/// A device cannot be had as asked: no runtime is there or it does not start, none bears the name,
/// or it lacks a feature. The message is one line that names the thing and the way out.
public class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// An exception with a one-line message.
  public DeviceException(String message) {
    super(message);
  }

  /// An exception with a one-line message and what led to it.
  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
