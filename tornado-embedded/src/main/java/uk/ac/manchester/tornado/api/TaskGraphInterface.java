package uk.ac.manchester.tornado.api;

/// The parts of a task graph that do not depend on a kernel's signature.
public interface TaskGraphInterface {

  /// @return the graph's name
  String getTaskGraphName();

  /// @param mode one of `DataTransferMode`
  /// @param objects arrays that kernels read
  /// @return the graph
  TaskGraphInterface transferToDevice(int mode, Object... objects);

  /// @param mode one of `DataTransferMode`
  /// @param objects arrays that the host reads
  /// @return the graph
  TaskGraphInterface transferToHost(int mode, Object... objects);

  /// @param graph the graph that left the arrays on the device
  /// @param objects those arrays
  /// @return the graph
  TaskGraph consumeFromDevice(String graph, Object... objects);

  /// @param objects arrays that the graph before left on the device
  /// @return the graph
  TaskGraph consumeFromDevice(Object... objects);

  /// @param objects arrays that stay on the device for later graphs
  /// @return the graph
  TaskGraph persistOnDevice(Object... objects);

  /// @return the graph as it is now, unchangeable
  ImmutableTaskGraph snapshot();
}
