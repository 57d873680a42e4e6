package dev.sluice.tasks.graph;

import dev.sluice.tasks.device.Backend;
import dev.sluice.tasks.device.Device;
import dev.sluice.tasks.device.NativeOutput;
import dev.sluice.tasks.kernels.PinnedMemory;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
      throw MemoryException.refused(device, plannedBytes);
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
  ///
  /// @throws GraphException if the copy fails; the host's array then holds what it held
  void fetch(Object array) {
    if (loaded && copied.getOrDefault(array, 0L) != runs) {
      int home = holding.home(array);
      String output;
      NativeOutput.begin();
      try {
        plan.withGraph(holding.indexOfHome(home));
        Objects.requireNonNull(held.get(home)).transferToHost(array);
      } finally {
        output = NativeOutput.end();
      }
      RuntimeReport report = RuntimeReport.of(output);
      NativeOutput.pass(report.rest());
      if (report.error() != null) {
        // TornadoVM goes on, and a checkpoint would be written of values that are not the newest.
        throw DeviceFailure.ofCopy(device, report);
      }
      copied.put(array, runs);
    }
  }

  /// To be told when the host has written an array, all others having been fetched: the device is
  /// loaded anew before the next run.
  void forget() {
    loaded = false;
  }

  /// Lets go of the host memory that the closed plan has pinned and TornadoVM leaves so.
  ///
  /// @param arrays the program's, several times those that tensors share
  void unpin(Collection<Object> arrays) {
    if (device.backend() == Backend.PTX && device.handle() != null) {
      Set<Object> each = Collections.newSetFromMap(new IdentityHashMap<>());
      each.addAll(arrays);
      each.add(holding.token());
      PinnedMemory.release(device.handle(), each);
    }
  }
}
