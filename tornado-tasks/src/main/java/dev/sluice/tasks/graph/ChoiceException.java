package dev.sluice.tasks.graph;

/// An implementation was asked for that cannot be taken: there is none of that name, it does not
/// run on the device, or no graph has the op. The message names the op and what there is.
public final class ChoiceException extends GraphException {
  private static final long serialVersionUID = 1L;

  /// An exception with a one-line message.
  public ChoiceException(String message) {
    super(message);
  }
}
