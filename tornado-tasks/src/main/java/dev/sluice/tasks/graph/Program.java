package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.Feature;
import dev.sluice.tasks.device.NativeOutput;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The graphs of a model on one device: one execution plan whose graphs are run by name and share
/// variables and the pool of activations.
///
/// Not thread-safe: one thread builds, writes, runs and reads.
public final class Program implements AutoCloseable {
  /// A task in the profiler's JSON: its id, and its time in nanoseconds.
  private static final Pattern TASK_TIME =
      Pattern.compile("\"([^\"]+)\"\\s*:\\s*\\{[^{}]*\"TASK_KERNEL_TIME\"\\s*:\\s*\"(\\d+)\"");

  /// The part of the plan that is one graph of ours.
  private record Part(Graph graph, int first, int count) {}

  private final Device device;
  private final Variables variables;
  private final Map<Tensor, Object> arrays;
  private final SequencedMap<String, Part> parts = new LinkedHashMap<>();
  private final long plannedBytes;
  private final TornadoExecutionPlan plan;

  /// Null on the JVM, where arrays are used where they are.
  private final @Nullable Residence residence;

  private Program(
      Device device,
      Variables variables,
      Map<Tensor, Object> arrays,
      long plannedBytes,
      List<Graph> graphs,
      boolean captured) {
    this.device = device;
    this.variables = variables;
    this.arrays = arrays;
    this.plannedBytes = plannedBytes;
    PlanBuilder builder = new PlanBuilder(device, arrays);
    for (Graph graph : graphs) {
      int first = builder.size();
      builder.add(graph);
      parts.put(graph.name(), new Part(graph, first, builder.size() - first));
    }
    List<ImmutableTaskGraph> snapshots = builder.snapshots();
    GridScheduler grids = builder.grids();
    this.plan = new TornadoExecutionPlan(snapshots.toArray(ImmutableTaskGraph[]::new));
    // What these return describes itself, every grid included, at each run; they act on the plan.
    if (!grids.keySet().isEmpty()) {
      plan.withGridScheduler(grids);
    }
    if (device.backend() != Backend.JVM && device.handle() != null) {
      plan.withDevice(device.handle());
    }
    HoldingGraphs holding = builder.holding();
    this.residence =
        holding == null
            ? null
            : new Residence(
                plan, device, plannedBytes, builder.segments(), holding, builder::await);
    if (captured && residence != null && device.has(Feature.GRAPH_CAPTURE)) {
      residence.capture();
    }
  }

  /// Plans memory, makes the arrays and builds the execution plan.
  ///
  /// @param device the device that the graphs were built for
  /// @param variables the variables that they share
  /// @param graphs the graphs, each with a name of its own
  /// @throws MemoryException if they do not fit into the device's memory
  public static Program of(Device device, Variables variables, List<Graph> graphs) {
    return build(device, variables, graphs, false);
  }

  /// As [#of]; on a device that can, each graph is captured when it runs first and replayed from
  /// then on, which takes the starting of its tasks off the host. Their times cannot be told then.
  ///
  /// @throws MemoryException if they do not fit into the device's memory
  public static Program captured(Device device, Variables variables, List<Graph> graphs) {
    return build(device, variables, graphs, true);
  }

  private static Program build(
      Device device, Variables variables, List<Graph> graphs, boolean captured) {
    MemoryPlan memory = memory(graphs);
    long planned = plannedBytes(memory, variables, graphs);
    if (planned > device.memory()) {
      throw new MemoryException(device, planned);
    }
    try {
      Map<Tensor, Object> arrays = arrays(memory, variables, graphs);
      return new Program(device, variables, arrays, planned, graphs, captured);
    } catch (OutOfMemoryError e) {
      throw new MemoryException(device, planned);
    }
  }

