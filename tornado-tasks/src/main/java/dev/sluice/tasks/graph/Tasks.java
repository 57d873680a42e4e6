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
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task1;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task10;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task11;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task12;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task13;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task14;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task15;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task16;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task17;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task18;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task19;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task20;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task8;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task9;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// What a node's lowering adds tasks to. Hands out the arrays of tensors and records each task with
/// its arguments, from which [Program] makes task graphs of a size that the runtime accepts.
///
/// Ids need only be unique within the node; the node's name and a number are put in front.
public final class Tasks {
  /// Adds a recorded task to a task graph under an id.
  @FunctionalInterface
  interface Adder {
    void addTo(TaskGraph graph, String id);
  }

  /// One task.
  ///
  /// @param id unique in the graph
  /// @param node name of the node that asked for it
  /// @param grid its work-items
  /// @param kernel its method; null for a library task
  /// @param arguments what the kernel is called with
  /// @param adder adds it
  record Entry(
      String id,
      String node,
      Grid grid,
      @Nullable KernelMethod kernel,
      List<Object> arguments,
      Adder adder) {}

  private final Device device;
  private final Map<Tensor, Object> arrays;
  private final List<Entry> entries = new ArrayList<>();
  private String node = "";

  Tasks(Device device, Map<Tensor, Object> arrays) {
    this.device = device;
    this.arrays = arrays;
  }

  void begin(String nodeName) {
    node = nodeName;
  }

  List<Entry> entries() {
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

  private void record(
      String id, Grid grid, @Nullable Object kernel, Adder adder, Object... arguments) {
    String unique = node.replace('.', '_') + "_" + id + "_" + entries.size();
    KernelMethod method = kernel == null ? null : KernelMethod.of(kernel);
    entries.add(new Entry(unique, node, grid, method, Arrays.asList(arguments), adder));
  }

  /// Adds a task of 1 argument.
  public <A> void task(String id, Grid grid, Task1<A> kernel, A a) {
    record(id, grid, kernel, (graph, name) -> graph.task(name, kernel, a), a);
  }

  /// Adds a task of 2 arguments.
  public <A, B> void task(String id, Grid grid, Task2<A, B> kernel, A a, B b) {
    record(id, grid, kernel, (graph, name) -> graph.task(name, kernel, a, b), a, b);
  }

  /// Adds a task of 3 arguments.
  public <A, B, C> void task(String id, Grid grid, Task3<A, B, C> kernel, A a, B b, C c) {
    record(id, grid, kernel, (graph, name) -> graph.task(name, kernel, a, b, c), a, b, c);
  }

  /// Adds a task of 4 arguments.
  public <A, B, C, D> void task(
      String id, Grid grid, Task4<A, B, C, D> kernel, A a, B b, C c, D d) {
    record(id, grid, kernel, (graph, name) -> graph.task(name, kernel, a, b, c, d), a, b, c, d);
  }

  /// Adds a task of 5 arguments.
  public <A, B, C, D, E> void task(
      String id, Grid grid, Task5<A, B, C, D, E> kernel, A a, B b, C c, D d, E e) {
    record(
        id, grid, kernel, (graph, name) -> graph.task(name, kernel, a, b, c, d, e), a, b, c, d, e);
  }

  /// Adds a task of 6 arguments.
  public <A, B, C, D, E, F> void task(
      String id, Grid grid, Task6<A, B, C, D, E, F> kernel, A a, B b, C c, D d, E e, F f) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f),
        a,
        b,
        c,
        d,
        e,
        f);
  }

  /// Adds a task of 7 arguments.
  public <A, B, C, D, E, F, G> void task(
      String id, Grid grid, Task7<A, B, C, D, E, F, G> kernel, A a, B b, C c, D d, E e, F f, G g) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g),
        a,
        b,
        c,
        d,
        e,
        f,
        g);
  }

  /// Adds a task of 8 arguments.
  public <A, B, C, D, E, F, G, H> void task(
      String id,
      Grid grid,
      Task8<A, B, C, D, E, F, G, H> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h);
  }

  /// Adds a task of 9 arguments.
  public <A, B, C, D, E, F, G, H, I> void task(
      String id,
      Grid grid,
      Task9<A, B, C, D, E, F, G, H, I> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i);
  }

  /// Adds a task of 10 arguments.
  public <A, B, C, D, E, F, G, H, I, J> void task(
      String id,
      Grid grid,
      Task10<A, B, C, D, E, F, G, H, I, J> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j);
  }

  /// Adds a task of 11 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K> void task(
      String id,
      Grid grid,
      Task11<A, B, C, D, E, F, G, H, I, J, K> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k);
  }

  /// Adds a task of 12 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L> void task(
      String id,
      Grid grid,
      Task12<A, B, C, D, E, F, G, H, I, J, K, L> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l);
  }

  /// Adds a task of 13 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L, M> void task(
      String id,
      Grid grid,
      Task13<A, B, C, D, E, F, G, H, I, J, K, L, M> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l,
      M m) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m);
  }

  /// Adds a task of 14 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L, M, N> void task(
      String id,
      Grid grid,
      Task14<A, B, C, D, E, F, G, H, I, J, K, L, M, N> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l,
      M m,
      N n) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m,
        n);
  }

  /// Adds a task of 15 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L, M, N, O> void task(
      String id,
      Grid grid,
      Task15<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l,
      M m,
      N n,
      O o) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m,
        n,
        o);
  }

  /// Adds a task of 16 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P> void task(
      String id,
      Grid grid,
      Task16<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l,
      M m,
      N n,
      O o,
      P p) {
    record(
        id,
        grid,
        kernel,
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m,
        n,
        o,
        p);
  }

  /// Adds a task of 17 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q> void task(
      String id,
      Grid grid,
      Task17<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l,
      M m,
      N n,
      O o,
      P p,
      Q q) {
    record(
        id,
        grid,
        kernel,
        (graph, name) ->
            graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m,
        n,
        o,
        p,
        q);
  }

  /// Adds a task of 18 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R> void task(
      String id,
      Grid grid,
      Task18<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l,
      M m,
      N n,
      O o,
      P p,
      Q q,
      R r) {
    record(
        id,
        grid,
        kernel,
        (graph, name) ->
            graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m,
        n,
        o,
        p,
        q,
        r);
  }

  /// Adds a task of 19 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S> void task(
      String id,
      Grid grid,
      Task19<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l,
      M m,
      N n,
      O o,
      P p,
      Q q,
      R r,
      S s) {
    record(
        id,
        grid,
        kernel,
        (graph, name) ->
            graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m,
        n,
        o,
        p,
        q,
        r,
        s);
  }

  /// Adds a task of 20 arguments.
  public <A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T> void task(
      String id,
      Grid grid,
      Task20<A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T> kernel,
      A a,
      B b,
      C c,
      D d,
      E e,
      F f,
      G g,
      H h,
      I i,
      J j,
      K k,
      L l,
      M m,
      N n,
      O o,
      P p,
      Q q,
      R r,
      S s,
      T t) {
    record(
        id,
        grid,
        kernel,
        (graph, name) ->
            graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t),
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m,
        n,
        o,
        p,
        q,
        r,
        s,
        t);
  }
}
