package dev.sluice.cli.conform;

/// An op or a model type that Sluice does not know.
final class UnknownKindException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnknownKindException(String message) {
    super(message);
  }
}
