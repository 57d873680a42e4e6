package dev.sluice.tasks.ops.attentiondecode;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static dev.sluice.tasks.testing.OpCheck.doubles;
import static dev.sluice.tasks.testing.OpCheck.normal;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.graph.Tensor;
import dev.sluice.tasks.ops.attention.AttentionOptions;
import dev.sluice.tasks.ops.attention.AttentionReference;
import dev.sluice.tasks.testing.OpCheck;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionDecodeOpTest {
  private static final long SEED = 51;
  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int SIZE = 6;

  static List<OpCheck.Trial> trials() {
    return OpCheck.trials(AttentionDecodeOp.NAME, AttentionDecodeImplementation.class);
  }

  /// Feeds `length` steps by pieces of `steps` into a cache and returns all outputs.
  private static float[] decode(
      OpCheck.Trial trial,
      float[] q,
      float[] k,
      float[] v,
      int length,
      int steps,
      int capacity,
      int window) {
    int queryWidth = HEADS * SIZE;
    int keyWidth = KEY_HEADS * SIZE;
    float[] keys = new float[capacity * keyWidth];
    float[] values = new float[capacity * keyWidth];
    float[] outputs = new float[length * queryWidth];
    for (int at = 0; at < length; at += steps) {
      OpProbe probe = trial.probe();
      Shape cache = Shape.of(1, capacity, KEY_HEADS, SIZE);
      Shape fresh = Shape.of(1, steps, KEY_HEADS, SIZE);
      Tensor keyCache = probe.constant("keys", cache, keys);
      Tensor valueCache = probe.constant("values", cache, values);
      Tensor o =
          AttentionDecodeOp.apply(
              probe.graph(),
              probe.constant(
                  "q",
                  Shape.of(1, steps, HEADS, SIZE),
                  Arrays.copyOfRange(q, at * queryWidth, (at + steps) * queryWidth)),
              probe.constant(
                  "k", fresh, Arrays.copyOfRange(k, at * keyWidth, (at + steps) * keyWidth)),
              probe.constant(
                  "v", fresh, Arrays.copyOfRange(v, at * keyWidth, (at + steps) * keyWidth)),
              keyCache,
              valueCache,
              probe.integers("position", Shape.of(1), new int[] {at}),
              new AttentionOptions(true, window, 0.4f));
      Map<String, float[]> results =
          probe.run(Map.of("o", o, "keys", keyCache, "values", valueCache), Map.of());
      System.arraycopy(results.get("o"), 0, outputs, at * queryWidth, steps * queryWidth);
      keys = results.get("keys");
      values = results.get("values");
    }
    return outputs;
  }

  @ParameterizedTest
  @MethodSource("trials")
  void stepsAndPiecesEqualTheWholeSequence(OpCheck.Trial trial) {
    int length = 12;
    float[] q = normal(SEED, length * HEADS * SIZE);
    float[] k = normal(SEED + 1, length * KEY_HEADS * SIZE);
    float[] v = normal(SEED + 2, length * KEY_HEADS * SIZE);
    for (int window : new int[] {0, 1, 5}) {
      double[] expected =
          AttentionReference.forward(
              doubles(q),
              doubles(k),
              doubles(v),
              new int[] {0, length},
              new AttentionOptions(true, window, 0.4f),
              HEADS,
              KEY_HEADS,
              SIZE);
      for (int steps : new int[] {1, 4}) {
        int capacity = window == 0 ? length : window + steps - 1;
        assertClose(
            "window " + window + ", steps " + steps,
            expected,
            decode(trial, q, k, v, length, steps, Math.max(capacity, steps), window),
            OpCheck.OUTPUT);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void sequencesMayBeAtPositionsOfTheirOwn(OpCheck.Trial trial) {
    int batch = 3;
    int capacity = 5;
    int[] position = {0, 3, 11};
    Shape fresh = Shape.of(batch, 1, KEY_HEADS, SIZE);
    Shape cache = Shape.of(batch, capacity, KEY_HEADS, SIZE);
    Shape queries = Shape.of(batch, 1, HEADS, SIZE);
    float[] q = normal(SEED, queries.size());
    float[] k = normal(SEED + 1, fresh.size());
    float[] v = normal(SEED + 2, fresh.size());
    float[] keys = normal(SEED + 3, cache.size());
    float[] values = normal(SEED + 4, cache.size());
    OpProbe probe = trial.probe();
    Tensor keyCache = probe.constant("keys", cache, keys);
    Tensor o =
        AttentionDecodeOp.apply(
            probe.graph(),
            probe.constant("q", queries, q),
            probe.constant("k", fresh, k),
            probe.constant("v", fresh, v),
            keyCache,
            probe.constant("values", cache, values),
            probe.integers("position", Shape.of(batch), position),
            new AttentionOptions(true, 0, 0.4f));
    Map<String, float[]> actual = probe.run(Map.of("o", o, "keys", keyCache), Map.of());
    double[] expectedKeys = doubles(keys);
    double[] expected =
        AttentionDecodeReference.forward(
            doubles(q),
            doubles(k),
            doubles(v),
            expectedKeys,
            doubles(values),
            position,
            0.4f,
            0,
            batch,
            1,
            HEADS,
            KEY_HEADS,
            SIZE,
            capacity);
    assertClose("o", expected, actual.get("o"), OpCheck.OUTPUT);
    assertClose("keys", expectedKeys, actual.get("keys"), OpCheck.OUTPUT);
  }

  @Test
  void refusesMoreStepsThanTheCacheHolds() {
    OpProbe probe = OpCheck.trial().probe();
    Tensor x = probe.constant("x", Shape.of(1, 3, 2, 4), new float[24]);
    Tensor cache = probe.constant("cache", Shape.of(1, 2, 2, 4), new float[16]);
    Tensor position = probe.integers("position", Shape.of(1), new int[1]);
    assertThrows(
        GraphException.class,
        () ->
            AttentionDecodeOp.apply(
                probe.graph(), x, x, x, cache, cache, position, AttentionOptions.causal(4)));
  }
}
