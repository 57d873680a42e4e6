package dev.sluice.embedded.engine;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;

/// The sizes of a task's grid in x, y, z.
///
/// @param globalX threads in x
/// @param globalY threads in y
/// @param globalZ threads in z
/// @param localX threads of a group in x
/// @param localY threads of a group in y
/// @param localZ threads of a group in z
record Geometry(int globalX, int globalY, int globalZ, int localX, int localY, int localZ) {

  /// The most threads a group can have, as on GPUs.
  static final int MAX_GROUP = 1024;

  /// @param task `graph.task`
  /// @param grid its grid
  /// @param grouped whether its kernel needs groups of a given size
  /// @return the sizes
  /// @throws TornadoTaskRuntimeException if they do not fit together
  static Geometry of(String task, WorkerGrid grid, boolean grouped) {
    long[] global = grid.getGlobalWork();
    long[] local = grid.getLocalWork();
    if (local == null) {
      if (grouped) {
        throw refused(task, "needs groups of a given size; call setLocalWork on its grid");
      }
      local = new long[] {1, 1, 1};
    }
    long threads = 1;
    for (int i = 0; i < 3; i++) {
      if (global[i] < 1 || local[i] < 1 || global[i] % local[i] != 0) {
        throw refused(
            task,
            "has %d threads in groups of %d in dimension %d; make the first a positive multiple of the second"
                .formatted(global[i], local[i], i));
      }
      threads = Math.multiplyExact(threads, global[i]);
    }
    if (threads > Integer.MAX_VALUE) {
      throw refused(task, "has " + threads + " threads, more than 2^31 - 1; use a smaller grid");
    }
    if (local[0] * local[1] * local[2] > MAX_GROUP) {
      throw refused(task, "has groups of more than " + MAX_GROUP + " threads; use smaller groups");
    }
    return new Geometry(
        (int) global[0],
        (int) global[1],
        (int) global[2],
        (int) local[0],
        (int) local[1],
        (int) local[2]);
  }

  private static TornadoTaskRuntimeException refused(String task, String reason) {
    return new TornadoTaskRuntimeException("Task " + task + " " + reason);
  }

  int threads() {
    return globalX * globalY * globalZ;
  }

  int groupThreads() {
    return localX * localY * localZ;
  }

  int groups() {
    return threads() / groupThreads();
  }
}