  private static Map<Tensor, Object> arrays(
      MemoryPlan memory, Variables variables, List<Graph> graphs) {
    Map<Tensor, Object> arrays = new IdentityHashMap<>();
    for (Tensor tensor : variables.all()) {
      arrays.put(tensor, array(tensor.type(), tensor.size()));
    }
    // Gigabytes to be cleared: one thread takes a second for three of them.
    List<MemoryPlan.Slot> slots = List.copyOf(memory.slots());
    List<Object> made = slots.parallelStream().map(s -> array(s.type(), s.size())).toList();
    Map<MemoryPlan.Slot, Object> buffers = new IdentityHashMap<>();
    for (int i = 0; i < slots.size(); i++) {
      buffers.put(slots.get(i), made.get(i));
    }
    memory.places().forEach((tensor, slot) -> arrays.put(tensor, buffers.get(slot)));
    for (Graph graph : graphs) {
      graph.inputs().values().forEach(t -> arrays.put(t, array(t.type(), t.size())));
      graph.outputs().forEach(t -> arrays.computeIfAbsent(t, o -> array(o.type(), o.size())));
    }
    return arrays;
  }

  private static MemoryPlan memory(List<Graph> graphs) {
    MemoryPlan memory = new MemoryPlan();
    for (Graph graph : graphs) {
      memory.add(graph.liveNodes(), graph.outputs());
    }
    return memory;
  }

  private static long plannedBytes(MemoryPlan memory, Variables variables, List<Graph> graphs) {
    long bytes = memory.bytes();
    for (Tensor tensor : variables.all()) {
      bytes += tensor.bytes();
    }
    for (Graph graph : graphs) {
      for (Tensor tensor : graph.inputs().values()) {
        bytes += tensor.bytes();
      }
      for (Tensor tensor : graph.outputs()) {
        bytes += tensor.role() == Tensor.Role.ACTIVATION ? tensor.bytes() : 0;
      }
    }
    return bytes;
  }

  private static Object array(ElementType type, int size) {
    return switch (type) {
      case FLOAT32 -> new FloatArray(size);
      case INT32 -> new IntArray(size);
      case FLOAT16 -> new HalfFloatArray(size);
      case BFLOAT16 -> new BFloat16Array(size);
    };
  }

  /// Fills every parameter by its initializer.
  public void initialize(long seed) {
    for (Parameter parameter : variables.parameters()) {
      float[] values = new float[parameter.value().size()];
      parameter.initializer().fill(values, seed, parameter.name());
      write(parameter.value(), values);
    }
  }

  /// Bytes that the program takes: variables, inputs, results and the pool of activations.
  public long plannedBytes() {
    return plannedBytes;
  }

  /// The device.
  public Device device() {
    return device;
  }

  /// The variables.
  public Variables variables() {
    return variables;
  }

  /// Runs the graph with this name to its end.
  ///
  /// @throws GraphException if there is no such graph
  /// @throws MemoryException if what its tasks need besides the planned memory is not there
  public void run(String graphName) {
    Part part = part(graphName);
    try {
      for (int i = part.first(); i < part.first() + part.count(); i++) {
        execute(i);
      }
    } catch (OutOfMemoryError e) {
      throw new MemoryException(device, plannedBytes);
    }
  }

  private TornadoExecutionResult execute(int index) {
    return residence == null ? plan.withGraph(index).execute() : residence.run(index);
  }

  private Part part(String graphName) {
    Part part = parts.get(graphName);
    if (part == null) {
      throw new GraphException("no graph '" + graphName + "'; there are " + parts.keySet());
    }
    return part;
  }

  /// Runs the graph with this name and says how many seconds its kernels took, as the runtime's
  /// profiler measures them: without starting them and without transfers.
  ///
  /// @throws GraphException if there is no such graph
  public double kernelSeconds(String graphName) {
    Part part = part(graphName);
    long nanoseconds = 0;
    plan.withProfiler(ProfilerMode.SILENT);
    for (int i = part.first(); i < part.first() + part.count(); i++) {
      nanoseconds += execute(i).getProfilerResult().getDeviceKernelTime();
    }
    plan.withoutProfiler();
    return nanoseconds * 1e-9;
  }

  /// Runs the graph with this name and says how many seconds each of its tasks took, as the
  /// runtime's profiler measures them: task id → seconds, in the order of execution. Empty where
  /// the runtime does not tell, as of captured graphs.
  ///
  /// @throws GraphException if there is no such graph
  public SequencedMap<String, Double> taskSeconds(String graphName) {
    Part part = part(graphName);
    SequencedMap<String, Double> seconds = new LinkedHashMap<>();
    plan.withProfiler(ProfilerMode.SILENT);
    for (int i = part.first(); i < part.first() + part.count(); i++) {
      Matcher times = TASK_TIME.matcher(execute(i).getProfilerResult().getProfileLog());
      while (times.find()) {
        seconds.put(times.group(1), Long.parseLong(times.group(2)) * 1e-9);
      }
    }
    plan.withoutProfiler();
    return seconds;
  }

