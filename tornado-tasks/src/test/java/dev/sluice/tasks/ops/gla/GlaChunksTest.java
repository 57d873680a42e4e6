package dev.sluice.tasks.ops.gla;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// The two forms of [GlaHost], and where one gives way to the other.
class GlaChunksTest {
  private static final int LENGTH = 70;
  private static final int KEYS = 20;
  private static final int VALUES = 40;

  @Test
  void gatesUpToTheLimitGoInChunks() {
    check(-GlaChunks.LIMIT / GlaChunkRows.C, true);
  }

  @Test
  void gatesBeyondTheLimitGoTokenByToken() {
    check(-1.01f * GlaChunks.LIMIT / GlaChunkRows.C, false);
  }

  @Test
  void gatesThatTheStateCarriesGoInChunks() {
    check(-0.03f, true);
  }

  @Test
  void gatesAboveOneGoInChunks() {
    check(0.02f, true);
  }

  @Test
  void oneStrongGateMakesItsHeadGoTokenByToken() {
    GlaCase weak = GlaCase.of("weak", 1, 1, LENGTH, 2, KEYS, VALUES, -0.1f);
    double[] gates = weak.input("g").clone();
    gates[(LENGTH - 1) * 2 * KEYS + KEYS - 1] = -GlaChunks.LIMIT - 1;
    GlaCase strong = weak.with("g", gates);
    assertFalse(suits(strong, 2, 0));
    assertTrue(suits(strong, 2, 1));
    GlaCase.assertClose(strong.expected(), strong.run(host()));
  }

  /// The same gate for all tokens and keys.
  private static void check(float gate, boolean inChunks) {
    GlaCase any = GlaCase.of("one gate", 2, 1, LENGTH, 1, KEYS, VALUES, -0.1f);
    double[] gates = new double[any.input("g").length];
    Arrays.fill(gates, gate);
    GlaCase numbers = any.with("g", gates);
    assertEquals(inChunks, suits(numbers, 1, 0));
    GlaCase.assertClose(numbers.expected(), numbers.run(host()));
  }

  private static boolean suits(GlaCase numbers, int heads, int h) {
    GlaDimensions dims =
        new GlaDimensions(
            1, LENGTH, LENGTH, heads, KEYS, VALUES, false, GateKind.KEY, GlaCase.SCALE);
    var in =
        new GlaHost.Operands(
            GlaCase.floats(numbers.input("q")),
            GlaCase.floats(numbers.input("k")),
            GlaCase.floats(numbers.input("v")),
            GlaCase.floats(numbers.input("g")),
            null);
    float[] scratch = new float[GlaHost.scratch(dims, heads, 1)];
    var into =
        new GlaHost.Outputs(
            new float[LENGTH * heads * VALUES], new float[heads * KEYS * VALUES], null);
    int strong = new GlaChunks(new GlaSweep(dims, null), in, scratch).forward(0, 0, 0, heads, into);
    return (strong >> h & 1) == 0;
  }

  private static Trial host() {
    return OpCheck.trials(GlaOp.NAME, GlaImplementation.class).stream()
        .filter(trial -> trial.toString().contains(GlaImplementation.HOST.id()))
        .findFirst()
        .orElseThrow();
  }
}
