package dev.sluice.embedded;

/// A library task of the embedded runtime: plain Java in place of a kernel.
///
/// Put into a graph by `graph.libraryTask(id, HostTasks::describe, task)`.
@FunctionalInterface
public interface HostTask {

  /// Does the task's work. Runs at every execution of the graph; should allocate nothing.
  ///
  /// @param workers the threads to share the work among
  void run(Workers workers);
}