  /// Fills every activation and result with NaN, so that what no task writes is seen.
  public void poison() {
    fetchVariables();
    for (Map.Entry<Tensor, Object> entry : arrays.entrySet()) {
      if (entry.getKey().role() == Tensor.Role.ACTIVATION
          && entry.getValue() instanceof FloatArray floats) {
        floats.init(Float.NaN);
      }
    }
  }

  /// Copies `values` to an input or a variable. Writing a variable that is on a device loads the
  /// device anew before the next run.
  ///
  /// @throws GraphException if the number of values is not that of the tensor's elements
  public void write(Tensor tensor, float... values) {
    expectSize(tensor, values.length);
    FloatArray array = (FloatArray) written(tensor);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
  }

  /// Copies `values` to an int32 input or variable.
  ///
  /// @throws GraphException if the number of values is not that of the tensor's elements
  public void write(Tensor tensor, int... values) {
    expectSize(tensor, values.length);
    IntArray array = (IntArray) written(tensor);
    for (int i = 0; i < values.length; i++) {
      array.set(i, values[i]);
    }
  }

  /// The elements of a float32 output, variable or input.
  public float[] read(Tensor tensor) {
    return Arrays.copyOf(((FloatArray) newest(tensor)).toHeapArray(), tensor.size());
  }

  /// The elements of an int32 output, variable or input.
  public int[] readInts(Tensor tensor) {
    return Arrays.copyOf(((IntArray) newest(tensor)).toHeapArray(), tensor.size());
  }

  /// The first float32 tensor of a graph that holds a NaN or an infinity, in the order in which its
  /// nodes read and write them. Only what outlives an execution can be told: variables, inputs and
  /// results ([Graph#keepAll] makes every tensor a result).
  ///
  /// @throws GraphException if there is no such graph
  public Optional<Tensor> firstNotFinite(String graphName) {
    Graph graph = part(graphName).graph();
    return graph.liveNodes().stream()
        .flatMap(n -> Stream.of(n.reads(), n.writes(), n.updates()).flatMap(List::stream))
        .filter(t -> t.role() != Tensor.Role.ACTIVATION || graph.outputs().contains(t))
        .filter(t -> t.type() == ElementType.FLOAT32)
        .distinct()
        .filter(t -> !finite(read(t)))
        .findFirst();
  }

  private static boolean finite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  private static void expectSize(Tensor tensor, int length) {
    if (length != tensor.size()) {
      throw new GraphException(
          "tensor '%s' %s has %d elements, not %d"
              .formatted(tensor.name(), tensor.shape(), tensor.size(), length));
    }
  }

  private Object written(Tensor tensor) {
    Object array = existing(tensor);
    if (tensor.role() != Tensor.Role.INPUT) {
      fetchVariables();
    }
    return array;
  }

  private Object newest(Tensor tensor) {
    Object array = existing(tensor);
    if (residence != null && tensor.role() != Tensor.Role.INPUT) {
      residence.fetch(array);
    }
    return array;
  }

  /// Makes the host's variables the newest ones.
  private void fetchVariables() {
    if (residence != null) {
      for (Tensor tensor : variables.all()) {
        newest(tensor);
      }
      residence.forget();
    }
  }

  private Object existing(Tensor tensor) {
    Object array = arrays.get(tensor.root());
    if (array == null) {
      throw new GraphException("tensor '" + tensor.name() + "' is not of this program");
    }
    return array;
  }

  /// Frees what the device holds.
  @Override
  public void close() {
    if (residence != null) {
      // What cannot be freed harms nothing that is computed.
      NativeOutput.begin();
    }
    try {
      plan.close();
    } catch (Exception e) {
      throw new GraphException(
          "closing the plan on " + device.id() + " failed: " + e.getMessage(), e);
    } finally {
      if (residence != null) {
        residence.unpin(arrays.values());
        NativeOutput.pass(RuntimeReport.of(NativeOutput.end()).rest());
      }
    }
  }
}
