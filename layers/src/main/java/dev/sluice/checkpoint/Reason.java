package dev.sluice.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/// Why a file could not be read or written, in words for a message, with the way out.
final class Reason {
  private Reason() {}

  static String of(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file or folder; check the path";
      case AccessDeniedException _ ->
          "access denied; change its permissions or choose another path";
      case NotDirectoryException _ -> "a part of the path is a file; choose another path";
      case FileSystemException f when f.getReason() != null -> text(f.getReason());
      default -> text(String.valueOf(e.getMessage()));
    };
  }

  private static String text(String reason) {
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("quota")) {
      return reason + "; free some space or choose another disk";
    }
    return reason + "; check the path and the disk";
  }
}
