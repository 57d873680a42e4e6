package dev.sluice.data;

/// Which of the two disjoint parts of the data.
public enum Split {
  /// Examples that the parameters are fitted to.
  TRAINING,
  /// Examples that only measure.
  HELD_OUT
}
