package dev.sluice.tasks.graph;

import dev.sluice.tasks.graph.TaskEntry.Adder;
import org.jspecify.annotations.Nullable;
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

/// The tasks that are kernels: a method for each number of arguments, as TornadoVM's `TaskGraph`
/// has them. `kernel` is a method of a class, as in `HgrnKernels::forward`; its arguments are those
/// behind it.
public abstract sealed class KernelTasks permits Tasks {
  KernelTasks() {}

  /// Records a task.
  ///
  /// @param id unique within the node
  /// @param kernel the method; null for a library task
  /// @param adder adds it to a task graph
  /// @param arguments what the method is called with
  abstract void record(
      String id, Grid grid, @Nullable Object kernel, Adder adder, Object... arguments);

  /// Adds a task of 1 argument.
  public <A> void task(String id, Grid grid, Task1<A> kernel, A a) {
    Adder adder = (graph, name) -> graph.task(name, kernel, a);
    record(id, grid, kernel, adder, a);
  }

  /// Adds a task of 2 arguments.
  public <A, B> void task(String id, Grid grid, Task2<A, B> kernel, A a, B b) {
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b);
    record(id, grid, kernel, adder, a, b);
  }

  /// Adds a task of 3 arguments.
  public <A, B, C> void task(String id, Grid grid, Task3<A, B, C> kernel, A a, B b, C c) {
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c);
    record(id, grid, kernel, adder, a, b, c);
  }

  /// Adds a task of 4 arguments.
  public <A, B, C, D> void task(
      String id, Grid grid, Task4<A, B, C, D> kernel, A a, B b, C c, D d) {
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d);
    record(id, grid, kernel, adder, a, b, c, d);
  }

  /// Adds a task of 5 arguments.
  public <A, B, C, D, E> void task(
      String id, Grid grid, Task5<A, B, C, D, E> kernel, A a, B b, C c, D d, E e) {
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e);
    record(id, grid, kernel, adder, a, b, c, d, e);
  }

  /// Adds a task of 6 arguments.
  public <A, B, C, D, E, F> void task(
      String id, Grid grid, Task6<A, B, C, D, E, F> kernel, A a, B b, C c, D d, E e, F f) {
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f);
    record(id, grid, kernel, adder, a, b, c, d, e, f);
  }

  /// Adds a task of 7 arguments.
  public <A, B, C, D, E, F, G> void task(
      String id, Grid grid, Task7<A, B, C, D, E, F, G> kernel, A a, B b, C c, D d, E e, F f, G g) {
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g);
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
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h);
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
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i);
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
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j);
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
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k);
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
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l);
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
    Adder adder = (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l, m);
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
    Adder adder =
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l, m, n);
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
    Adder adder =
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
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
    Adder adder =
        (graph, name) -> graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
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
    Adder adder =
        (graph, name) ->
            graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
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
    Adder adder =
        (graph, name) ->
            graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
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
    Adder adder =
        (graph, name) ->
            graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
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
    Adder adder =
        (graph, name) ->
            graph.task(name, kernel, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
    record(id, grid, kernel, adder, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
  }
}
