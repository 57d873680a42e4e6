package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/// Makes task graphs of nodes, of a size that the runtime accepts, and moves data between them.
///
/// A task graph of TornadoVM holds at most 256 tasks and 8192 bytes of high-level code, a task
/// costing 15 bytes and 5 an argument; a longer graph of ours becomes several segments of the same
/// plan that keep their arrays on the device.
final class PlanBuilder {
  private static final int CODE_BYTES = 8192;
  private static final int BYTES_PER_TASK = 15;
  private static final int BYTES_PER_ARGUMENT = 5;
  private static final int TASKS = 256;

  /// Left free for transfers, which take code bytes too.
  private static final int RESERVE = 2048;

  private final Device device;
  private final Map<Tensor, Object> arrays;
  private final List<ImmutableTaskGraph> snapshots = new ArrayList<>();
  private final GridScheduler grids = new GridScheduler();

  /// The segment in which an array first came to the device.
  private final Map<Object, String> owners = new IdentityHashMap<>();

  PlanBuilder(Device device, Map<Tensor, Object> arrays) {
    this.device = device;
    this.arrays = arrays;
  }

  int segments() {
    return snapshots.size();
  }

  List<ImmutableTaskGraph> snapshots() {
    return snapshots;
  }

  GridScheduler grids() {
    return grids;
  }

  /// Lowers the live nodes of `graph` and appends its segments.
  void add(Graph graph) {
    Tasks tasks = new Tasks(device, arrays);
    for (Node node : graph.liveNodes()) {
      tasks.begin(node.name());
      node.lowering().lower(tasks);
    }
    if (tasks.entries().isEmpty()) {
      throw new GraphException("graph '" + graph.name() + "' has no tasks: name its outputs");
    }
    Set<Object> inputs = identitySet();
    graph.inputs().values().forEach(t -> inputs.add(arrays.get(t)));
    graph.variables().all().stream()
        .filter(t -> t.role() == Tensor.Role.INPUT)
        .forEach(t -> inputs.add(arrays.get(t)));
    List<List<Tasks.Entry>> segments = split(tasks.entries());
    Set<Object> uploaded = identitySet();
    for (int i = 0; i < segments.size(); i++) {
      String name = i == 0 ? graph.name() : graph.name() + "_" + i;
      boolean last = i == segments.size() - 1;
      snapshots.add(segment(name, segments.get(i), graph, inputs, uploaded, last));
    }
  }

  private List<List<Tasks.Entry>> split(List<Tasks.Entry> entries) {
    if (device.backend() == Backend.JVM) {
      return List.of(entries);
    }
    List<List<Tasks.Entry>> segments = new ArrayList<>();
    List<Tasks.Entry> current = new ArrayList<>();
    int bytes = 0;
    for (Tasks.Entry entry : entries) {
      int cost = BYTES_PER_TASK + BYTES_PER_ARGUMENT * entry.arguments().size();
      if (bytes + cost > CODE_BYTES - RESERVE || current.size() == TASKS) {
        segments.add(current);
        current = new ArrayList<>();
        bytes = 0;
      }
      current.add(entry);
      bytes += cost;
    }
    segments.add(current);
    return segments;
  }

  private ImmutableTaskGraph segment(
      String name,
      List<Tasks.Entry> entries,
      Graph graph,
      Set<Object> inputs,
      Set<Object> uploaded,
      boolean last) {
    TaskGraph tasks = new TaskGraph(name);
    Set<Object> known = identitySet();
    known.addAll(arrays.values());
    Set<Object> used = identitySet();
    for (Tasks.Entry entry : entries) {
      entry.arguments().stream().filter(known::contains).forEach(used::add);
    }
    for (Object array : used) {
      String owner = owners.get(array);
      if (inputs.contains(array) && uploaded.add(array)) {
        tasks = tasks.transferToDevice(DataTransferMode.EVERY_EXECUTION, array);
        owners.put(array, name);
      } else if (owner == null) {
        tasks = tasks.transferToDevice(DataTransferMode.FIRST_EXECUTION, array);
        owners.put(array, name);
      } else {
        tasks = tasks.consumeFromDevice(owner, array);
      }
    }
    for (Tasks.Entry entry : entries) {
      entry.adder().addTo(tasks, entry.id());
      if (!entry.grid().equals(Grid.PARALLEL)) {
        grids.addWorkerGrid(name + "." + entry.id(), workers(entry.grid()));
      }
    }
    for (Object array : used) {
      tasks = tasks.persistOnDevice(array);
    }
    if (last) {
      for (Tensor output : graph.outputs()) {
        if (graph.handsBack(output)) {
          tasks =
              tasks.transferToHost(
                  DataTransferMode.EVERY_EXECUTION, Objects.requireNonNull(arrays.get(output)));
        }
      }
    }
    return tasks.snapshot();
  }

  private static WorkerGrid workers(Grid grid) {
    WorkerGrid workers = new WorkerGrid2D(grid.globalX(), grid.globalY());
    workers.setLocalWork(grid.localX(), grid.localY(), 1);
    return workers;
  }

  private static Set<Object> identitySet() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }
}
