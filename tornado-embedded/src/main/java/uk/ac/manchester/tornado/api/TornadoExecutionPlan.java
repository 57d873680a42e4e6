package uk.ac.manchester.tornado.api;

import dev.sluice.embedded.NotEmbeddedException;
import dev.sluice.embedded.engine.GraphDefinition;
import dev.sluice.embedded.engine.PlanRunner;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/// Runs one or several task graphs. The `with…` methods change this plan and return it.
///
/// Not for use by several threads at once.
public final class TornadoExecutionPlan implements AutoCloseable {

  /// The device used if none is named.
  public static final TornadoDevice DEFAULT_DEVICE =
      TornadoRuntimeProvider.getTornadoRuntime().getDefaultDevice();

  private final PlanRunner runner;

  /// @param graphs the graphs that the plan runs, in this order
  public TornadoExecutionPlan(ImmutableTaskGraph... graphs) {
    runner =
        new PlanRunner(
            Arrays.stream(graphs)
                .map(ImmutableTaskGraph::definition)
                .toArray(GraphDefinition[]::new));
  }

  /// @param backend which backend
  /// @param device which of its devices
  /// @return the device
  public static TornadoDevice getDevice(int backend, int device) {
    return TornadoRuntimeProvider.getTornadoRuntime().getBackend(backend).getDevice(device);
  }

  /// @return every backend and device
  public static TornadoDeviceMap getTornadoDeviceMap() {
    return new TornadoDeviceMap();
  }

  /// Runs the chosen graphs and waits for them.
  ///
  /// @return the profile, and access to results
  /// @throws uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException if a kernel fails
  ///   or an array was not named in a transfer; the message names `graph.task`
  public TornadoExecutionResult execute() {
    return new TornadoExecutionResult(new TornadoProfilerResult(runner.execute()));
  }

  /// @param index the only graph to run from now on
  /// @return this
  public TornadoExecutionPlan withGraph(int index) {
    runner.select(index);
    return this;
  }

  /// Runs every graph from now on.
  ///
  /// @return this
  public TornadoExecutionPlan withAllGraphs() {
    runner.selectAll();
    return this;
  }

  /// Prepares every chosen kernel now, not at its first execution.
  ///
  /// @return this
  public TornadoExecutionPlan withPreCompilation() {
    runner.prepare();
    return this;
  }

  /// @param device the device to run on: here there is only one
  /// @return this
  public TornadoExecutionPlan withDevice(TornadoDevice device) {
    runner.device(device);
    return this;
  }

  /// @param index which graph
  /// @return the device it runs on
  public TornadoDevice getDevice(int index) {
    return runner.device(index);
  }

  /// @param scheduler grids of tasks that take a [KernelContext]
  /// @return this
  /// @throws uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException if it names no task
  public TornadoExecutionPlan withGridScheduler(GridScheduler scheduler) {
    runner.grids(scheduler);
    return this;
  }

  /// Has no effect here: tasks without a grid are always split by the runtime.
  ///
  /// @return this
  public TornadoExecutionPlan withDefaultScheduler() {
    return this;
  }

  /// @param mode where profiles go
  /// @return this
  public TornadoExecutionPlan withProfiler(ProfilerMode mode) {
    runner.profile(mode);
    return this;
  }

  /// @return this
  public TornadoExecutionPlan withoutProfiler() {
    runner.profile(null);
    return this;
  }

  /// Has no effect here: there are no work-items to print.
  ///
  /// @return this
  public TornadoExecutionPlan withThreadInfo() {
    return this;
  }

  /// Has no effect here.
  ///
  /// @return this
  public TornadoExecutionPlan withoutThreadInfo() {
    return this;
  }

  /// @return this
  public TornadoExecutionPlan clearProfiles() {
    runner.clearProfiles();
    return this;
  }

  /// Executes for a while.
  ///
  /// @param milliseconds how long at least
  /// @return this
  /// @throws InterruptedException never here; other runtimes sleep
  public TornadoExecutionPlan withWarmUpTime(long milliseconds) throws InterruptedException {
    runner.warmUpTime(milliseconds);
    return this;
  }

  /// Executes a number of times.
  ///
  /// @param iterations how often
  /// @return this
  public TornadoExecutionPlan withWarmUpIterations(int iterations) {
    runner.warmUpIterations(iterations);
    return this;
  }

  /// Has no effect here: there is nothing to capture.
  ///
  /// @return this
  public TornadoExecutionPlan withCUDAGraph() {
    return this;
  }

  /// Refused: the JVM runs whole arrays.
  ///
  /// @throws NotEmbeddedException always
  public TornadoExecutionPlan withBatch(String batchSize) {
    throw NotEmbeddedException.of("TornadoExecutionPlan.withBatch", "a smaller graph");
  }

  /// Forgets what is on the device; the next execution transfers again.
  ///
  /// @return this
  public TornadoExecutionPlan freeDeviceMemory() {
    runner.free();
    return this;
  }

  /// Frees the device and forgets prepared kernels.
  ///
  /// @return this
  public TornadoExecutionPlan resetDevice() {
    runner.free();
    return this;
  }

  /// @return bytes of the arrays that the plan holds on the device
  public long getCurrentDeviceMemoryUsage() {
    return runner.memoryUsage();
  }

  @Override
  public void close() throws TornadoExecutionPlanException {
    runner.free();
  }
}
