package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.kernels.CompiledKernel;
import dev.sluice.tasks.kernels.KernelCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
/// fails with a null buffer if that one did not know it. So task graphs of our own hold everything
/// ([HoldingGraphs]), and one of them runs before the first run of each other ([Residence]). After
/// that a graph has its buffers, and what ran before it does not matter. Inputs belong to no graph:
/// each uploads them.
final class PlanBuilder {
  /// Work-items of a group of a kernel with one parallel loop: with the 255 registers that a
  /// work-item can have at most, they need no more than the 65536 of a multiprocessor.
  private static final int GROUP = 256;

  /// Of those, work-items in the first dimension of a kernel with two: neighbours read neighbours.
  private static final int GROUP_X = 32;

  private final Device device;
  private final Map<Tensor, Object> arrays;
  private final Set<Object> inputs = identitySet();
  private final List<Segment> segments = new ArrayList<>();
  private final GridScheduler grids = new GridScheduler();
  private final @Nullable KernelCache kernels;
  private @Nullable HoldingGraphs holding;

  PlanBuilder(Device device, Map<Tensor, Object> arrays) {
    this.device = device;
    this.arrays = arrays;
    this.kernels = KernelCache.of(device).orElse(null);
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

  /// Waits until the kernels can be run.
  void await() {
    if (kernels != null) {
      kernels.await();
    }
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

  /// What holds the arrays; null on the JVM, and before [#snapshots].
  @Nullable HoldingGraphs holding() {
    return holding;
  }

  /// The task graphs in the order of the segments; on a device other than the JVM those that hold
  /// the arrays come behind them.
  List<ImmutableTaskGraph> snapshots() {
    Set<Object> known = identitySet();
    known.addAll(arrays.values());
    HoldingGraphs holders =
        device.backend() == Backend.JVM
            ? null
            : new HoldingGraphs(segments, known.stream().filter(a -> !inputs.contains(a)).toList());
    List<ImmutableTaskGraph> snapshots = new ArrayList<>();
    for (Segment segment : segments) {
      List<Object> used = segment.arrays(known);
      TaskGraph graph = new TaskGraph(segment.name());
      graph = holders == null ? onHost(graph, used) : takeOver(graph, segment, used, holders);
      for (TaskEntry entry : segment.entries()) {
        add(graph, segment.name(), entry);
      }
      snapshots.add(graph.snapshot());
    }
    if (holders != null) {
      TaskEntry touch = touch(holders.token());
      snapshots.addAll(holders.snapshots((graph, name) -> add(graph, name, touch)));
    }
    holding = holders;
    return snapshots;
  }

  /// Adds a task to the graph with this name: its compiled kernel, or its method.
  private void add(TaskGraph graph, String name, TaskEntry entry) {
    String task = name + "." + entry.id();
    WorkerGrid workers = entry.grid().equals(Grid.PARALLEL) ? null : workers(entry.grid());
    KernelCache.Placed placed = placed(entry, workers);
    if (placed != null && kernels != null) {
      // TornadoVM finds out how many work-items there are only where it compiles.
      WorkerGrid known = workers == null ? workers(placed.kernel()) : workers;
      if (known != null && kernels.add(graph, entry.id(), placed, entry.arguments())) {
        grids.addWorkerGrid(task, known);
        return;
      }
    }
    if (device.backend() == Backend.CUDA) {
      limitGroup(task, entry);
    }
    entry.adder().addTo(graph, entry.id());
    if (workers != null) {
      grids.addWorkerGrid(task, workers);
    }
  }

  private KernelCache.@Nullable Placed placed(TaskEntry entry, @Nullable WorkerGrid workers) {
    KernelMethod kernel = entry.kernel();
    return kernels == null || kernel == null
        ? null
        : kernels
            .find(
                kernel.owner(),
                kernel.name(),
                kernel.descriptor(),
                entry.arguments(),
                workers,
                entry.grid().resident())
            .orElse(null);
  }

  private static @Nullable WorkerGrid workers(CompiledKernel kernel) {
    List<Integer> sizes = kernel.sizes();
    return switch (sizes.size()) {
      case 1 -> workers(new Grid(sizes.getFirst(), 1, GROUP, 1, 0));
      case 2 -> {
        int x = Math.max(1, Math.min(GROUP_X, sizes.getFirst()));
        int y = Math.max(1, Math.min(GROUP / x, sizes.getLast()));
        yield workers(new Grid(sizes.getFirst(), sizes.getLast(), x, y, 0));
      }
      default -> null;
    };
  }

  /// The task of graphs that only hold arrays.
  private TaskEntry touch(IntArray token) {
    Tasks tasks = new Tasks(device, arrays);
    tasks.begin("sluice");
    tasks.task("touch", Grid.PARALLEL, ResidenceKernels::touch, token);
    return tasks.entries().getFirst();
  }

  private static TaskGraph onHost(TaskGraph graph, List<Object> used) {
    return graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, used.toArray());
  }

  private TaskGraph takeOver(
      TaskGraph graph, Segment segment, List<Object> used, HoldingGraphs holders) {
    Object[] uploaded = used.stream().filter(inputs::contains).toArray();
    TaskGraph result = graph;
    if (uploaded.length > 0) {
      result = result.transferToDevice(DataTransferMode.EVERY_EXECUTION, uploaded);
    }
    return holders.keep(holders.takeOver(result, segment));
  }

  /// TornadoVM gives a kernel of one parallel loop groups of up to 1024 work-items, however many
  /// registers it needs, and the driver refuses those that need more than there are. It reads the
  /// size to take instead from a property when the task is added.
  private static void limitGroup(String task, TaskEntry entry) {
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
