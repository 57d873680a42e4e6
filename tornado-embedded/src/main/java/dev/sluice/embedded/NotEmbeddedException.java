package dev.sluice.embedded;

/// The embedded runtime was asked for something that it does not do.
public final class NotEmbeddedException extends UnsupportedOperationException {

  private static final long serialVersionUID = 1L;

  private NotEmbeddedException(String message) {
    super(message);
  }

  /// @param member what was called
  /// @param instead what to use
  /// @return the exception to throw
  public static NotEmbeddedException of(String member, String instead) {
    return new NotEmbeddedException(
        member + " is not part of the embedded runtime; use " + instead);
  }

  /// @param method a method of the kernel context
  /// @return the exception to throw
  public static NotEmbeddedException outsideTask(String method) {
    return new NotEmbeddedException(
        "KernelContext."
            + method
            + " works in a running task only; put the kernel into a task graph");
  }
}
