package dev.sluice.tasks.ops.gateddeltarule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sluice.embedded.Workers;
import dev.sluice.tasks.testing.OpCheck;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the host's form promises beyond right numbers.
class GatedDeltaRuleHostTest {
  /// Steps whose allocations are counted, and the bytes that they may take in all: a hundredth of
  /// what a chunk's memory or a result would.
  private static final int STEPS = 50;

  private static final long BYTES = 4096;

  private static final GatedDeltaRuleHost.Sizes SIZES =
      new GatedDeltaRuleHost.Sizes(3, 50, 2, 4, 20, 24, 0.2f, 1);

  /// Several stretches of tokens, and heads that groups divide unevenly.
  private static GatedDeltaRuleHost.Sizes grouped(int group) {
    return new GatedDeltaRuleHost.Sizes(2, 150, 3, 6, 20, 24, 0.2f, group);
  }

  /// Both passes on fixed numbers.
  private record Passes(
      GatedDeltaRuleHost.Arrays a,
      float[] o,
      GatedDeltaRuleHostBackward.Gradients d,
      IntConsumer forward,
      IntConsumer backward,
      int parts) {
    static Passes of(QkNorm norm) {
      return of(norm, SIZES);
    }

    static Passes of(QkNorm norm, GatedDeltaRuleHost.Sizes sizes) {
      int rows = sizes.N() * sizes.T();
      int keys = rows * sizes.H() * sizes.K();
      int values = rows * sizes.HV() * sizes.V();
      int gates = rows * sizes.HV();
      int states = sizes.N() * sizes.HV() * sizes.K() * sizes.V();
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
              norm == QkNorm.L2 ? new float[2 * rows * sizes.H()] : null,
              new float[values],
              new float[Math.max(1, rows / GatedDeltaRuleHost.INTERVAL) * states / sizes.N()]);
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
          a,
          o,
          d,
          GatedDeltaRuleHost.forward(sizes, a, o, new float[states]),
          GatedDeltaRuleHostBackward.backward(sizes, a, d),
          sizes.parts());
    }

    void run(Workers workers) {
      workers.run(parts, forward);
      workers.run(parts, backward);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theNumberOfThreadsAndGroupsOfHeadsChangeNoBit(QkNorm norm) {
    Passes one = Passes.of(norm, grouped(1));
    one.run(Workers.of(1));
    for (int threads : new int[] {1, 2, 3}) {
      for (int group : new int[] {1, 2, 3}) {
        Passes more = Passes.of(norm, grouped(group));
        more.run(Workers.of(threads));
        assertEquals(one, more);
      }
    }
  }

  /// A thread's memory is used again, and rows are shorter than it: `K` and `V` are no multiples of
  /// 16, nor is the length.
  @ParameterizedTest
  @EnumSource
  void nothingIsLeftOfNaN(QkNorm norm) {
    Workers workers = Workers.of(1);
    Passes clean = Passes.of(norm);
    clean.run(workers);
    Passes spoilt = Passes.of(norm);
    for (float[] input :
        List.of(spoilt.a().q(), spoilt.a().k(), spoilt.a().v(), spoilt.a().beta())) {
      java.util.Arrays.fill(input, Float.NaN);
    }
    spoilt.run(workers);
    Passes after = Passes.of(norm);
    after.run(workers);
    assertEquals(clean, after);
  }

  private static void assertEquals(Passes expected, Passes actual) {
    assertArrayEquals(expected.o(), actual.o());
    assertArrayEquals(expected.d().dQ(), actual.d().dQ());
    assertArrayEquals(expected.d().dK(), actual.d().dK());
    assertArrayEquals(expected.d().dV(), actual.d().dV());
    assertArrayEquals(expected.d().dG(), actual.d().dG());
    assertArrayEquals(expected.d().dBeta(), actual.d().dBeta());
    assertArrayEquals(expected.d().dInitial(), actual.d().dInitial());
  }

  @ParameterizedTest
  @EnumSource
  void stepsAllocateNothingOnceCompiled(QkNorm norm) {
    Passes passes = Passes.of(norm);
    Workers workers = Workers.of(1);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // Vectors are objects until the code is compiled, which may wait for the kernels of the tests
    // before: the least of many rounds counts, and the first that is small enough is the last.
    for (int round = 0; round < 1000 && least > BYTES; round++) {
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
