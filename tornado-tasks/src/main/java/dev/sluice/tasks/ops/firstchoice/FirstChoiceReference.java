package dev.sluice.tasks.ops.firstchoice;

/// First choices in double precision.
public final class FirstChoiceReference {
  private FirstChoiceReference() {}

  /// `right[r] = [labels[r] = the first v of the largest logits[r,v]]`; 0 where the label is not
  /// one of 0 to V − 1 or its logit is not a number
  ///
  /// @param logits `[R, V]`, Read
  /// @param labels `[R]`, Read
  /// @param right `[R]`, Overwritten
  public static void forward(double[] logits, int[] labels, double[] right, int R, int V) {
    for (int r = 0; r < R; r++) {
      int best = 0;
      for (int v = 1; v < V; v++) {
        if (logits[r * V + v] > logits[r * V + best]) {
          best = v;
        }
      }
      right[r] = labels[r] == best && !Double.isNaN(logits[r * V + best]) ? 1 : 0;
    }
  }
}
