package dev.sluice.embedded.engine;

/// A kernel with a context, bound to its other arguments.
///
/// Implemented by classes made at run time; public for their sake.
public interface ContextKernel {

  /// Runs the kernel for one thread: from its start, or from where the thread was suspended, to its
  /// end or to where the thread is suspended.
  ///
  /// @param item the thread
  void run(WorkItem item);

  /// Runs the kernel for several threads one after the other. Only for kernels that never suspend.
  ///
  /// @param item moved from thread to thread
  /// @param from the first thread, counted in x, then y, then z
  /// @param to the thread after the last
  void run(WorkItem item, int from, int to);
}
