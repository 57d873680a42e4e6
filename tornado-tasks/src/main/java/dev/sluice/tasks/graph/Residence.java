package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Device;
import java.util.BitSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;

/// Runs the task graphs of a plan that [PlanBuilder] made for a device with memory of its own, and
/// knows on which side the newest values of an array are.
final class Residence {
  private static final int LONGEST_REASON = 300;

  private final TornadoExecutionPlan plan;
  private final Device device;
  private final List<String> names;
  private final int load;
  private final int home;

  /// The graphs that have taken over their buffers.
  private final BitSet settled = new BitSet();

  /// Array → the number of runs after which it was last copied to the host.
  private final Map<Object, Long> copied = new IdentityHashMap<>();

  private long runs;
  private boolean loaded;
  private @Nullable TornadoExecutionResult held;

  /// @param names of the task graphs before the two that hold the arrays
  Residence(TornadoExecutionPlan plan, Device device, List<String> names) {
    this.plan = plan;
    this.device = device;
    this.names = List.copyOf(names);
    this.load = names.size();
    this.home = names.size() + 1;
  }

  /// Makes every graph but the two that hold the arrays be captured; to be called before any runs.
  void capture() {
    for (int i = 0; i < load; i++) {
      plan.withGraph(i).withCUDAGraph();
    }
  }

  /// Runs task graph `index`.
  ///
  /// @throws GraphException if a kernel does not compile or run, or the device fails
  TornadoExecutionResult run(int index) {
    try {
      return settleAndRun(index);
    } catch (VirtualMachineError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // TornadoVM reports a refused kernel or graph as either; the device may be gone after it.
      throw new GraphException(
          "graph '%s' failed on %s: %s; SLUICE_JAVA_OPTIONS=-Dtornado.printKernel=True shows the kernels up to the one that failed"
              .formatted(names.get(index), device, reason(e)),
          e);
    }
  }

  /// The messages of a failure and its causes in one line, without the colours in them.
  static String reason(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable t = failure; t != null; t = t.getCause()) {
      String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
      String line = message.replaceAll("\\u001B\\[[0-9;]*m", "").replaceAll("\\s+", " ").strip();
      if (text.indexOf(line) < 0) {
        text.append(text.isEmpty() ? "" : ": ").append(line);
      }
    }
    return text.length() <= LONGEST_REASON
        ? text.toString()
        : text.substring(0, LONGEST_REASON) + "…";
  }

  private TornadoExecutionResult settleAndRun(int index) {
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
