package dev.sluice.tasks.host;

/// How heads that share rows of memory are grouped, so that a thread takes them in turn a few rows
/// at a time: memory gives whole rows several times as fast as the parts of single heads.
public final class HeadGroups {
  /// Most heads of a group.
  private static final int MOST = 8;

  /// Most floats that a group's heads have of a row: their states have to fit the second-level
  /// cache beside the rows in work.
  private static final int ROW = 512;

  private HeadGroups() {}

  /// Heads of a group: as many as leave no thread with more heads than single heads would.
  ///
  /// @param sequences sequences, each with all heads
  /// @param heads heads of a sequence
  /// @param size floats that a head has of a row
  /// @param threads threads that share the work
  public static int of(int sequences, int heads, int size, int threads) {
    int least = Math.ceilDiv(sequences * heads, threads);
    int group = Math.clamp(Math.min(MOST, ROW / size), 1, heads);
    while (Math.ceilDiv(sequences * Math.ceilDiv(heads, group), threads) * group > least) {
      group--;
    }
    return group;
  }
}
