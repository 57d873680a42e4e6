package dev.sluice.tasks.ops.gla;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.embedded.Workers;
import dev.sluice.tasks.host.CacheLines;
import dev.sluice.tasks.testing.OpCheck;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the Vector API form promises beyond right numbers.
class GlaHostTest {
  private static final GlaDimensions DIMS =
      new GlaDimensions(2, 180, 90, 3, 70, 40, false, GateKind.KEY, 0.2f);
  private static final int KEYS = DIMS.rows() * DIMS.heads() * DIMS.keySize();
  private static final int VALUES = DIMS.rows() * DIMS.heads() * DIMS.valueSize();
  private static final int STATES = DIMS.stateShape().size();

  @ParameterizedTest
  @ValueSource(floats = {1, 10})
  void resultsDoNotDependOnThreadsSlotsOrGroups(float strength) {
    List<float[]> expected = run(Workers.of(1), 1, 1, strength);
    assertSame(expected, run(Workers.of(3), 7, 1, strength));
    assertSame(expected, run(Workers.of(3), 1, 2, strength));
    assertSame(expected, run(Workers.of(3), 2, 3, strength));
  }

  @Test
  void resultsDoNotDependOnWhereCacheLinesBegin() {
    List<float[]> expected = run(Workers.of(1), 1, 3, 1);
    assumeTrue(CacheLines.prepare(), "needs --enable-native-access");
    for (int i = 0; i < 8; i++) {
      // Arrays of other lengths before it move the scratch within a line.
      assertEquals(i, new double[i].length);
      assertSame(expected, run(Workers.of(1), 1, 3, 1));
    }
  }

  private static void assertSame(List<float[]> expected, List<float[]> actual) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), "result " + i);
    }
  }

  private static List<float[]> run(Workers workers, int slots, int group, float strength) {
    float[] gates = OpCheck.normal(4, KEYS);
    for (int i = 0; i < gates.length; i++) {
      gates[i] = -strength * Math.abs(gates[i]);
    }
    GlaHost host =
        new GlaHost(
            DIMS,
            new GlaHost.Operands(
                OpCheck.normal(1, KEYS),
                OpCheck.normal(2, KEYS),
                OpCheck.normal(3, VALUES),
                gates,
                OpCheck.normal(5, STATES)),
            null,
            poisoned(GlaHost.scratch(DIMS, group, slots)),
            slots,
            group);
    float[] kept = poisoned(GlaHost.keptShape(DIMS).size());
    var outputs = new GlaHost.Outputs(poisoned(VALUES), poisoned(STATES), kept);
    var gradients =
        new GlaHost.Cotangents(
            kept,
            OpCheck.normal(6, VALUES),
            OpCheck.normal(7, STATES),
            poisoned(KEYS),
            poisoned(KEYS),
            poisoned(VALUES),
            poisoned(KEYS),
            poisoned(STATES));
    host.forward(workers, outputs);
    host.backward(workers, gradients);
    return List.of(
        outputs.o(),
        outputs.ht(),
        gradients.dQ(),
        gradients.dK(),
        gradients.dV(),
        dG(gradients),
        dH0(gradients));
  }

  private static float[] dG(GlaHost.Cotangents gradients) {
    float[] dG = gradients.dG();
    return dG == null ? new float[0] : dG;
  }

  private static float[] dH0(GlaHost.Cotangents gradients) {
    float[] dH0 = gradients.dH0();
    return dH0 == null ? new float[0] : dH0;
  }

  private static float[] poisoned(int size) {
    float[] values = new float[size];
    Arrays.fill(values, Float.NaN);
    return values;
  }
}
