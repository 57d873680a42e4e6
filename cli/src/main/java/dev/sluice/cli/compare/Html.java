package dev.sluice.cli.compare;

/// Text in a page.
final class Html {
  private Html() {}

  /// The text with the characters that have a meaning in HTML and SVG replaced.
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&quot;");
  }
}
