package dev.sluice.embedded.engine;

import dev.sluice.embedded.engine.WorkItem.Wait;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/// Runs the threads of a group on one Java thread, one after the other, each to the next place
/// where it waits for the others.
///
/// The order is always the same, so a race between threads gives the same result every time; what
/// the group shares starts as NaN, so a value read before it was written shows.
final class WorkGroup {

  /// Threads of a warp.
  static final int WARP = 32;

  /// Bytes that a group can share, as on the smallest GPU backend.
  static final int LOCAL_BYTES = 48 * 1024;

  private static final int POISON = 0x7FC0_7FC0;
  private static final HalfFloat HALF_POISON = new HalfFloat((short) 0x7FC0);

  private final String task;
  private final ContextKernel kernel;
  private final WorkItem[] items;
  private final List<Object> locals = new ArrayList<>();
  private final List<List<Load>> loads = new ArrayList<>();

  /// A tile that a warp has loaded since it last waited.
  private record Load(int[] tile, int byteOffset, HalfFloat[] fragment) {}

  /// @param task `graph.task`
  /// @param geometry the grid
  /// @param kernel what each thread runs
  WorkGroup(String task, Geometry geometry, ContextKernel kernel) {
    this.task = task;
    this.kernel = kernel;
    items = new WorkItem[geometry.groupThreads()];
    Arrays.setAll(items, i -> new WorkItem(geometry, this, i));
    for (int i = 0; i < items.length; i += WARP) {
      loads.add(new ArrayList<>());
    }
  }

  /// Runs a group from start to end.
  ///
  /// @param index the group, counted in x, then y, then z
  void run(int index) {
    locals.forEach(WorkGroup::poison);
    for (WorkItem item : items) {
      item.enter(index);
    }
    do {
      for (int first = 0; first < items.length; first += WARP) {
        runWarp(first, Math.min(first + WARP, items.length));
      }
    } while (passBarrier());
  }

  /// Runs a warp until all of its threads have ended or wait at a barrier.
  private void runWarp(int first, int end) {
    boolean again = true;
    while (again) {
      loads.get(first / WARP).clear();
      for (int i = first; i < end; i++) {
        if (!items[i].done) {
          step(items[i]);
        }
      }
      again = exchange(first, end);
    }
  }

  private void step(WorkItem item) {
    try {
      kernel.run(item);
      item.done = !item.suspended();
    } catch (RuntimeException e) {
      throw Failures.of(task + " at " + item.position(), e);
    }
  }

  /// Lets a warp's threads exchange values if that is what they wait for.
  ///
  /// @return whether they go on
  private boolean exchange(int first, int end) {
    WorkItem leader = items[first];
    for (int i = first + 1; i < end; i++) {
      if (items[i].products() != leader.products()) {
        throw diverged(items[i], "has done another number of matrix products than its warp");
      }
    }
    int waiting = 0;
    for (int i = first; i < end; i++) {
      waiting += !items[i].done && items[i].wait != Wait.BARRIER ? 1 : 0;
    }
    if (waiting == 0) {
      return false;
    }
    for (int i = first; i < end; i++) {
      WorkItem item = items[i];
      if (item.done || item.wait != leader.wait || item.place() != leader.place()) {
        throw diverged(item, "is not where its warp exchanges values");
      }
    }
    switch (leader.wait) {
      case SUM -> sum(first, end);
      case SHIFT -> {
        for (int i = first; i < end; i++) {
          int from = i + items[i].shift;
          items[i].result = items[from < first || from >= end ? i : from].operand;
        }
      }
      case FIRST -> {
        for (int i = first; i < end; i++) {
          items[i].result = leader.operand;
        }
      }
      case BARRIER -> throw new IllegalStateException("A barrier is for the whole group");
    }
    for (int i = first; i < end; i++) {
      items[i].proceed();
    }
    return true;
  }

