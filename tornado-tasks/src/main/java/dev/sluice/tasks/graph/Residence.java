package dev.sluice.tasks.graph;

import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;

/// Runs the task graphs of a plan that [PlanBuilder] made for a device with memory of its own, and
/// knows on which side the newest values of an array are.
final class Residence {
  private final TornadoExecutionPlan plan;
  private final int load;
  private final int home;

  /// The graphs that have taken over their buffers.
  private final BitSet settled = new BitSet();

  /// Array → the number of runs after which it was last copied to the host.
  private final Map<Object, Long> copied = new IdentityHashMap<>();

  private long runs;
  private boolean loaded;
  private @Nullable TornadoExecutionResult held;

  /// @param graphs the number of task graphs before the two that hold the arrays
  Residence(TornadoExecutionPlan plan, int graphs) {
    this.plan = plan;
    this.load = graphs;
    this.home = graphs + 1;
  }

  /// Makes every graph but the two that hold the arrays be captured; to be called before any runs.
  void capture() {
    for (int i = 0; i < load; i++) {
      plan.withGraph(i).withCUDAGraph();
    }
  }

  /// Runs task graph `index`.
  TornadoExecutionResult run(int index) {
    if (!loaded) {
      plan.withGraph(load).execute();
      held = plan.withGraph(home).execute();
      loaded = true;
    }
    if (!settled.get(index)) {
      plan.withGraph(home).execute();
      settled.set(index);
    }
    TornadoExecutionResult result = plan.withGraph(index).execute();
    runs++;
    return result;
  }

  /// Brings the newest values of `array` to the host, if they are on the device.
  void fetch(Object array) {
    if (held != null && loaded && copied.getOrDefault(array, 0L) != runs) {
      plan.withGraph(home);
      held.transferToHost(array);
      copied.put(array, runs);
    }
  }

  /// To be told when the host has written an array, all others having been fetched: the device is
  /// loaded anew before the next run.
  void forget() {
    loaded = false;
  }
}
