package uk.ac.manchester.tornado.api;

import org.jspecify.annotations.Nullable;

/// How many threads a task gets, in up to three dimensions, and in groups of what size.
public interface WorkerGrid {

  /// @return 1, 2 or 3
  int dimension();

  /// @return threads in x, y, z
  long[] getGlobalWork();

  /// @return threads of a group in x, y, z; null if the runtime chooses
  long @Nullable [] getLocalWork();

  /// @return groups in x, y, z; null if the runtime chooses
  long @Nullable [] getNumberOfWorkgroups();

  /// @return what is added to the global indices
  long[] getGlobalOffset();

  /// Sets the number of threads.
  void setGlobalWork(long x, long y, long z);

  /// Sets the size of a group.
  void setLocalWork(long x, long y, long z);

  /// Sets what is added to the global indices.
  void setGlobalOffset(long x, long y, long z);

  /// Lets the runtime choose the number of groups.
  void setNumberOfWorkgroupsToNull();

  /// Lets the runtime choose the size of a group.
  void setLocalWorkToNull();
}
