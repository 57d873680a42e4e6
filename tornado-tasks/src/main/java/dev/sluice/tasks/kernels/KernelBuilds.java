package dev.sluice.tasks.kernels;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Sources on their way through the driver's compiler, as many at a time as there are processors.
final class KernelBuilds {
  /// One compiler holds 100 MB and more.
  private static final int MOST_THREADS = 16;

  private static final int SECONDS_IDLE = 2;

  private final ThreadPoolExecutor threads;
  private final Set<String> sources = new HashSet<>();
  private final List<Future<?>> open = new ArrayList<>();

  KernelBuilds() {
    int count = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            SECONDS_IDLE,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "sluice-kernels");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /// Has a source compiled, once in the process.
  void add(TornadoCompiler compiler, String source) {
    if (sources.add(source)) {
      open.add(
          threads.submit(() -> {
            compiler.build(source);
            return null;
          }));
    }
  }

  /// Waits for all.
  void await() {
    for (Future<?> build : open) {
      try {
        build.get();
      } catch (ExecutionException e) {
        // TornadoVM has it compiled again, and says why it is refused.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    open.clear();
  }
}
