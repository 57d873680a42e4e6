package dev.sluice.tasks.graph;

import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TaskGraph;

/// One recorded task.
///
/// @param id unique in the graph
/// @param node name of the node that asked for it
/// @param grid its work-items
/// @param kernel its method; null for a library task
/// @param arguments what the kernel is called with
/// @param adder adds it
record TaskEntry(
    String id,
    String node,
    Grid grid,
    @Nullable KernelMethod kernel,
    List<Object> arguments,
    Adder adder) {
  /// Adds a recorded task to a task graph under an id.
  @FunctionalInterface
  interface Adder {
    void addTo(TaskGraph graph, String id);
  }
}
