package dev.sluice.embedded.engine;

import dev.sluice.embedded.HostTask;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;

/// Chooses how a task runs.
final class Launches {

  private Launches() {}

  /// @param task the task
  /// @param grid its grid, if it has one
  /// @return how it runs
  static Launch of(TaskNode task, @Nullable WorkerGrid grid) {
    HostTask host = task.host();
    if (host != null) {
      return host::run;
    }
    Runnable plain = task.plain();
    if (plain == null) {
      throw new TornadoTaskRuntimeException("Task " + task.name() + " has no kernel");
    }
    for (Object argument : task.arguments()) {
      if (argument instanceof KernelContext context) {
        if (grid == null) {
          throw new TornadoTaskRuntimeException(
              "Task "
                  + task.name()
                  + " takes a KernelContext; give it a grid by withGridScheduler");
        }
        return workers -> overGrid(context, grid, plain);
      }
    }
    KernelReference kernel = task.kernel();
    LoopSplitter.Split split = kernel == null ? null : Kernels.split(kernel);
    return split == null
        ? workers -> plain.run()
        : new SplitLaunch(split.bind(task.arguments()), split.nested());
  }

  private static void overGrid(KernelContext context, WorkerGrid grid, Runnable kernel) {
    long[] global = grid.getGlobalWork();
    long[] set = grid.getLocalWork();
    long[] local = set == null ? new long[] {1, 1, 1} : set;
    context.globalGroupSizeX = (int) global[0];
    context.globalGroupSizeY = (int) global[1];
    context.globalGroupSizeZ = (int) global[2];
    context.localGroupSizeX = (int) local[0];
    context.localGroupSizeY = (int) local[1];
    context.localGroupSizeZ = (int) local[2];
    for (int z = 0; z < global[2]; z++) {
      for (int y = 0; y < global[1]; y++) {
        for (int x = 0; x < global[0]; x++) {
          context.globalIdx = x;
          context.globalIdy = y;
          context.globalIdz = z;
          context.localIdx = x % (int) local[0];
          context.localIdy = y % (int) local[1];
          context.localIdz = z % (int) local[2];
          context.groupIdx = x / (int) local[0];
          context.groupIdy = y / (int) local[1];
          context.groupIdz = z / (int) local[2];
          kernel.run();
        }
      }
    }
  }
}
