package dev.sluice.tasks.ops.gla;

import static dev.sluice.tasks.testing.OpCheck.assertClose;
import static dev.sluice.tasks.testing.OpCheck.assertGradient;
import static dev.sluice.tasks.testing.OpCheck.dot;
import static dev.sluice.tasks.testing.OpCheck.doubles;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.tasks.graph.GraphException;
import dev.sluice.tasks.graph.OpProbe;
import dev.sluice.tasks.graph.Shape;
import dev.sluice.tasks.testing.ConformanceFile;
import dev.sluice.tasks.testing.OpCheck;
import dev.sluice.tasks.testing.OpCheck.Trial;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every implementation of gated linear attention against the reference and the conformance file.
class GlaTest {
  static List<Trial> trials() {
    return OpCheck.trials(GlaOp.NAME, GlaImplementation.class);
  }

  static Stream<Object[]> trialsAndCases() {
    return trials().stream().flatMap(t -> GlaCase.all().map(c -> new Object[] {t, c}));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("trialsAndCases")
  void agreesWithTheReference(Trial trial, GlaCase numbers) {
    GlaCase.assertClose(numbers.expected(), numbers.run(trial));
  }

  @ParameterizedTest
  @MethodSource("trials")
  void packedSequencesEqualSeparateOnes(Trial trial) {
    GlaCase packed = GlaCase.packed("packed", 11, new int[] {0, 5, 5, 22, 64, 64}, 2, 12, 20, -1);
    Map<String, float[]> together = packed.run(trial);
    for (int n = 0; n < packed.sequences(); n++) {
      if (packed.length(n) > 0) {
        Map<String, float[]> alone = packed.alone(n).run(trial);
        for (String name : alone.keySet()) {
          assertArrayEquals(
              alone.get(name), packed.part(name, together.get(name), n), name + " of " + n);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("trials")
  void onlyTheFinalStateMayHaveAGradient(Trial trial) {
    GlaCase numbers = GlaCase.of("state", 3, 2, 9, 1, 5, 3, -1).withoutOutputGradient();
    Map<String, float[]> results = numbers.run(trial);
    numbers
        .expected()
        .forEach((name, values) -> assertClose(name, values, results.get(name), OpCheck.GRADIENT));
  }

  @ParameterizedTest
  @MethodSource("trials")
  void agreesWithTheConformanceFile(Trial trial) {
    Optional<ConformanceFile> file = ConformanceFile.find("gla");
    Assumptions.assumeTrue(file.isPresent());
    for (String name : file.get().cases()) {
      checkConformance(trial, file.get(), name);
    }
  }

  private static void checkConformance(Trial trial, ConformanceFile file, String name) {
    String in = name + "/in/";
    OpProbe probe = trial.probe();
    int keySize = file.shape(in + "q")[3];
    var result =
        GlaOp.apply(
            probe.graph(),
            probe.input("q", Shape.of(file.shape(in + "q")), file.floats(in + "q")),
            probe.input("k", Shape.of(file.shape(in + "k")), file.floats(in + "k")),
            probe.input("v", Shape.of(file.shape(in + "v")), file.floats(in + "v")),
            probe.input("g", Shape.of(file.shape(in + "g")), file.floats(in + "g")),
            (float) (1 / Math.sqrt(keySize)),
            probe.input("h0", Shape.of(file.shape(in + "h0")), file.floats(in + "h0")),
            null);
    Map<String, float[]> results =
        probe.run(
            Map.of("o", result.output(), "ht", result.finalState()),
            Map.of("o", file.floats(name + "/cot/o"), "ht", file.floats(name + "/cot/ht")));
    for (String output : List.of("o", "ht")) {
      double[] expected = doubles(file.floats(name + "/out/" + output));
      assertClose(name + " " + output, expected, results.get(output), OpCheck.OUTPUT);
    }
    for (String input : List.of("q", "k", "v", "g", "h0")) {
      double[] expected = doubles(file.floats(name + "/grad/" + input));
      float[] actual = results.get(OpProbe.GRADIENT + input);
      assertClose(name + " d" + input, expected, actual, OpCheck.GRADIENT);
    }
  }

  @Test
  void referenceGradientsAgreeWithDifferences() {
    GlaCase numbers = GlaCase.packed("differences", 5, new int[] {0, 3, 3, 7}, 2, 3, 2, -1);
    Map<String, double[]> analytic = numbers.expected();
    for (String name : List.of("q", "k", "v", "g", "h0")) {
      assertGradient(
          name,
          point -> {
            Map<String, double[]> outputs = numbers.with(name, point).expected();
            return dot(outputs.get("o"), numbers.cotangent("o"))
                + dot(outputs.get("ht"), numbers.cotangent("ht"));
          },
          numbers.input(name),
          analytic.get(OpProbe.GRADIENT + name));
    }
  }

  @Test
  void shapesThatDoNotFitAreRefusedByName() {
    OpProbe probe = trials().getLast().probe();
    var q = probe.input("q", Shape.of(1, 2, 1, 4), new float[8]);
    var k = probe.input("k", Shape.of(1, 2, 1, 3), new float[6]);
    GraphException e =
        assertThrows(
            GraphException.class, () -> GlaOp.apply(probe.graph(), q, k, q, q, 1, null, null));
    assertTrue(e.getMessage().contains("'k'"), e.getMessage());
  }
}
