package uk.ac.manchester.tornado.api;

import dev.sluice.embedded.HostTask;
import dev.sluice.embedded.HostTasks;
import dev.sluice.embedded.NotEmbeddedException;
import dev.sluice.embedded.engine.GraphDefinition;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;

/// Kernels in the order they run in, with the arrays that move between host and device.
///
/// On the embedded runtime host and device share memory: a transfer moves nothing, but an array
/// that no transfer names is refused here as it is on other devices.
public class TaskGraph extends TaskGraphTasks implements TaskGraphInterface {

  private final GraphDefinition definition;

  /// @param name the graph's name, part of its tasks' names
  public TaskGraph(String name) {
    definition = new GraphDefinition(name);
  }

  @Override
  TaskGraph addKernel(String id, Object code, Runnable plain, Object... arguments) {
    definition.addKernel(id, code, plain, arguments);
    return this;
  }

  @Override
  TaskGraph addLibrary(String id, LibraryTaskDescriptor descriptor) {
    HostTask task = HostTasks.taskOf(descriptor);
    definition.addHost(id, task);
    return this;
  }

  /// Refused: compiled kernels of another device do not run on the JVM.
  ///
  /// @throws NotEmbeddedException always
  public TaskGraph prebuiltTask(
      String id, String entryPoint, String filename, AccessorParameters accessorParameters) {
    throw NotEmbeddedException.of("TaskGraph.prebuiltTask", "task with a Java kernel");
  }

  @Override
  public String getTaskGraphName() {
    return definition.name();
  }

  @Override
  public TaskGraph transferToDevice(int mode, Object... objects) {
    definition.toDevice(mode, objects);
    return this;
  }

  @Override
  public TaskGraph transferToHost(int mode, Object... objects) {
    definition.toHost(mode, objects);
    return this;
  }

  @Override
  public TaskGraph consumeFromDevice(String graph, Object... objects) {
    definition.consume(graph, objects);
    return this;
  }

  @Override
  public TaskGraph consumeFromDevice(Object... objects) {
    definition.consume(null, objects);
    return this;
  }

  @Override
  public TaskGraph persistOnDevice(Object... objects) {
    definition.persist(objects);
    return this;
  }

  @Override
  public ImmutableTaskGraph snapshot() {
    return new ImmutableTaskGraph(definition.copy());
  }
}
