package dev.sluice.embedded.engine;

import dev.sluice.embedded.Workers;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoDeviceNotFound;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// Runs the graphs of a plan one after the other, each task with all threads.
public final class PlanRunner {

  private static final int ALL = -1;

  private final List<GraphDefinition> definitions;
  private final @Nullable GraphRunner[] graphs;
  private final boolean[] onDevice;
  private int selected = ALL;
  private @Nullable GridScheduler grids;
  private @Nullable ProfilerMode profiler =
      EmbeddedRuntime.INSTANCE.isProfilerEnabled() ? ProfilerMode.SILENT : null;

  /// @param graphs the plan's graphs
  public PlanRunner(GraphDefinition... graphs) {
    if (graphs.length == 0) {
      throw new TornadoRuntimeException("An execution plan needs at least one task graph");
    }
    definitions = List.of(graphs);
    this.graphs = new @Nullable GraphRunner[graphs.length];
    onDevice = new boolean[graphs.length];
    Set<String> names = new HashSet<>();
    for (GraphDefinition graph : graphs) {
      if (!names.add(graph.name())) {
        throw new TornadoRuntimeException(
            "Two graphs of one plan are named " + graph.name() + "; name them differently");
      }
    }
  }

  /// @param index the only graph to run
  public void select(int index) {
    checkIndex(index);
    selected = index;
  }

  private void checkIndex(int index) {
    if (index < 0 || index >= graphs.length) {
      throw new TornadoRuntimeException(
          "The plan has graphs 0 to " + (graphs.length - 1) + ", not " + index);
    }
  }

  /// Runs every graph again.
  public void selectAll() {
    selected = ALL;
  }

  /// @param scheduler grids of tasks
  public void grids(GridScheduler scheduler) {
    boolean known =
        definitions.stream()
            .anyMatch(d -> d.taskNames().stream().anyMatch(scheduler.keySet()::contains));
    if (!known) {
      throw new TornadoRuntimeException(
          "The grids name no task of the plan: " + scheduler + "; name them graph.task");
    }
    grids = scheduler;
    Arrays.fill(graphs, null);
  }

  /// @param device the device to run on
  public void device(TornadoDevice device) {
    if (device != EmbeddedRuntime.INSTANCE.getDefaultDevice()) {
      throw new TornadoDeviceNotFound(
          "The embedded runtime has one device, not " + device.getDeviceName());
    }
  }

  /// @param index which graph
  /// @return its device
  public TornadoDevice device(int index) {
    checkIndex(index);
    return EmbeddedRuntime.INSTANCE.getDefaultDevice();
  }

  /// @param mode where profiles go; null for none
  public void profile(@Nullable ProfilerMode mode) {
    profiler = mode;
  }

  /// Forgets the times taken so far.
  public void clearProfiles() {
    for (GraphRunner graph : graphs) {
      if (graph != null) {
        graph.clearTimes();
      }
    }
  }

  /// Makes the chosen kernels ready.
  public void prepare() {
    for (int i = first(); i < end(); i++) {
      ready(i);
    }
  }

  private int first() {
    return selected == ALL ? 0 : selected;
  }

  private int end() {
    return selected == ALL ? graphs.length : selected + 1;
  }

  private GraphRunner ready(int index) {
    GraphRunner graph = graphs[index];
    if (graph == null) {
      definitions.get(index).check(definitions);
      graph = new GraphRunner(definitions.get(index), grids);
      graphs[index] = graph;
    }
    return graph;
  }

  /// Runs the chosen graphs.
  ///
  /// @return their times, all zero without a profiler
  public Profile execute() {
    Workers workers = Workers.shared();
    if (profiler == null) {
      for (int i = first(); i < end(); i++) {
        ready(i).execute(workers);
        onDevice[i] = true;
      }
      return Profile.OFF;
    }
    long start = System.nanoTime();
    prepare();
    long compiled = System.nanoTime();
    long kernels = 0;
    StringBuilder json = new StringBuilder("{");
    for (int i = first(); i < end(); i++) {
      GraphRunner graph = ready(i);
      kernels += graph.executeTimed(workers);
      onDevice[i] = true;
      json.append(json.length() > 1 ? "," : "");
      graph.appendJson(json);
    }
    json.append("\n}");
    long total = System.nanoTime() - start;
    if (profiler == ProfilerMode.CONSOLE) {
      System.getLogger("dev.sluice.embedded").log(System.Logger.Level.INFO, json::toString);
    }
    return new Profile(total, compiled - start, kernels, memoryUsage(), json.toString());
  }

  /// @param milliseconds how long to execute at least
  public void warmUpTime(long milliseconds) {
    if (milliseconds < 0) {
      throw new TornadoRuntimeException("Warm-up time must not be negative: " + milliseconds);
    }
    long end = System.nanoTime() + milliseconds * 1_000_000;
    do {
      execute();
    } while (System.nanoTime() < end);
  }

  /// @param iterations how often to execute
  public void warmUpIterations(int iterations) {
    if (iterations < 0) {
      throw new TornadoRuntimeException("Warm-up iterations must not be negative: " + iterations);
    }
    for (int i = 0; i < iterations; i++) {
      execute();
    }
  }

  /// Forgets what is on the device.
  public void free() {
    Arrays.fill(onDevice, false);
  }

  /// @return bytes of the arrays of the graphs that ran
  public long memoryUsage() {
    Set<Object> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < onDevice.length; i++) {
      if (onDevice[i]) {
        arrays.addAll(definitions.get(i).known());
      }
    }
    long bytes = 0;
    for (Object object : arrays) {
      if (object instanceof TornadoNativeArray array) {
        bytes += array.getNumBytesOfSegment();
      }
    }
    return bytes;
  }
}
