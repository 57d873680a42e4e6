package dev.sluice.tasks.ops.gateddeltarule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.embedded.Workers;
import dev.sluice.tasks.testing.OpCheck;
import java.lang.management.ManagementFactory;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

/// What the host's form promises beyond right numbers.
class GatedDeltaRuleHostTest {
  /// Steps whose allocations are counted, and the bytes that they may take in all: a hundredth of
  /// what a chunk's memory or a result would.
  private static final int STEPS = 50;

  private static final long BYTES = 4096;

  private static final GatedDeltaRuleHost.Sizes SIZES =
      new GatedDeltaRuleHost.Sizes(3, 50, 2, 4, 20, 24, 0.2f);

  /// Both passes on fixed numbers.
  private record Passes(
      float[] o,
      GatedDeltaRuleHostBackward.Gradients d,
      IntConsumer forward,
      IntConsumer backward) {
    static Passes of() {
      int rows = SIZES.N() * SIZES.T();
      int keys = rows * SIZES.H() * SIZES.K();
      int values = rows * SIZES.HV() * SIZES.V();
      int gates = rows * SIZES.HV();
      int states = SIZES.N() * SIZES.HV() * SIZES.K() * SIZES.V();
      float[] g = OpCheck.normal(4, gates);
      for (int i = 0; i < gates; i++) {
        g[i] = -Math.abs(g[i]);
      }
      var a =
          new GatedDeltaRuleHost.Arrays(
              OpCheck.normal(1, keys),
              OpCheck.normal(2, keys),
              OpCheck.normal(3, values),
              g,
              new float[gates],
              OpCheck.normal(6, states),
              null,
              new float[values],
              new float[states]);
      java.util.Arrays.fill(a.beta(), 0.05f);
      var d =
          new GatedDeltaRuleHostBackward.Gradients(
              OpCheck.normal(7, values),
              OpCheck.normal(8, states),
              new float[keys],
              new float[keys],
              new float[values],
              new float[gates],
              new float[gates],
              new float[states]);
      float[] o = new float[values];
      return new Passes(
          o,
          d,
          GatedDeltaRuleHost.forward(SIZES, a, o, new float[states]),
          GatedDeltaRuleHostBackward.backward(SIZES, a, d));
    }

    void run(Workers workers) {
      workers.run(SIZES.parts(), forward);
      workers.run(SIZES.parts(), backward);
    }
  }

  @Test
  void theNumberOfThreadsChangesNoBit() {
    Passes one = Passes.of();
    one.run(Workers.of(1));
    for (int threads : new int[] {2, 3}) {
      Passes more = Passes.of();
      more.run(Workers.of(threads));
      assertArrayEquals(one.o(), more.o());
      assertArrayEquals(one.d().dQ(), more.d().dQ());
      assertArrayEquals(one.d().dK(), more.d().dK());
      assertArrayEquals(one.d().dV(), more.d().dV());
      assertArrayEquals(one.d().dG(), more.d().dG());
      assertArrayEquals(one.d().dBeta(), more.d().dBeta());
      assertArrayEquals(one.d().dInitial(), more.d().dInitial());
    }
  }

  @Test
  void stepsAllocateNothingOnceCompiled() {
    Passes passes = Passes.of();
    Workers workers = Workers.of(1);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // Vectors are objects until the code is compiled, so the least of several rounds counts.
    for (int round = 0; round < 40 && least > BYTES; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < STEPS; i++) {
        passes.run(workers);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    long bytes = least;
    assertTrue(bytes <= BYTES, () -> bytes + " bytes in " + STEPS + " steps");
  }
}
