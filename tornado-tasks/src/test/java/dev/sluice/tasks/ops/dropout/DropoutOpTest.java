package dev.sluice.tasks.ops.dropout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DropoutOpTest {
  private static final Shape SHAPE = Shape.of(7, 143);
  private static final int SITE = 5;

  static List<Trial> trials() {
    return OpCheck.trials(DropoutOp.NAME, DropoutImplementation.class);
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithReference(Trial trial) {
    float[] x = OpCheck.normal(1, SHAPE.size());
    float[] dY = OpCheck.normal(2, SHAPE.size());
    int[] key = {0x89ABCDEF, 0xF1234567, 17, 2};
    float probability = 0.3f;
    OpProbe probe = trial.probe();
    Tensor input = probe.input("x", SHAPE, x);
    Tensor randomKey = probe.integers("key", Shape.of(4), key);
    Tensor y = DropoutOp.apply(probe.graph(), input, probability, randomKey, SITE);
    Tensor z = DropoutOp.apply(probe.graph(), input, probability, randomKey, SITE + 1);
    var results = probe.run(Map.of("y", y, "z", z), Map.of("y", dY, "z", dY));

    double[] wide = OpCheck.doubles(x);
    double[] slope = OpCheck.doubles(dY);
    OpCheck.assertClose(
        "y",
        DropoutReference.forward(wide, key, probability, SITE),
        results.get("y"),
        OpCheck.OUTPUT);
    OpCheck.assertClose(
        "z",
        DropoutReference.forward(wide, key, probability, SITE + 1),
        results.get("z"),
        OpCheck.OUTPUT);
    double[] dX = DropoutReference.forward(slope, key, probability, SITE);
    double[] other = DropoutReference.forward(slope, key, probability, SITE + 1);
    for (int i = 0; i < dX.length; i++) {
      dX[i] += other[i];
    }
    OpCheck.assertClose("dX", dX, results.get("grad/x"), OpCheck.GRADIENT);
  }

  /// Each part of the key changes the mask; the share kept is that asked for.
  @Test
  void masksDifferAndKeepTheRightShare() {
    double[] ones = new double[100_000];
    Arrays.fill(ones, 1.0);
    float probability = 0.1f;
    int[] key = {1, 2, 3, 4};
    double[] mask = DropoutReference.forward(ones, key, probability, SITE);
    for (int part = 0; part < 4; part++) {
      int[] changed = key.clone();
      changed[part]++;
      assertFalse(Arrays.equals(mask, DropoutReference.forward(ones, changed, probability, SITE)));
    }
    assertFalse(Arrays.equals(mask, DropoutReference.forward(ones, key, probability, SITE + 1)));
    double kept = Arrays.stream(mask).filter(m -> m != 0.0).count() / (double) mask.length;
    // Four standard deviations of a share of 0.1 among 100,000.
    assertEquals(0.9, kept, 4 * Math.sqrt(0.1 * 0.9 / mask.length));
  }

  @Test
  void probabilityZeroIsTheInputItself() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", SHAPE, new float[SHAPE.size()]);
    Tensor key = probe.integers("key", Shape.of(4), new int[4]);
    assertSame(x, DropoutOp.apply(probe.graph(), x, 0.0f, key, SITE));
  }

  @Test
  void refusesAProbabilityOfOne() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.input("x", SHAPE, new float[SHAPE.size()]);
    Tensor key = probe.integers("key", Shape.of(4), new int[4]);
    var refused =
        assertThrows(
            GraphException.class, () -> DropoutOp.apply(probe.graph(), x, 1.0f, key, SITE));
    assertEquals("dropout probability 1.0: must be from 0 to below 1", refused.getMessage());
  }
}
