package dev.sluice.cli.exit;

/// How commands end where they neither succeed nor were asked for wrongly.
public final class ExitCode {
  /// The work failed.
  public static final int FAILED = 1;

  /// Ctrl-C.
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
