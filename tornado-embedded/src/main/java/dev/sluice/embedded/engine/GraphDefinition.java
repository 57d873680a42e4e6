package dev.sluice.embedded.engine;

import dev.sluice.embedded.HostTask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// The tasks of a graph and the arrays it names.
public final class GraphDefinition {

  private final String name;
  private final List<TaskNode> tasks = new ArrayList<>();
  private final Set<String> taskNames = new HashSet<>();
  private final Set<Object> known = identitySet();
  private final Set<Object> persisted = identitySet();
  private final Map<String, Set<Object>> consumed = new HashMap<>();

  /// @param name the graph's name
  public GraphDefinition(String name) {
    this.name = name;
  }

  private static Set<Object> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  /// @return the graph's name
  public String name() {
    return name;
  }

  /// @return a copy that later changes do not reach
  public GraphDefinition copy() {
    GraphDefinition copy = new GraphDefinition(name);
    copy.tasks.addAll(tasks);
    copy.taskNames.addAll(taskNames);
    copy.known.addAll(known);
    copy.persisted.addAll(persisted);
    consumed.forEach((graph, objects) -> copy.consumedFrom(graph).addAll(objects));
    return copy;
  }

  /// @param id the task's name
  /// @param code the functional object
  /// @param plain calls it with its arguments
  /// @param arguments its arguments
  public void addKernel(String id, Object code, Runnable plain, Object[] arguments) {
    tasks.add(new TaskNode(unique(id), KernelReference.of(code), plain, arguments, null));
  }

  /// @param id the task's name
  /// @param task what it does
  public void addHost(String id, HostTask task) {
    tasks.add(new TaskNode(unique(id), null, null, new Object[0], task));
  }

  private String unique(String id) {
    String full = name + "." + id;
    if (!taskNames.add(full)) {
      throw new TornadoTaskRuntimeException(
          "Task " + full + " exists already; name it differently");
    }
    return full;
  }

  /// @param mode when to copy
  /// @param objects arrays that kernels read
  public void toDevice(int mode, Object[] objects) {
    if (mode != DataTransferMode.FIRST_EXECUTION && mode != DataTransferMode.EVERY_EXECUTION) {
      throw new TornadoRuntimeException(
          name + ": transferToDevice takes FIRST_EXECUTION or EVERY_EXECUTION, not mode " + mode);
    }
    know("transferToDevice", objects);
  }

  /// @param mode when to copy
  /// @param objects arrays that the host reads
  public void toHost(int mode, Object[] objects) {
    if (mode < DataTransferMode.FIRST_EXECUTION || mode > DataTransferMode.UNDER_DEMAND) {
      throw new TornadoRuntimeException(name + ": transferToHost does not know mode " + mode);
    }
    know("transferToHost", objects);
  }

  /// @param graph the graph that left the arrays on the device; null for the one before
  /// @param objects the arrays
  public void consume(@Nullable String graph, Object[] objects) {
    know("consumeFromDevice", objects);
    if (graph != null) {
      consumedFrom(graph).addAll(Arrays.asList(objects));
    }
  }

  private Set<Object> consumedFrom(String graph) {
    return consumed.computeIfAbsent(graph, key -> identitySet());
  }

  /// @param objects arrays that stay on the device for later graphs
  public void persist(Object[] objects) {
    know("persistOnDevice", objects);
    persisted.addAll(Arrays.asList(objects));
  }

  private void know(String method, @Nullable Object[] objects) {
    for (Object object : objects) {
      if (!(object instanceof TornadoNativeArray) && !(object instanceof KernelContext)) {
        throw new TornadoRuntimeException(
            name + ": " + method + " takes the runtime's arrays, not " + describe(object));
      }
      known.add(object);
    }
  }

  static String describe(@Nullable Object object) {
    return object == null ? "null" : object.getClass().getSimpleName();
  }

  List<TaskNode> tasks() {
    return tasks;
  }

  Set<String> taskNames() {
    return taskNames;
  }

  Set<Object> known() {
    return known;
  }

  /// Checks that each array of each task was named, and that what is consumed was left on the
  /// device.
  ///
  /// @param plan every graph of the plan
  void check(List<GraphDefinition> plan) {
    for (TaskNode task : tasks) {
      Object[] arguments = task.arguments();
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i] instanceof TornadoNativeArray && !known.contains(arguments[i])) {
          throw new TornadoTaskRuntimeException(
              "Argument %d (%s) of task %s is in no transferToDevice, transferToHost, persistOnDevice or consumeFromDevice; add it to one"
                  .formatted(i, describe(arguments[i]), task.name()));
        }
      }
    }
    consumed.forEach((graph, objects) -> checkConsumed(plan, graph, objects));
  }

  private void checkConsumed(List<GraphDefinition> plan, String graph, Set<Object> objects) {
    GraphDefinition source =
        plan.stream()
            .filter(other -> other.name.equals(graph))
            .findFirst()
            .orElseThrow(() ->
                new TornadoRuntimeException(
                    name + " consumes from " + graph + ", which is not in the plan; add it"));
    if (!source.persisted.containsAll(objects)) {
      throw new TornadoRuntimeException(
          name
              + " consumes an array that "
              + graph
              + " does not leave on the device; persistOnDevice it there");
    }
  }
}
