package dev.sluice.embedded;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.AccessorParameters;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoProfilerResult;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.LibraryTaskDescriptor;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

class PlanTest {

  private static final int SIZE = 1000;

  static void scale(FloatArray x, FloatArray y, int n, float factor) {
    for (@Parallel int i = 0; i < n; i++) {
      y.set(i, factor * x.get(i));
    }
  }

  static void leaveArray(FloatArray x, int n) {
    for (@Parallel int i = 0; i < n; i++) {
      x.set(i, i);
    }
  }

  static void scaleInContext(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, 2f * x.get(i) + context.localIdx);
  }

  private static FloatArray ramp() {
    FloatArray x = new FloatArray(SIZE);
    for (int i = 0; i < SIZE; i++) {
      x.set(i, i);
    }
    return x;
  }

  private static TaskGraph scaling(String name, FloatArray x, FloatArray y, float factor) {
    return new TaskGraph(name)
        .transferToDevice(DataTransferMode.FIRST_EXECUTION, x)
        .task("scale", PlanTest::scale, x, y, SIZE, factor)
        .transferToHost(DataTransferMode.EVERY_EXECUTION, y);
  }

  @Test
  void runsAKernel() throws Exception {
    FloatArray y = new FloatArray(SIZE);
    try (var plan = new TornadoExecutionPlan(scaling("g", ramp(), y, 3f).snapshot())) {
      assertEquals(0, plan.getCurrentDeviceMemoryUsage());
      assertTrue(plan.execute().isReady());
      assertEquals(2L * SIZE * 4, plan.getCurrentDeviceMemoryUsage());
      plan.freeDeviceMemory();
      assertEquals(0, plan.getCurrentDeviceMemoryUsage());
    }
    for (int i = 0; i < SIZE; i++) {
      assertEquals(3f * i, y.get(i));
    }
  }

  @Test
  void runsAKernelOverAGrid() throws Exception {
    FloatArray x = ramp();
    FloatArray y = new FloatArray(SIZE);
    WorkerGrid1D grid = new WorkerGrid1D(SIZE);
    grid.setLocalWork(10, 1, 1);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, x)
            .task("t", PlanTest::scaleInContext, new KernelContext(), x, y)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, y);
    try (var plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withGridScheduler(new GridScheduler("g.t", grid)).execute();
    }
    for (int i = 0; i < SIZE; i++) {
      assertEquals(2f * i + i % 10, y.get(i));
    }
  }

  @Test
  void sharesArraysBetweenGraphs() throws Exception {
    FloatArray x = ramp();
    FloatArray y = new FloatArray(SIZE);
    FloatArray z = new FloatArray(SIZE);
    TaskGraph first =
        new TaskGraph("first")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, x)
            .task("scale", PlanTest::scale, x, y, SIZE, 2f)
            .persistOnDevice(y);
    TaskGraph second =
        new TaskGraph("second")
            .consumeFromDevice("first", y)
            .task("scale", PlanTest::scale, y, z, SIZE, 5f)
            .transferToHost(DataTransferMode.UNDER_DEMAND, z);
    try (var plan = new TornadoExecutionPlan(first.snapshot(), second.snapshot())) {
      plan.withGraph(0).execute();
      assertEquals(20f, y.get(10));
      assertEquals(0f, z.get(10));
      plan.withGraph(1).execute().transferToHost(z);
      assertEquals(100f, z.get(10));
      x.init(1f);
      plan.withAllGraphs().execute();
      assertEquals(10f, z.get(10));
    }
  }

  @Test
  void takesTimes() throws Exception {
    FloatArray y = new FloatArray(SIZE);
    try (var plan = new TornadoExecutionPlan(scaling("g", ramp(), y, 3f).snapshot())) {
      assertEquals(0, plan.execute().getProfilerResult().getDeviceKernelTime());
      TornadoProfilerResult profile =
          plan.withProfiler(ProfilerMode.SILENT).execute().getProfilerResult();
      assertTrue(profile.getDeviceKernelTime() > 0);
      assertTrue(profile.getTotalTime() >= profile.getDeviceKernelTime());
      assertTrue(profile.getProfileLog().contains("\"g.scale\": {\"TASK_KERNEL_TIME\""));
      assertEquals(0, plan.withoutProfiler().execute().getProfilerResult().getDeviceKernelTime());
    }
  }

  /// A hundred steps of a hundred tasks may allocate a few objects a step, none a task.
  @Test
  void allocatesNothingForATask() throws Exception {
    int tasks = 100;
    int steps = 100;
    FloatArray x = ramp();
    FloatArray y = new FloatArray(SIZE);
    TaskGraph graph = new TaskGraph("g").transferToDevice(DataTransferMode.FIRST_EXECUTION, x, y);
    for (int i = 0; i < tasks; i++) {
      graph.task("scale" + i, PlanTest::scale, x, y, SIZE, 3f);
    }
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (var plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withWarmUpIterations(200);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < steps; i++) {
        plan.execute();
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(bytes < 200L * steps, bytes + " bytes");
    }
  }

  @Test
  void runsAHostTask() throws Exception {
    FloatArray y = new FloatArray(SIZE);
    float[] values = HostArrays.floats(y);
    HostTask fill = workers -> workers.run(SIZE, i -> values[i] = i);
    TaskGraph graph =
        new TaskGraph("g")
            .libraryTask("fill", HostTasks::describe, fill)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, y);
    try (var plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.execute();
    }
    assertArrayEquals(values, y.toHeapArray());
    assertEquals(999f, y.get(999));
  }

  @Test
  void namesAnArrayThatIsNotTransferred() {
    FloatArray x = ramp();
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, x)
            .task("scale", PlanTest::scale, x, new FloatArray(SIZE), SIZE, 1f);
    var plan = new TornadoExecutionPlan(graph.snapshot());
    TornadoTaskRuntimeException thrown =
        assertThrows(TornadoTaskRuntimeException.class, plan::execute);
    assertTrue(thrown.getMessage().contains("Argument 1 (FloatArray) of task g.scale"));
  }

  @Test
  void namesTheTaskThatFails() {
    FloatArray x = new FloatArray(5);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, x)
            .task("scale", PlanTest::leaveArray, x, SIZE);
    var plan = new TornadoExecutionPlan(graph.snapshot());
    TornadoTaskRuntimeException thrown =
        assertThrows(TornadoTaskRuntimeException.class, plan::execute);
    assertTrue(thrown.getMessage().contains("g.scale"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("out of bounds for length 5"));
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThrows(
        NotEmbeddedException.class,
        () -> new TaskGraph("g").prebuiltTask("t", "entry", "file", new AccessorParameters(0)));
    assertThrows(
        NotEmbeddedException.class,
        () ->
            new TaskGraph("g")
                .libraryTask(
                    "t", x -> new LibraryTaskDescriptor().withLibrary("cublas"), new Object()));
    assertThrows(NotEmbeddedException.class, () -> new KernelContext().localBarrier());
    assertThrows(
        TornadoRuntimeException.class,
        () -> new TaskGraph("g").transferToDevice(DataTransferMode.UNDER_DEMAND, ramp()));
    FloatArray x = ramp();
    assertThrows(
        TornadoTaskRuntimeException.class,
        () -> scaling("g", x, x, 1f).task("scale", PlanTest::scale, x, x, SIZE, 1f));
    TaskGraph consumer = new TaskGraph("b").consumeFromDevice("a", x);
    assertThrows(
        TornadoRuntimeException.class,
        () -> new TornadoExecutionPlan(consumer.snapshot()).execute());
    var plan = new TornadoExecutionPlan(scaling("g", x, x, 1f).snapshot());
    assertThrows(TornadoRuntimeException.class, () -> plan.withGraph(1));
    GridScheduler grids = new GridScheduler("other.task", new WorkerGrid1D(1));
    assertThrows(TornadoRuntimeException.class, () -> plan.withGridScheduler(grids));
  }

  @Test
  void isADevice() {
    var device = TornadoExecutionPlan.getDevice(0, 0);
    assertEquals(TornadoDeviceType.CPU, device.getDeviceType());
    assertEquals(
        1,
        TornadoExecutionPlan.getTornadoDeviceMap().getDevicesByType(TornadoDeviceType.CPU).count());
    assertEquals(1, TornadoExecutionPlan.getTornadoDeviceMap().getDevicesByName("jvm").count());
  }
}
