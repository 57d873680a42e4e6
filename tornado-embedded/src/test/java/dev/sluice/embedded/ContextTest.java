package dev.sluice.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class ContextTest {

  /// Sums of a few hundred products of numbers of magnitude 1 in single precision.
  private static final float SUM_TOLERANCE = 1e-4f;

  private static final KernelContext CONTEXT = new KernelContext();

  private static WorkerGrid grid(int threads, int group) {
    WorkerGrid1D grid = new WorkerGrid1D(threads);
    grid.setLocalWork(group, 1, 1);
    return grid;
  }

  private static void run(WorkerGrid grid, UnaryOperator<TaskGraph> tasks, Object... arrays) {
    TaskGraph graph = new TaskGraph("g").transferToDevice(DataTransferMode.FIRST_EXECUTION, arrays);
    new TornadoExecutionPlan(tasks.apply(graph).snapshot())
        .withGridScheduler(new GridScheduler("g.t", grid))
        .execute();
  }

  private static FloatArray random(int size) {
    Random random = new Random(5);
    FloatArray array = new FloatArray(size);
    for (int i = 0; i < size; i++) {
      array.set(i, random.nextFloat(-1f, 1f));
    }
    return array;
  }

  private static FloatArray unset(int size) {
    FloatArray array = new FloatArray(size);
    array.init(Float.NaN);
    return array;
  }

  @Test
  void countsThreadsInThreeDimensions() {
    WorkerGrid3D grid = new WorkerGrid3D(6, 4, 2);
    grid.setLocalWork(3, 2, 1);
    IntArray out = new IntArray(48);
    run(grid, g -> g.task("t", ContextKernels::indices, CONTEXT, out), out);
    for (int z = 0; z < 2; z++) {
      for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 6; x++) {
          int local = x % 3 + 3 * (y % 2);
          assertEquals(x / 3 + 10 * (y / 2) + 100 * z + 1000 * local, out.get(x + 6 * (y + 4 * z)));
        }
      }
    }
  }

  @Test
  void waitsAtBarriersInALoop() {
    FloatArray in = random(512);
    FloatArray out = unset(8);
    run(grid(512, 64), g -> g.task("t", ContextKernels::reduceTree, CONTEXT, in, out), in, out);
    for (int group = 0; group < 8; group++) {
      assertEquals(sum(in, group * 64, 64), out.get(group), SUM_TOLERANCE);
    }
  }

  private static double sum(FloatArray in, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += in.get(i);
    }
    return sum;
  }

  @Test
  void waitsInAMethodThatTheKernelCalls() {
    FloatArray in = random(192);
    FloatArray out = unset(192);
    run(
        grid(192, 48),
        g -> g.task("t", ContextKernels::reduceByHelper, CONTEXT, in, out, 7L, 0.25),
        in,
        out);
    for (int i = 0; i < 192; i++) {
      double expected = 2 * sum(in, i / 48 * 48, 48) + 48 + 7 + i % 48 + 0.25 * (i % 48);
      assertEquals(expected, out.get(i), SUM_TOLERANCE);
    }
  }

  @Test
  void exchangesValuesInAWarp() {
    FloatArray in = random(160);
    FloatArray out = unset(160);
    run(grid(160, 80), g -> g.task("t", ContextKernels::warpSums, CONTEXT, in, out), in, out);
    for (int i = 0; i < 160; i++) {
      int first = i / 80 * 80 + i % 80 / 32 * 32;
      int lanes = Math.min(32, 80 - first % 80);
      double expected = in.get(i) + 2 * sum(in, first, lanes) + in.get(first) + 1;
      assertEquals(expected, out.get(i), SUM_TOLERANCE);
    }
  }

  @Test
  void shiftsValuesInAWarp() {
    FloatArray in = random(64);
    FloatArray out = unset(64);
    run(grid(64, 64), g -> g.task("t", ContextKernels::shifts, CONTEXT, in, out), in, out);
    assertEquals(sum(in, 0, 32), out.get(0), SUM_TOLERANCE);
    assertEquals(sum(in, 32, 32), out.get(32), SUM_TOLERANCE);
  }

  @Test
  void addsAtomically() {
    IntArray count = new IntArray(1);
    FloatArray total = new FloatArray(1);
    run(
        grid(6400, 64),
        g -> g.task("t", ContextKernels::countAtomically, CONTEXT, count, total),
        count,
        total);
    assertEquals(100 * 63 * 32, count.get(0));
    assertEquals(3200f, total.get(0));
  }

  @Test
  void multipliesHalfFloats() {
    int depth = 48;
    FloatArray a = random(16 * depth);
    FloatArray b = random(depth * 8);
    HalfFloatArray halfA = half(a);
    HalfFloatArray halfB = half(b);
    FloatArray out = unset(128);
    run(
        grid(32, 32),
        g -> g.task("t", ContextKernels::productHalf, CONTEXT, halfA, halfB, out, depth),
        halfA,
        halfB,
        out);
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        double expected = 0;
        for (int k = 0; k < depth; k++) {
          float x = halfA.get(i * depth + k).getFloat32();
          expected += (double) x * halfB.get(k * 8 + j).getFloat32();
        }
        assertEquals(expected, out.get(i * 8 + j), SUM_TOLERANCE);
      }
    }
  }

  private static HalfFloatArray half(FloatArray from) {
    HalfFloatArray array = new HalfFloatArray(from.getSize());
    for (int i = 0; i < from.getSize(); i++) {
      array.set(i, new HalfFloat(from.get(i)));
    }
    return array;
  }

  @Test
  void multipliesBrainFloats() {
    BFloat16Array a = BFloat16Array.fromFloats(random(256).toHeapArray());
    BFloat16Array b = BFloat16Array.fromFloats(random(128).toHeapArray());
    FloatArray out = unset(128);
    run(
        grid(32, 32),
        g -> g.task("t", ContextKernels::productBrain, CONTEXT, a, b, out),
        a,
        b,
        out);
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        double expected = 1;
        for (int k = 0; k < 16; k++) {
          expected += (double) a.getFloat(i * 16 + k) * b.getFloat(k * 8 + j);
        }
        assertEquals(expected, out.get(i * 8 + j), SUM_TOLERANCE);
      }
    }
  }

  @Test
  void multipliesBytes() {
    byte[] a = new byte[16 * 32];
    byte[] b = new byte[32 * 8];
    Random random = new Random(9);
    random.nextBytes(a);
    random.nextBytes(b);
    IntArray packedA = new IntArray(128);
    for (int i = 0; i < a.length; i++) {
      packedA.set(i / 4, packedA.get(i / 4) | (a[i] & 0xFF) << (i % 4 * 8));
    }
    IntArray packedB = new IntArray(64);
    for (int k = 0; k < 32; k++) {
      for (int j = 0; j < 8; j++) {
        int at = 2 * (k / 2 * 8 + j) + k % 2;
        packedB.set(at / 4, packedB.get(at / 4) | (b[k * 8 + j] & 0xFF) << (at % 4 * 8));
      }
    }
    IntArray out = new IntArray(128);
    run(
        grid(32, 32),
        g -> g.task("t", ContextKernels::productBytes, CONTEXT, packedA, packedB, out),
        packedA,
        packedB,
        out);
    for (int i = 0; i < 16; i++) {
      for (int j = 0; j < 8; j++) {
        int expected = 3;
        for (int k = 0; k < 32; k++) {
          expected += a[i * 32 + k] * b[k * 8 + j];
        }
        assertEquals(expected, out.get(i * 8 + j));
      }
    }
  }

  @Test
  void showsWhatWasReadBeforeItWasWritten() {
    FloatArray out = new FloatArray(64);
    run(grid(64, 8), g -> g.task("t", ContextKernels::readsUnwritten, CONTEXT, out), out);
    HalfFloatArray in = half(random(64));
    FloatArray copied = new FloatArray(32);
    run(
        grid(32, 32),
        g -> g.task("t", ContextKernels::forgetsToWait, CONTEXT, in, copied),
        in,
        copied);
    for (int i = 0; i < 32; i++) {
      assertTrue(Float.isNaN(out.get(i)) && Float.isNaN(out.get(i + 32)));
      assertTrue(Float.isNaN(copied.get(i)));
    }
  }

  @Test
  void namesTheThreadThatDiverges() {
    FloatArray out = new FloatArray(128);
    fails(g -> g.task("t", ContextKernels::divergesAtBarrier, CONTEXT, out), out, "has ended");
    fails(
        g -> g.task("t", ContextKernels::divergesBetweenBarriers, CONTEXT, out),
        out,
        "another barrier");
    fails(
        g -> g.task("t", ContextKernels::divergesInWarp, CONTEXT, out),
        out,
        "thread (3, 0, 0) of group (");
    fails(
        g -> g.task("t", ContextKernels::divergesInProduct, CONTEXT, out), out, "matrix products");
  }

  @Test
  void namesTheThreadThatLeavesAnArray() {
    FloatArray in = new FloatArray(128);
    FloatArray out = new FloatArray(128);
    fails(
        g ->
            g.transferToDevice(DataTransferMode.FIRST_EXECUTION, in)
                .task("t", ContextKernels::leavesArray, CONTEXT, in, out),
        out,
        "thread (31, 0, 0) of group (3, 0, 0) failed: java.lang.ArrayIndexOutOfBounds");
    fails(
        g -> g.task("t", ContextKernels::leavesSharedArray, CONTEXT, out),
        out,
        "thread (7, 0, 0) of group (");
    fails(g -> g.task("t", ContextKernels::sharesTooMuch, CONTEXT, out), out, "80000 bytes");
  }

  @Test
  void refusesGridsThatDoNotFit() {
    FloatArray out = new FloatArray(128);
    for (WorkerGrid wrong :
        new WorkerGrid[] {grid(100, 32), grid(4096, 2048), new WorkerGrid1D(8)}) {
      assertThrows(
          TornadoTaskRuntimeException.class,
          () -> run(wrong, g -> g.task("t", ContextKernels::readsUnwritten, CONTEXT, out), out));
    }
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, out)
            .task("t", ContextKernels::readsUnwritten, CONTEXT, out);
    assertThrows(
        TornadoTaskRuntimeException.class,
        () -> new TornadoExecutionPlan(graph.snapshot()).execute());
  }

  private static void fails(UnaryOperator<TaskGraph> tasks, FloatArray out, String message) {
    TornadoTaskRuntimeException thrown =
        assertThrows(TornadoTaskRuntimeException.class, () -> run(grid(128, 32), tasks, out));
    assertTrue(thrown.getMessage().startsWith("Task g.t"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
  }
}
