package dev.sluice.tasks.graph;

import dev.sluice.embedded.HostArrays;
import dev.sluice.embedded.HostTask;
import dev.sluice.embedded.HostTasks;
import dev.sluice.tasks.device.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What a node's lowering adds tasks to. Hands out the arrays of tensors and records each task with
/// its arguments, from which [Program] makes task graphs of a size that the runtime accepts.
///
/// Ids need only be unique within the node; the node's name and a number are put in front.
public final class Tasks extends KernelTasks {
  private final Device device;
  private final Map<Tensor, Object> arrays;
  private final List<TaskEntry> entries = new ArrayList<>();
  private String node = "";

  Tasks(Device device, Map<Tensor, Object> arrays) {
    this.device = device;
    this.arrays = arrays;
  }

  void begin(String nodeName) {
    node = nodeName;
  }

  List<TaskEntry> entries() {
    return entries;
  }

  /// The device that the tasks will run on.
  public Device device() {
    return device;
  }

  /// The array of a float32 tensor; it may be longer than the tensor.
  public FloatArray floats(Tensor tensor) {
    return (FloatArray) array(tensor);
  }

  /// The array of an int32 tensor; it may be longer than the tensor.
  public IntArray ints(Tensor tensor) {
    return (IntArray) array(tensor);
  }

  /// The array of a float16 tensor; it may be longer than the tensor.
  public HalfFloatArray halves(Tensor tensor) {
    return (HalfFloatArray) array(tensor);
  }

  /// The array of a bfloat16 tensor; it may be longer than the tensor.
  public BFloat16Array bfloats(Tensor tensor) {
    return (BFloat16Array) array(tensor);
  }

  /// The heap array of a float32 tensor, on the embedded runtime only.
  public float[] heap(Tensor tensor) {
    return HostArrays.floats(floats(tensor));
  }

  /// The heap array of an int32 tensor, on the embedded runtime only.
  public int[] heapInts(Tensor tensor) {
    return HostArrays.ints(ints(tensor));
  }

  /// A context to pass as the first argument of a kernel that needs work-groups.
  public KernelContext context() {
    return new KernelContext();
  }

  private Object array(Tensor tensor) {
    Object array = arrays.get(tensor.root());
    if (array == null) {
      throw new GraphException(
          "node '%s' uses tensor '%s' without declaring it".formatted(node, tensor.name()));
    }
    return array;
  }

  /// Adds a library task of the embedded runtime: host code over heap arrays.
  public void host(String id, HostTask task) {
    record(id, Grid.PARALLEL, null, (g, name) -> g.libraryTask(name, HostTasks::describe, task));
  }

  /// Adds a library task described by `descriptor`, whose parameters are `arguments`.
  public void library(String id, LibraryTaskDescriptor descriptor) {
    record(
        id,
        Grid.PARALLEL,
        null,
        (g, name) -> g.libraryTask(name, d -> d, descriptor),
        descriptor.getParameters());
  }

  @Override
  void record(
      String id, Grid grid, @Nullable Object kernel, TaskEntry.Adder adder, Object... arguments) {
    String unique = node.replace('.', '_') + "_" + id + "_" + entries.size();
    KernelMethod method = kernel == null ? null : KernelMethod.of(kernel);
    entries.add(new TaskEntry(unique, node, grid, method, Arrays.asList(arguments), adder));
  }
}
