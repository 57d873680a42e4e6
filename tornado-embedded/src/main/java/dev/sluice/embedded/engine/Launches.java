package dev.sluice.embedded.engine;

import dev.sluice.embedded.HostTask;
import dev.sluice.embedded.engine.ContextCompiler.Compiled;
import java.util.Arrays;
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
    KernelReference kernel = task.kernel();
    if (plain == null) {
      throw new TornadoTaskRuntimeException("Task " + task.name() + " has no kernel");
    }
    if (Arrays.stream(task.arguments()).anyMatch(KernelContext.class::isInstance)) {
      return withContext(task, kernel, grid);
    }
    LoopSplitter.Split split = kernel == null ? null : KernelCache.split(kernel);
    return split == null
        ? workers -> plain.run()
        : new SplitLaunch(split.bind(task.arguments()), split.nested());
  }

  private static Launch withContext(
      TaskNode task, @Nullable KernelReference kernel, @Nullable WorkerGrid grid) {
    if (kernel == null) {
      throw new TornadoTaskRuntimeException(
          "Task "
              + task.name()
              + " takes a KernelContext; make its code a reference to a static method");
    }
    if (grid == null) {
      throw new TornadoTaskRuntimeException(
          "Task " + task.name() + " takes a KernelContext; give it a grid by withGridScheduler");
    }
    Compiled compiled = KernelCache.compile(kernel);
    Geometry geometry = Geometry.of(task.name(), grid, compiled.grouped());
    ContextKernel bound = compiled.bind(task.arguments());
    return new ContextLaunch(task.name(), geometry, bound, compiled.grouped());
  }
}
