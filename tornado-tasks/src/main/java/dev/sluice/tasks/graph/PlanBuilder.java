package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Makes the task graphs of a program.
///
/// TornadoVM hands a device buffer only from the task graph that ran last to the next one, and
/// fails with a null buffer if that one did not know it. So two graphs of our own hold everything:
/// [#LOAD] copies every array to the device, [#HOME] takes them all over from it, and every other
/// graph takes what it uses from [#HOME], which therefore runs before the first run of each
/// ([Residence]). After that a graph has its buffers, and what ran before it does not matter: each
/// says of every other that it takes only the token from it, since TornadoVM would otherwise
/// overwrite all its buffers by what that one has. Inputs belong to no graph: each uploads them.
final class PlanBuilder {
  /// Name of the graph that copies every array to the device.
  private static final String LOAD = "sluice_load";

  /// Name of the graph that has every array.
  private static final String HOME = "sluice_home";

  /// Work-items of a group of a kernel with one parallel loop: with the 255 registers that a
  /// work-item can have at most, they need no more than the 65536 of a multiprocessor.
  private static final int GROUP = 256;

  private final Device device;
  private final Map<Tensor, Object> arrays;
  private final Set<Object> inputs = identitySet();
  private final List<Segment> segments = new ArrayList<>();
  private final GridScheduler grids = new GridScheduler();
  private final IntArray token = new IntArray(1);

  PlanBuilder(Device device, Map<Tensor, Object> arrays) {
    this.device = device;
    this.arrays = arrays;
    arrays.forEach((tensor, array) -> {
      if (tensor.role() == Tensor.Role.INPUT) {
        inputs.add(array);
      }
    });
  }

  /// The number of task graphs so far.
  int size() {
    return segments.size();
  }

  /// What the task graphs so far are made of.
  List<Segment> segments() {
    return List.copyOf(segments);
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
    segments.addAll(
        device.backend() == Backend.JVM
            ? Segment.whole(graph.name(), tasks.entries())
            : Segment.split(graph.name(), tasks.entries()));
  }

  /// The task graphs in the order of the segments; on a device other than the JVM [#LOAD] and
  /// [#HOME] come behind them.
  List<ImmutableTaskGraph> snapshots() {
    Set<Object> known = identitySet();
    known.addAll(arrays.values());
    List<ImmutableTaskGraph> snapshots = new ArrayList<>();
    for (Segment segment : segments) {
      List<Object> used = segment.arrays(known);
      TaskGraph graph = new TaskGraph(segment.name());
      graph = device.backend() == Backend.JVM ? onHost(graph, used) : takeOver(graph, used);
      for (Tasks.Entry entry : segment.entries()) {
        if (device.backend() == Backend.CUDA) {
          limitGroup(segment.name() + "." + entry.id(), entry);
        }
        entry.adder().addTo(graph, entry.id());
        if (!entry.grid().equals(Grid.PARALLEL)) {
          grids.addWorkerGrid(segment.name() + "." + entry.id(), workers(entry.grid()));
        }
      }
      snapshots.add(graph.snapshot());
    }
    if (device.backend() != Backend.JVM) {
      List<Object> lasting = known.stream().filter(a -> !inputs.contains(a)).toList();
      snapshots.add(load(lasting));
      snapshots.add(home(lasting));
    }
    return snapshots;
  }

  private static TaskGraph onHost(TaskGraph graph, List<Object> used) {
    return graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, used.toArray());
  }

  private TaskGraph takeOver(TaskGraph graph, List<Object> used) {
    Object[] uploaded = used.stream().filter(inputs::contains).toArray();
    Object[] taken = used.stream().filter(a -> !inputs.contains(a)).toArray();
    TaskGraph result = graph;
    if (uploaded.length > 0) {
      result = result.transferToDevice(DataTransferMode.EVERY_EXECUTION, uploaded);
    }
    result = result.consumeFromDevice(HOME, taken).consumeFromDevice(HOME, token);
    result = result.consumeFromDevice(LOAD, token);
    for (Segment other : segments) {
      result = result.consumeFromDevice(other.name(), token);
    }
    return result;
  }

  private ImmutableTaskGraph load(List<Object> lasting) {
    return new TaskGraph(LOAD)
        .transferToDevice(DataTransferMode.EVERY_EXECUTION, token)
        .transferToDevice(DataTransferMode.EVERY_EXECUTION, lasting.toArray())
        .task("touch", ResidenceKernels::touch, token)
        .persistOnDevice(token)
        .persistOnDevice(lasting.toArray())
        .snapshot();
  }

  private ImmutableTaskGraph home(List<Object> lasting) {
    TaskGraph graph =
        new TaskGraph(HOME)
            .consumeFromDevice(LOAD, token)
            .consumeFromDevice(LOAD, lasting.toArray())
            .consumeFromDevice(HOME, token);
    for (Segment segment : segments) {
      graph = graph.consumeFromDevice(segment.name(), token);
    }
    return graph.task("touch", ResidenceKernels::touch, token).snapshot();
  }

  /// TornadoVM gives a kernel of one parallel loop groups of up to 1024 work-items, however many
  /// registers it needs, and the driver refuses those that need more than there are. It reads the
  /// size to take instead from a property when the task is added.
  private static void limitGroup(String task, Tasks.Entry entry) {
    String property = task + ".local.workgroup.size";
    KernelMethod kernel = entry.kernel();
    if (kernel != null && kernel.parallelLoops() == 1) {
      System.setProperty(property, String.valueOf(GROUP));
    } else {
      System.clearProperty(property);
    }
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