  /// Sums as shuffles do: halves, quarters and so on, whose order is the same on every device.
  private void sum(int first, int end) {
    float[] sums = new float[WARP];
    for (int i = first; i < end; i++) {
      sums[i - first] = items[i].operand;
    }
    for (int width = WARP / 2; width > 0; width /= 2) {
      for (int i = 0; i < width; i++) {
        sums[i] += sums[i + width];
      }
    }
    for (int i = first; i < end; i++) {
      items[i].result = sums[0];
    }
  }

  /// Lets all threads pass the barrier they wait at.
  ///
  /// @return false if all have ended
  private boolean passBarrier() {
    WorkItem leader = items[0];
    for (WorkItem item : items) {
      if (item.done != leader.done) {
        throw diverged(item.done ? item : leader, "has ended while others wait at a barrier");
      }
      if (!item.done && item.place() != leader.place()) {
        throw diverged(item, "waits at another barrier than thread 0");
      }
    }
    if (leader.done) {
      return false;
    }
    for (WorkItem item : items) {
      item.proceed();
    }
    return true;
  }

  private TornadoTaskRuntimeException diverged(WorkItem item, String how) {
    return new TornadoTaskRuntimeException(
        "Task "
            + task
            + ": "
            + item.position()
            + " "
            + how
            + "; move the call out of the condition");
  }

  /// @param number which allocation of the kernel
  /// @param type the array's class
  /// @param size its length
  /// @return the array that the group's threads share
  <T> T local(int number, Class<T> type, int size) {
    if (number == locals.size()) {
      Object created = Array.newInstance(type.getComponentType(), size);
      locals.add(created);
      poison(created);
      checkSize();
    }
    Object array = locals.get(number);
    if (!type.isInstance(array) || Array.getLength(array) != size) {
      throw new TornadoTaskRuntimeException(
          "Task "
              + task
              + " allocates different shared arrays in different threads; allocate them first and unconditionally");
    }
    return type.cast(array);
  }

  private void checkSize() {
    long bytes = 0;
    for (Object array : locals) {
      bytes += (long) Array.getLength(array) * elementBytes(array);
    }
    if (bytes > LOCAL_BYTES) {
      throw new TornadoTaskRuntimeException(
          "Task "
              + task
              + " shares "
              + bytes
              + " bytes in a group; GPUs allow "
              + LOCAL_BYTES
              + ", so use smaller tiles");
    }
  }

  private static int elementBytes(Object array) {
    return switch (array) {
      case byte[] bytes -> Byte.BYTES;
      case HalfFloat[] halves -> Short.BYTES;
      case long[] longs -> Long.BYTES;
      case double[] doubles -> Double.BYTES;
      default -> Integer.BYTES;
    };
  }

  private static void poison(Object array) {
    switch (array) {
      case int[] ints -> Arrays.fill(ints, POISON);
      case float[] floats -> Arrays.fill(floats, Float.NaN);
      case double[] doubles -> Arrays.fill(doubles, Double.NaN);
      case long[] longs -> Arrays.fill(longs, (long) POISON << Integer.SIZE | POISON);
      case byte[] bytes -> Arrays.fill(bytes, Byte.MIN_VALUE);
      case HalfFloat[] halves -> Arrays.fill(halves, HALF_POISON);
      case Half2[] pairs -> Arrays.setAll(pairs, i -> new Half2(HALF_POISON, HALF_POISON));
      default -> throw new IllegalArgumentException(array.getClass().getSimpleName());
    }
  }

  /// @param warp which warp
  /// @param number which load since the warp last waited
  /// @param tile shared memory
  /// @param byteOffset where the tile starts
  /// @param count 16-bit numbers in it
  /// @return the fragment, loaded by the warp's first thread for all
  HalfFloat[] load(int warp, int number, int[] tile, int byteOffset, int count) {
    List<Load> loaded = loads.get(warp);
    if (number < loaded.size()) {
      Load load = loaded.get(number);
      if (load.tile == tile && load.byteOffset == byteOffset) {
        return load.fragment;
      }
      throw new TornadoTaskRuntimeException(
          "Task "
              + task
              + " loads different matrix tiles in the threads of one warp; load the same");
    }
    Load load = new Load(tile, byteOffset, Mma.load(tile, byteOffset, count));
    loaded.add(load);
    return load.fragment;
  }
}
