package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.NativeOutput;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;

/// Runs the task graphs of a plan that [PlanBuilder] made for a device with memory of its own, and
/// knows on which side the newest values of an array are.
final class Residence {
  private final TornadoExecutionPlan plan;
  private final Device device;
  private final long plannedBytes;
  private final List<Segment> segments;
  private final HoldingGraphs holding;
  private final Runnable prepare;

  /// The graphs that have taken over their buffers.
  private final BitSet settled = new BitSet();

  /// Array → the number of runs after which it was last copied to the host.
  private final Map<Object, Long> copied = new IdentityHashMap<>();

  private long runs;
  private boolean loaded;

  /// The last result of each graph that holds arrays.
  private final Map<Integer, TornadoExecutionResult> held = new HashMap<>();

  /// @param plannedBytes what the program was planned to take
  /// @param segments the task graphs before those that hold the arrays
  /// @param prepare is called before anything runs
  Residence(
      TornadoExecutionPlan plan,
      Device device,
      long plannedBytes,
      List<Segment> segments,
      HoldingGraphs holding,
      Runnable prepare) {
    this.plan = plan;
    this.device = device;
    this.plannedBytes = plannedBytes;
    this.segments = List.copyOf(segments);
    this.holding = holding;
    this.prepare = prepare;
  }

  /// Makes every graph but those that hold the arrays be captured; to be called before any runs.
  void capture() {
    for (int i = 0; i < segments.size(); i++) {
      plan.withGraph(i).withCUDAGraph();
    }
  }

  /// Runs task graph `index`.
  ///
  /// @throws MemoryException if the device has not the memory that the arrays need
  /// @throws GraphException if a kernel does not compile or run, or the device fails
  TornadoExecutionResult run(int index) {
    boolean first = !settled.get(index);
    if (first) {
      plan.withGraph(index).withThreadInfo();
    }
    TornadoExecutionResult result = null;
    Throwable failure = null;
    String output;
    NativeOutput.begin();
    try {
      result = settleAndRun(index);
    } catch (VirtualMachineError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // TornadoVM reports a refused kernel or graph as either; the device may be gone after it.
      failure = e;
    } finally {
      output = NativeOutput.end();
    }
    if (failure != null && DeviceFailure.lacksMemory(failure)) {
      throw new MemoryException(device, plannedBytes);
    }
    RuntimeReport report = RuntimeReport.of(output);
    NativeOutput.pass(report.rest());
    if (result == null || report.error() != null) {
      throw new DeviceFailure(device, segments.get(index)).of(report, failure);
    }
    if (first) {
      plan.withGraph(index).withoutThreadInfo();
    }
    return result;
  }

  private TornadoExecutionResult settleAndRun(int index) {
    if (!loaded) {
      prepare.run();
      for (int i = 0; i < holding.loads().size(); i++) {
        plan.withGraph(holding.indexOfLoad(i)).execute();
        int home = holding.loads().get(i).home();
        held.put(home, plan.withGraph(holding.indexOfHome(home)).execute());
      }
      loaded = true;
    }
    if (!settled.get(index)) {
      settle(segments.get(index));
      settled.set(index);
    }
    TornadoExecutionResult result = plan.withGraph(index).execute();
    runs++;
    return result;
  }

  /// Makes the next run of `segment` take over its buffers.
  private void settle(Segment segment) {
    for (int home : holding.homesOf(segment)) {
      plan.withGraph(holding.indexOfHome(home)).execute();
      for (int i = 0; i < holding.bridges().size(); i++) {
        if (holding.bridges().get(i).segment().name().equals(segment.name())) {
          plan.withGraph(holding.indexOfBridge(i)).execute();
        }
      }
    }
  }

  /// Brings the newest values of `array` to the host, if they are on the device.
  void fetch(Object array) {
    if (loaded && copied.getOrDefault(array, 0L) != runs) {
      int home = holding.home(array);
      plan.withGraph(holding.indexOfHome(home));
      Objects.requireNonNull(held.get(home)).transferToHost(array);
      copied.put(array, runs);
    }
  }

  /// To be told when the host has written an array, all others having been fetched: the device is
  /// loaded anew before the next run.
  void forget() {
    loaded = false;
  }
}
