package dev.sluice.tasks.names;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/// Finds what somebody meant who typed a name that is not known.
public final class NearestName {
  private NearestName() {}

  /// The known name with the smallest edit distance to `name` (letter case does not count), if that
  /// is at most a third of its length, and at least one edit; of several the first.
  public static Optional<String> of(String name, Collection<String> known) {
    String typed = name.toLowerCase(Locale.ROOT);
    String best = null;
    int least = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = distance(typed, candidate.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    if (best == null || least > Math.max(1, Math.max(name.length(), best.length()) / 3)) {
      return Optional.empty();
    }
    return Optional.of(best);
  }

  /// The end of an error message about an unknown name: `; did you mean X?`, or the list of what
  /// there is when nothing is near.
  public static String hint(String name, Collection<String> known) {
    return of(name, known)
        .map(near -> "; did you mean " + near + "?")
        .orElseGet(() -> "; known: " + String.join(", ", known));
  }

  /// The least number of insertions, deletions, replacements and swaps of neighbours that turn `a`
  /// into `b`.
  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] recycled = beforeLast;
      beforeLast = last;
      last = row;
      row = recycled;
    }
    return last[b.length()];
  }
}
